import { send } from '#dashboard/app/api/client.ts';

/** Where the user pool's page sends people back to; its client must allow it. */
export const CALLBACK_PATH = '/app/signed-in';

/** How people sign in here; served beside the pages. */
export type AppConfig = {
  readonly auth:
    | { readonly kind: 'local' }
    | { readonly kind: 'cognito'; readonly domain: string; readonly clientId: string };
};

/** @throws UnreachableError, ProblemError */
export async function loadConfig(): Promise<AppConfig> {
  return (await send('/app-config.json')) as AppConfig;
}
