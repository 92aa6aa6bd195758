import type { AppConfig } from '#dashboard/app/session/config.ts';
import { localSignIn } from '#dashboard/app/session/local.ts';
import type { SignIn } from '#dashboard/app/session/sign-in.ts';

/** The way to sign in here. Cognito's is loaded only where it is used. */
export async function signInFor({ auth }: AppConfig): Promise<SignIn> {
  if (auth.kind === 'local') return localSignIn;
  const { cognitoSignIn } = await import('#dashboard/app/session/cognito.ts');
  return cognitoSignIn(auth);
}
