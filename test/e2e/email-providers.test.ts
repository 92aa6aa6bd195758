import { beforeEach, describe, expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const provider = await startReceiver();
const product = await startProduct({ receivers: [provider] });
const alice = await product.api('alice');
const SOON = { max_attempts: 2, initial_delay_seconds: 0 };
const QUICK = { timeout_seconds: 1, retry: { max_attempts: 1 } };
const TOO_LONG = {
  code: 'action_unavailable',
  message: expect.stringContaining('longer than its 1 s'),
};
const API_KEY = 'key-that-nobody-sees';

beforeEach(() => provider.answer(() => ({ body: { id: 'msg_1' } })));

async function connect(kind: string, base_url = provider.url): Promise<string> {
  const settings = { from: 'Example Ltd <hello@example.com>', base_url };
  const body = { kind, name: kind, settings, secret: { api_key: API_KEY } };
  return (await alice.post('/api/connections', body)).body.id;
}

async function mail(config: object, body: unknown = {}, more: object = {}) {
  const { id } = await alice.create({
    name: 'Writing',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'email', config, retry: SOON, ...more }],
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

const letter = {
  to: ['ada@example.com', '{{trigger.body.email}}'],
  cc: ['ADA@example.com', 'carol@example.com'],
  subject: 'Hello\r\nBcc: eve@example.com {{trigger.body.name}}',
  body: '**Welcome**, {{trigger.body.name}}',
};
const data = { email: 'bob@example.com', name: 'Bob\r\nBcc: eve@example.com' };

describe('by Resend', () => {
  it('an e-mail is sent as Resend documents it, once for its key', async () => {
    const connection_id = await connect('resend');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run).toMatchObject({ status: 'success' });
    expect(run.steps[0].output).toEqual({ message_id: 'msg_1', suppressed: [] });
    const [request] = await provider.got('/emails');
    expect(request).toMatchObject({
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'idempotency-key': `${run.id}:0` },
    });
    expect(request?.json).toEqual({
      from: 'Example Ltd <hello@example.com>',
      to: ['ada@example.com', 'bob@example.com'],
      cc: ['carol@example.com'],
      subject: 'Hello Bcc: eve@example.com Bob Bcc: eve@example.com',
      text: '**Welcome**, Bob\r\nBcc: eve@example.com',
      html: expect.stringContaining('<strong>Welcome</strong>, Bob'),
    });
    expect(JSON.stringify(run)).not.toContain(API_KEY);
  });

  it('a stored template is sent with its variables', async () => {
    const connection_id = await connect('resend', `${provider.url}/templates/`);
    const template = { template_id: 'tmpl_1', template_data: { name: '{{trigger.body.name}}' } };

    const run = await mail(
      { to: ['ada@example.com'], connection_id, ...template },
      { name: 'Ada' },
    );

    expect(run).toMatchObject({ status: 'success' });
    const [request] = await provider.got('/templates/emails');
    expect(request?.json).toEqual({
      from: 'Example Ltd <hello@example.com>',
      to: ['ada@example.com'],
      template: { id: 'tmpl_1', variables: { name: 'Ada' } },
    });
  });

  it.each([
    [429, 'rate_limit_exceeded', 'action_unavailable', 2, 'takes no more e-mails this second'],
    [500, 'application_error', 'action_unavailable', 2, 'Resend answered 500'],
    [409, 'concurrent_idempotent_requests', 'action_unavailable', 2, 'still busy'],
    [403, 'invalid_api_key', 'action_rejected', 1, 'Make a new connection with a current one.'],
    [422, 'validation_error', 'action_rejected', 1, 'the domain of from is verified'],
  ])('%i %s is said so that people know what to do', async (status, name, code, attempts, told) => {
    provider.answer(() => ({ status, body: { statusCode: status, name, message: 'Told.' } }));
    const connection_id = await connect('resend');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.error).toEqual({ code, message: expect.stringContaining(told) });
    expect(run.steps[0]).toMatchObject({
      attempts,
      output: { status, name, message: 'Told.' },
    });
  });

  it.each([
    [401, 'API key is invalid', 'Make a new connection with a current one.'],
    [403, 'You can only send testing emails to your own email address.', 'Verify one.'],
  ])('%i validation_error is told by what it says: %s', async (status, message, told) => {
    provider.answer(() => ({ status, body: { name: 'validation_error', message } }));
    const connection_id = await connect('resend');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.error.message).toContain(told);
  });

  it('is ended by its time-out', async () => {
    provider.answer(() => new Promise(() => {}));
    const connection_id = await connect('resend');

    const run = await mail({ ...letter, connection_id }, data, QUICK);

    expect(run.error).toEqual(TOO_LONG);
  });
});

describe('by SendGrid', () => {
  it('an e-mail is sent as SendGrid documents it', async () => {
    provider.answer(() => ({ status: 202, headers: { 'x-message-id': 'sg-1' }, body: '' }));
    const connection_id = await connect('sendgrid');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.steps[0]).toMatchObject({ status: 'success', output: { message_id: 'sg-1' } });
    const [request] = await provider.got('/v3/mail/send');
    expect(request?.headers.authorization).toBe(`Bearer ${API_KEY}`);
    expect(request?.json).toEqual({
      from: { email: 'hello@example.com', name: 'Example Ltd' },
      personalizations: [
        {
          to: [{ email: 'ada@example.com' }, { email: 'bob@example.com' }],
          cc: [{ email: 'carol@example.com' }],
        },
      ],
      subject: 'Hello Bcc: eve@example.com Bob Bcc: eve@example.com',
      content: [
        { type: 'text/plain', value: '**Welcome**, Bob\r\nBcc: eve@example.com' },
        { type: 'text/html', value: expect.stringContaining('<strong>Welcome</strong>') },
      ],
    });
  });

  it('a dynamic template is sent with its data', async () => {
    provider.answer(() => ({ status: 202 }));
    const connection_id = await connect('sendgrid', `${provider.url}/dynamic`);
    const template = { template_id: 'd-1', template_data: { n: '{{trigger.body.n}}' } };

    await mail({ to: ['ada@example.com'], subject: 'S', connection_id, ...template }, { n: 7 });

    const [request] = await provider.got('/dynamic/v3/mail/send');
    expect(request?.json).toEqual({
      from: { email: 'hello@example.com', name: 'Example Ltd' },
      personalizations: [{ to: [{ email: 'ada@example.com' }], dynamic_template_data: { n: 7 } }],
      subject: 'S',
      template_id: 'd-1',
    });
  });

  it.each([
    [401, 'action_rejected', 'Make a new connection'],
    [429, 'action_unavailable', 'takes no more e-mails for now'],
    [400, 'action_rejected', '(from.email). Check the addresses'],
  ])('%i is said so that people know what to do', async (status, code, told) => {
    const errors = [{ message: 'Told.', field: 'from.email', help: null }];
    provider.answer(() => ({ status, body: { errors } }));
    const connection_id = await connect('sendgrid');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.error).toEqual({ code, message: expect.stringContaining(told) });
    expect(run.steps[0].output).toMatchObject({ status, errors: [{ message: 'Told.' }] });
  });

  it('waits until SendGrid takes more, as it says', async () => {
    const connection_id = await connect('sendgrid', `${provider.url}/limited`);
    const now = Date.UTC(2027, 0);
    const headers = {
      date: new Date(now).toUTCString(),
      'x-ratelimit-reset': String(now / 1_000 + 1),
    };
    const calls = () => provider.requests.filter(({ path }) => path.startsWith('/limited'));
    provider.answer(() => (calls().length === 1 ? { status: 429, headers } : { status: 202 }));

    const run = await mail({ ...letter, connection_id }, data, {
      retry: { ...SOON, max_delay_seconds: 10 },
    });

    expect(run).toMatchObject({ status: 'success', steps: [{ attempts: 2 }] });
    const [first, second] = await provider.got('/limited/v3/mail/send', 2);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('is ended by its time-out', async () => {
    provider.answer(() => new Promise(() => {}));
    const connection_id = await connect('sendgrid');

    const run = await mail({ ...letter, connection_id }, data, QUICK);

    expect(run.error).toEqual(TOO_LONG);
  });
});

describe('by the own Amazon SES', () => {
  const settings = {
    from: 'Example Ltd <hello@example.com>',
    region: 'eu-west-1',
    access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  };
  const connectSes = async (path: string) => {
    const { body } = await alice.post('/api/connections', {
      kind: 'ses_identity',
      name: 'SES',
      settings: { ...settings, base_url: `${provider.url}${path}` },
      secret: { secret_access_key: API_KEY },
    });
    return body.id as string;
  };

  it('an e-mail is sent as SES documents it, signed', async () => {
    provider.answer(() => ({ body: { MessageId: 'ses-1' } }));
    const connection_id = await connectSes('/own');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.steps[0]).toMatchObject({ status: 'success', output: { message_id: 'ses-1' } });
    const [request] = await provider.got('/own/v2/email/outbound-emails');
    expect(request?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/ses\/aws4_request, /,
    );
    const text = (Data: unknown) => ({ Data, Charset: 'UTF-8' });
    expect(request?.json).toEqual({
      FromEmailAddress: 'Example Ltd <hello@example.com>',
      Destination: {
        ToAddresses: ['ada@example.com', 'bob@example.com'],
        CcAddresses: ['carol@example.com'],
      },
      Content: {
        Simple: {
          Subject: text('Hello Bcc: eve@example.com Bob Bcc: eve@example.com'),
          Body: {
            Text: text('**Welcome**, Bob\r\nBcc: eve@example.com'),
            Html: text(expect.stringContaining('<strong>Welcome</strong>')),
          },
        },
      },
    });
  });

  it('a stored template is sent with its data', async () => {
    provider.answer(() => ({ body: { MessageId: 'ses-2' } }));
    const connection_id = await connectSes('/stored');

    await mail(
      { to: ['ada@example.com'], connection_id, template_id: 'Hi', template_data: { n: 1 } },
      {},
    );

    const [request] = await provider.got('/stored/v2/email/outbound-emails');
    expect(request?.json.Content).toEqual({
      Template: { TemplateName: 'Hi', TemplateData: '{"n":1}' },
    });
  });

  it.each([
    [400, 'MessageRejected', 'action_rejected', 'ask AWS for production access'],
    [403, 'SignatureDoesNotMatch', 'action_rejected', 'secret access key is not the one'],
    [429, 'TooManyRequestsException:http://x/', 'action_unavailable', 'answered 429'],
    [400, 'LimitExceededException', 'action_unavailable', 'of the day are used up'],
  ])('%i %s is said so that people know what to do', async (status, type, code, told) => {
    provider.answer(() => ({ status, headers: { 'x-amzn-errortype': type }, body: {} }));
    const connection_id = await connectSes('/refused');

    const run = await mail({ ...letter, connection_id }, data);

    expect(run.error).toEqual({ code, message: expect.stringContaining(told) });
  });

  it('is ended by its time-out', async () => {
    provider.answer(() => new Promise(() => {}));
    const connection_id = await connectSes('/silent');

    const run = await mail({ ...letter, connection_id }, data, QUICK);

    expect(run.error).toEqual(TOO_LONG);
  });
});

it.each(['resend', 'sendgrid', 'ses_identity'])(
  'an answer that is not one of %s is no e-mail that was sent',
  async (kind) => {
    const more = kind === 'ses_identity' && {
      region: 'eu-west-1',
      access_key_id: 'AKIAIOSFODNN7EXAMPLE',
    };
    const named = kind === 'ses_identity' ? 'secret_access_key' : 'api_key';
    const { body: connection } = await alice.post('/api/connections', {
      kind,
      name: kind,
      settings: { from: 'hello@example.com', base_url: provider.url, ...more },
      secret: { [named]: API_KEY },
    });
    const message = { ...letter, connection_id: connection.id };
    provider.answer(() => ({ body: '<html>Welcome</html>' }));

    const page = await mail(message, data);

    expect(page.error).toMatchObject({
      code: 'action_rejected',
      message: expect.stringContaining('Check base_url of the connection.'),
    });
    provider.answer(() => ({ status: 302, headers: { location: '/' } }));
    const moved = await mail(message, data);
    expect(moved.error.message).toContain('redirected, which is not followed here');
  },
);

it.each<[string, object, string]>([
  ['no body', { body: undefined }, 'body'],
  ['no subject', { subject: undefined }, 'subject'],
  ['both body and template', { template_id: 'x', connection_id: 'c' }, 'body'],
  ['a template without a provider', { body: undefined, template_id: 'x' }, 'template_id'],
  ['variables without a template', { template_data: {} }, 'template_data'],
])('an e-mail with %s is refused when it is saved', async (_, change, field) => {
  const config = { to: ['ada@example.com'], subject: 'S', body: 'B', ...change };

  const { status, body } = await alice.post('/api/agents', {
    name: 'Bad',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'email', config }],
  });

  expect(status).toBe(400);
  expect(body.error.details.fields[0].path).toBe(`actions[0].config.${field}`);
});

it('a list of recipients comes from data, one address a slot', async () => {
  const config = { to: '{{trigger.body.to}}', subject: 'S', body: 'B' };

  const fine = await mail(config, {
    to: ['ada@example.com', 'bob@example.com', 'Ada@example.com'],
  });
  const joined = await mail(config, { to: ['ada@example.com, bob@example.com'] });

  expect(fine).toMatchObject({ status: 'success' });
  expect(joined.error.message).toContain('not one plain e-mail address');
  const { body: mailbox } = await send(`${product.url}/local/mailbox`, 'GET');
  expect(mailbox.items).toHaveLength(1);
  expect(mailbox.items[0].to).toEqual(['ada@example.com', 'bob@example.com']);
});
