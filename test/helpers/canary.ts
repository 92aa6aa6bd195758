import { newGoogleKey } from '#test/helpers/google-key';
import type { Received, ReceiverAnswer } from '#test/helpers/receiver';

/** A secret with everything that encodings spell differently. */
export const CANARY = 'canary-7Qz+/9xK=4Lp';

/** Connections whose secrets are looked for, and how. */
type Canaries = {
  /** A body of `POST /api/connections` for each kind, but for its name; all send to one service. */
  readonly bodies: Readonly<Record<string, Record<string, unknown>>>;
  /** Every way in which one of the secrets could be written. */
  readonly spellings: readonly string[];
};

/**
 * A connection of each kind, with secrets that nothing else has.
 *
 * @param service without a slash at the end, and reached under the same name by the product
 */
export function canariesFor(service: string): Canaries {
  const key = newGoogleKey(`${service}/token`);
  const origins = { allowed_hosts: [service] };
  const bodies = {
    slack_bot: { settings: { base_url: `${service}/slack` }, secret: { token: CANARY } },
    slack_webhook: { secret: { url: `${service}/services/T0/B0/${CANARY}` } },
    ses_identity: {
      settings: {
        from: 'Ada <ada@example.com>',
        region: 'eu-west-1',
        access_key_id: 'AKIAIOSFODNN7EXAMPLE',
        base_url: service,
      },
      secret: { secret_access_key: CANARY },
    },
    resend: {
      settings: { from: 'a@example.com', base_url: service },
      secret: { api_key: CANARY },
    },
    sendgrid: {
      settings: { from: 'a@example.com', base_url: service },
      secret: { api_key: CANARY },
    },
    http_bearer: { secret: { token: CANARY }, ...origins },
    http_basic: { settings: { username: 'ada' }, secret: { password: CANARY }, ...origins },
    http_header: {
      settings: { header_name: 'X-Api-Key' },
      secret: { value: CANARY },
      ...origins,
    },
    http_oauth2: {
      settings: { token_url: `${service}/token`, client_id: 'client' },
      secret: { client_secret: CANARY },
      ...origins,
    },
    google_service_account: { settings: { base_url: service }, secret: { key: key.text } },
    google_oauth: {
      settings: { client_id: 'client', token_url: `${service}/token`, base_url: service },
      secret: { client_secret: CANARY, refresh_token: `${CANARY}-refresh` },
    },
    openai_compatible: {
      settings: { base_url: `${service}/v1`, model: 'tiny-1' },
      secret: { api_key: CANARY },
    },
  };
  const spellings = [
    CANARY,
    encodeURIComponent(CANARY),
    Buffer.from(CANARY).toString('base64'),
    Buffer.from(CANARY).toString('base64url'),
    Buffer.from(CANARY).toString('hex'),
    Buffer.from(`ada:${CANARY}`).toString('base64'),
    ...key.privateKey.split('\n').slice(1, 4),
  ];
  return { bodies, spellings };
}

/** Gives back whatever it gets, in several encodings, as a careless service would. */
export function echo(request: Received): ReceiverAnswer {
  const told = JSON.stringify(request.headers) + request.body;
  const credential = request.headers.authorization ?? request.headers['x-api-key'] ?? '';
  const seen = {
    told,
    credential,
    base64: Buffer.from(CANARY).toString('base64'),
    hex: Buffer.from(CANARY).toString('hex'),
    url: encodeURIComponent(CANARY),
    [`key-${CANARY}`]: true,
  };
  return { body: seen, headers: { 'x-echo': encodeURIComponent(CANARY) } };
}

/** A step that uses a connection of a kind. @param service where HTTP connections may be used */
export function stepUsing(kind: string, connection_id: string, service: string) {
  const mail = { to: ['a@example.com'], subject: 'S', body: 'B' };
  const row = {
    operation: 'append_row',
    spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
    range: 'A:A',
    values: ['x'],
  };
  const uses: Readonly<Record<string, { readonly type: string; readonly config: object }>> = {
    slack_bot: { type: 'slack', config: { channel: 'C1', text: 'x' } },
    slack_webhook: { type: 'slack', config: { text: 'x' } },
    ses_identity: { type: 'email', config: mail },
    resend: { type: 'email', config: mail },
    sendgrid: { type: 'email', config: mail },
    google_oauth: { type: 'google_sheets', config: row },
    google_service_account: { type: 'google_sheets', config: row },
    openai_compatible: {
      type: 'run_agent',
      config: { agent_name: 'Content Agent', prompt: 'Greet.', input: 'Ada' },
    },
  };
  const use = uses[kind];
  if (use !== undefined) return { ...use, config: { ...use.config, connection_id } };
  const config = { method: 'POST', url: `${service}/with-${kind}`, auth: { connection_id } };
  return { type: 'http', config };
}
