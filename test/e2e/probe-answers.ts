import { CANARY } from '#test/helpers/canary';
import type { ReceiverAnswer } from '#test/helpers/receiver';

/** Kind of a connection, the path that its test asks, the answer, and what the test then finds and says. */
type ProbeAnswer = [string, string, ReceiverAnswer, boolean, string];

/** Answers of services to the test of a connection. @param elsewhere another server's address */
export function probeAnswers(elsewhere: string): ProbeAnswer[] {
  return [
    [
      'slack_bot',
      '/slack/auth.test',
      { headers: { 'x-oauth-scopes': 'users:read,chat:write.public' }, body: { ok: true } },
      false,
      'give the app the scope chat:write',
    ],
    [
      'slack_bot',
      '/slack/auth.test',
      { headers: { 'x-oauth-scopes': 'users:read,chat:write' }, body: { ok: true } },
      true,
      'Slack knows it',
    ],
    ['slack_bot', '/slack/auth.test', { status: 429 }, false, 'try again later'],
    ['slack_webhook', `/services/T0/B0/${CANARY}`, { status: 503 }, false, 'try again later'],
    [
      'resend',
      '/domains',
      { status: 400, body: { name: 'validation_error', message: 'API key is invalid' } },
      false,
      'the credential is wrong',
    ],
    ['resend', '/domains', { status: 401, body: { name: 'restricted_api_key' } }, true, 'may send'],
    ['sendgrid', '/v3/scopes', { body: { scopes: ['alerts.read'] } }, false, 'give it Mail Send'],
    ['sendgrid', '/v3/scopes', { body: { scopes: ['mail.send'] } }, true, 'answered 200'],
    [
      'ses_identity',
      '/v2/email/account',
      { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: {} },
      true,
      'knows the key. It may not ses:GetAccount',
    ],
    [
      'ses_identity',
      '/v2/email/account',
      { status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' }, body: {} },
      false,
      'the credential is wrong',
    ],
    [
      'ses_identity',
      '/v2/email/account',
      { body: { SendingEnabled: true, ProductionAccessEnabled: false } },
      true,
      'in its sandbox',
    ],
    ['ses_identity', '/v2/email/account', { body: { SendingEnabled: false } }, false, 'paused'],
    ['openai_compatible', '/v1/models', { status: 503, body: {} }, false, 'try again later'],
    ['openai_compatible', '/v1/models', { body: '<html>' }, false, 'Check base_url.'],
    [
      'openai_compatible',
      '/v1/models',
      { status: 307, headers: { location: elsewhere } },
      false,
      'redirected, which is not followed here',
    ],
  ];
}
