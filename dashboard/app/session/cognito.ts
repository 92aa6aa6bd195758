import { type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { type AppConfig, CALLBACK_PATH } from '#dashboard/app/session/config.ts';
import type { SignIn } from '#dashboard/app/session/sign-in.ts';

type CognitoConfig = Extract<AppConfig['auth'], { kind: 'cognito' }>;

/** Sign-in by Cognito's own page: the code flow with PKCE. Tokens stay in this tab. */
export function cognitoSignIn({ domain, clientId }: CognitoConfig): SignIn {
  const site = location.origin;
  const base = domain.startsWith('https://') ? domain : `https://${domain}`;
  const manager = new UserManager({
    authority: base,
    client_id: clientId,
    redirect_uri: `${site}${CALLBACK_PATH}`,
    scope: 'openid email profile',
    loadUserInfo: false,
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    metadata: {
      issuer: base,
      authorization_endpoint: `${base}/oauth2/authorize`,
      token_endpoint: `${base}/oauth2/token`,
      revocation_endpoint: `${base}/oauth2/revoke`,
    },
  });

  return {
    kind: 'page',
    async token() {
      const user = await manager.getUser();
      if (!user) return undefined;
      const fresh = isAboutToEnd(user) ? await renewed(manager) : user;
      return fresh?.access_token;
    },
    start: (returnTo) => manager.signinRedirect({ state: returnTo }),
    async finish() {
      const user = await manager.signinRedirectCallback();
      return typeof user.state === 'string' ? user.state : '/app/agents';
    },
    async end() {
      await manager.revokeTokens(['refresh_token']).catch(() => {});
      await manager.removeUser();
      const query = new URLSearchParams({ client_id: clientId, logout_uri: `${site}/` });
      location.assign(`${base}/logout?${query}`);
    },
    forget: () => manager.removeUser(),
  };
}

const MARGIN_SECONDS = 60;

function isAboutToEnd({ expires_in }: User): boolean {
  return expires_in !== undefined && expires_in < MARGIN_SECONDS;
}

/** One renewal at a time, for all requests that wait for it. */
let renewal: Promise<User | null> | undefined;

function renewed(manager: UserManager): Promise<User | null> {
  renewal ??= manager
    .signinSilent()
    .catch(() => null)
    .finally(() => {
      renewal = undefined;
    });
  return renewal;
}
