import { describe, expect, it } from 'vitest';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const allowed = await startReceiver();
const inside = await startReceiver();
const product = await startProduct({ receivers: [allowed] });
const alice = await product.api('alice');

const agent = (url: string, config: object = {}) => ({
  name: 'Reaching out',
  trigger_config: { type: 'manual' },
  actions: [{ type: 'http', config: { url, ...config } }],
});

async function runOf(url: string, body: unknown = {}, config: object = {}) {
  const { id } = await alice.create(agent(url, config));
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

const forbidden = [
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://metadata.google.internal/',
  'http://localhost:1/',
  `http://localhost:${inside.port}/`,
  `http://127.0.0.1:${inside.port}/`,
  `http://127.1:${inside.port}/`,
  `http://2130706433:${inside.port}/`,
  `http://0x7f000001:${inside.port}/`,
  `http://[::1]:${inside.port}/`,
  `http://[::ffff:127.0.0.1]:${inside.port}/`,
  `http://0.0.0.0:${inside.port}/`,
  `http://localhost.:${inside.port}/`,
  'http://10.0.0.1/',
  'http://192.168.1.1/',
  'http://172.16.0.1/',
  'http://100.64.0.1/',
  'http://printer.local/',
  'http://intranet/',
  'https://example.com:22/',
  `${product.url}/api/agents`,
  `${product.url}/local/token`,
];

describe('an address inside', () => {
  it.each(forbidden)('is refused when the agent is saved: %s', async (url) => {
    const { status, body } = await alice.post('/api/agents', agent(url));

    expect(status).toBe(400);
    const [field] = body.error.details.fields;
    expect(field.path).toBe('actions[0].config.url');
    expect(field.message).toMatch(/EGRESS_ALLOW|Use another port|Only some paths/);
  });

  it.each(forbidden)('is refused when a placeholder leads to it: %s', async (url) => {
    const run = await runOf('{{trigger.body.url}}', { url });

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error_message).toMatch(/EGRESS_ALLOW|Use another port|Only some paths/);
  });

  it('is refused when a placeholder is only its host', async () => {
    const run = await runOf(`http://{{trigger.body.host}}:${inside.port}/`, { host: '127.0.0.1' });

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
  });

  it.each([301, 302, 303, 307, 308])('is refused when a %i leads to it', async (status) => {
    allowed.answer(() => ({ status, headers: { location: `${inside.url}/moved` } }));

    const run = await runOf(`${allowed.url}/start`, {}, { method: 'POST', body: 'x' });

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error_message).toContain('127.0.0.1');
  });

  it('is not followed from one redirect to the next', async () => {
    allowed.answer(({ path }) =>
      path === '/hop'
        ? { status: 302, headers: { location: `http://localhost:${inside.port}/` } }
        : { status: 302, headers: { location: '/hop' } },
    );

    const run = await runOf(`${allowed.url}/start`);

    expect(run.status).toBe('failed');
  });

  it('got nothing from any of this', () => {
    expect(inside.requests).toEqual([]);
  });
});

describe('data in the path of an address', () => {
  it.each(['../admin', '%2e%2e/admin', '1/../../admin', '..'])(
    'does not lead above what was written, with the credential of its author: %s',
    async (id) => {
      allowed.answer(() => ({}));
      const before = allowed.requests.length;
      const { body: connection } = await alice.post('/api/connections', {
        kind: 'http_bearer',
        name: 'Users',
        allowed_hosts: [allowed.url],
        secret: { token: 'a-token-for-the-receiver' },
      });

      const auth = { connection_id: connection.id };
      const run = await runOf(`${allowed.url}/users/{{trigger.body.id}}`, { id }, { auth });

      expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
      expect(run.error_message).toContain('".." in its path');
      expect(allowed.requests).toHaveLength(before);
    },
  );
});

describe('an address that is allowed', () => {
  it('is reached, by its name too', async () => {
    allowed.answer(() => ({ body: { ok: true } }));

    for (const url of [`${allowed.url}/a`, `http://localhost:${allowed.port}/b`]) {
      expect((await runOf(url)).status).toBe('success');
    }
  });

  it('is followed to where it redirects', async () => {
    allowed.answer(({ path }) =>
      path === '/from' ? { status: 302, headers: { location: '/to' } } : { body: { path } },
    );

    const run = await runOf(`${allowed.url}/from`);

    expect(run.steps[0].output.json).toEqual({ path: '/to' });
  });

  it("is this machine's own Slack look-alike", async () => {
    const body = { text: 'Hello from {{agent.name}}' };

    const run = await runOf(`${product.url}/local/slack/sales`, {}, { method: 'POST', body });

    expect(run.error_message).toBeNull();
    const inbox = await alice.get('/local/slack');
    expect(inbox.body.items[0]).toMatchObject({
      name: 'sales',
      payload: { text: 'Hello from Reaching out' },
    });
  });
});
