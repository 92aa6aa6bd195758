import type { SchemeRules } from '#core/webhook-auth/scheme';

/** An open door: whoever knows the URL may start runs. */
export const none: Pick<SchemeRules, 'verify' | 'secretProblem'> = {
  verify: () => ({ verdict: 'genuine' }),
  secretProblem: () =>
    'A webhook with auth "none" has no secret. Leave it out, or choose another auth.',
};
