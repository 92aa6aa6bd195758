import { send } from '#dashboard/app/api/client.ts';
import type { SignIn } from '#dashboard/app/session/sign-in.ts';
import { storedToken, storeToken } from '#dashboard/app/session/token.ts';

/** Sign-in on one machine, which asks for no password. */
export const localSignIn: SignIn = {
  kind: 'form',
  token: async () => storedToken(),
  async start(person) {
    const answer = await send('/local/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(person),
    });
    storeToken((answer as { access_token: string }).access_token);
  },
  async end() {
    storeToken(undefined);
    location.assign('/');
  },
  forget: async () => storeToken(undefined),
};
