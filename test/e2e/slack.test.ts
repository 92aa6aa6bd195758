import { beforeEach, describe, expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const slack = await startReceiver();
const product = await startProduct({ receivers: [slack] });
const alice = await product.api('alice');
const SOON = { max_attempts: 2, initial_delay_seconds: 0.1 };

beforeEach(() => slack.answer(() => ({ body: 'ok' })));

/** Runs an agent that only posts to Slack. */
async function post(config: object, body: unknown = {}, more: object = {}) {
  const { id } = await alice.create({
    name: 'Telling Slack',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'slack', config, ...more }],
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

describe('the slack action', () => {
  it('posts to the Slack of this machine, with data as mere text', async () => {
    const text = '<!here> New lead: *{{trigger.body.name}}*';
    const block = (words: string) => ({ type: 'section', text: { type: 'mrkdwn', text: words } });
    const webhook_url = `${product.url}/local/slack/sales`;

    const run = await post(
      { webhook_url, text, blocks: [block('Mail: {{trigger.body.email}}')] },
      { name: '<!channel> & co', email: '<https://evil.example|a@b.example>' },
    );

    expect(run).toMatchObject({ status: 'success', output_summary: 'Posted to Slack' });
    expect(run.steps[0].output).toEqual({ ok: true });
    const { body } = await send(`${product.url}/local/slack`, 'GET');
    expect(body.items[0]).toMatchObject({
      name: 'sales',
      payload: {
        text: '<!here> New lead: *&lt;!channel&gt; &amp; co*',
        blocks: [block('Mail: &lt;https://evil.example|a@b.example&gt;')],
      },
    });
  });

  it('waits as long as Slack asks, then posts once more', async () => {
    slack.answer(() =>
      slack.requests.filter(({ path }) => path === '/limited').length === 1
        ? { status: 429, headers: { 'retry-after': '1' }, body: 'rate_limited' }
        : { body: 'ok' },
    );

    const run = await post(
      { webhook_url: `${slack.url}/limited`, text: 'x' },
      {},
      { retry: { ...SOON, max_delay_seconds: 5 } },
    );

    expect(run).toMatchObject({ status: 'success', steps: [{ attempts: 2 }] });
    expect(run.steps[0].failures[0]).toMatchObject({
      code: 'action_unavailable',
      message: 'Slack takes no more messages for now.',
    });
    const [first, second] = slack.requests.filter(({ path }) => path === '/limited');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it("says Slack's errors in people's words", async () => {
    slack.answer(() => ({ status: 404, body: 'no_service' }));

    const run = await post({ webhook_url: `${slack.url}/gone`, text: 'x' });

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        code: 'action_rejected',
        message: expect.stringContaining('Make a new one in Slack.'),
      },
      steps: [{ attempts: 1, output: { status: 404, error: 'no_service' } }],
    });
    expect(run.error.message).not.toContain('/gone');
  });

  it.each([
    [
      'a page',
      { body: '<!DOCTYPE html><title>Sign in</title>', headers: { 'content-type': 'text/html' } },
      'answered with a page',
    ],
    ['a redirect', { status: 302, headers: { location: '/signin' } }, 'redirected'],
  ])('does not take %s for a message that was posted', async (_, answer, told) => {
    slack.answer(() => answer);

    const run = await post({ webhook_url: `${slack.url}/wrong`, text: 'x' });

    expect(run.error).toEqual({
      code: 'action_rejected',
      message: expect.stringContaining(told),
    });
  });

  it('is ended by its time-out', async () => {
    slack.answer(() => new Promise(() => {}));

    const run = await post(
      { webhook_url: `${slack.url}/silent`, text: 'x' },
      {},
      { timeout_seconds: 1, retry: { max_attempts: 1 } },
    );

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_unavailable' } });
  });

  it.each<[object, string]>([
    [{ text: 'x' }, 'actions[0].config.webhook_url'],
    [
      { webhook_url: 'https://hooks.slack.com/x', channel: 'C1', text: 'x' },
      'actions[0].config.channel',
    ],
    [
      { webhook_url: 'https://hooks.slack.com/x', connection_id: 'con_x', text: 'x' },
      'actions[0].config.connection_id',
    ],
    [{ webhook_url: 'http://10.0.0.1/x', text: 'x' }, 'actions[0].config.webhook_url'],
    [{ webhook_url: 'https://hooks.slack.com/x' }, 'actions[0].config.text'],
    [
      { webhook_url: 'https://hooks.slack.com/x', text: 'x', chanel: '#x' },
      'actions[0].config.chanel',
    ],
  ])('is refused when it is saved with %j', async (config, path) => {
    const { status, body } = await alice.post('/api/agents', {
      name: 'Bad',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'slack', config }],
    });

    expect(status).toBe(400);
    expect(body.error.details.fields.map((field: { path: string }) => field.path)).toContain(path);
  });
});

describe('a bot', () => {
  const connect = async (base_url: string, token = 'xoxb-not-a-real-token') => {
    const body = { kind: 'slack_bot', name: 'Bot', settings: { base_url }, secret: { token } };
    return (await alice.post('/api/connections', body)).body.id as string;
  };

  it('posts to the Slack of this machine, and is known there', async () => {
    const connection_id = await connect(`${product.url}/local/slack/api`);

    const run = await post({ connection_id, channel: 'C042', text: 'Hello, {{run.id}}' });

    expect(run).toMatchObject({ status: 'success' });
    expect(run.steps[0].output).toEqual({
      ok: true,
      channel: 'C042',
      ts: expect.stringMatching(/^\d+\.\d{6}$/),
    });
    const { body } = await send(`${product.url}/local/slack`, 'GET');
    expect(body.items[0]).toMatchObject({ name: 'C042', payload: { text: `Hello, ${run.id}` } });
    expect(JSON.stringify(body)).not.toContain('xoxb-');
    const tested = await alice.post(`/api/connections/${connection_id}/test`);
    expect(tested.body).toEqual({ ok: true, message: 'Slack knows it as agents in This machine.' });
  });

  it('sends text, blocks and its token as Slack documents them', async () => {
    slack.answer(() => ({ body: { ok: true, channel: 'D1', ts: '1.000001' } }));
    const connection_id = await connect(`${slack.url}/api/`);
    const blocks = [{ type: 'divider' }];

    const run = await post({ connection_id, channel: 'U042', text: 'Hi', blocks });

    expect(run.steps[0].output).toEqual({ ok: true, channel: 'D1', ts: '1.000001' });
    const [request] = await slack.got('/api/chat.postMessage');
    expect(request).toMatchObject({
      method: 'POST',
      json: { channel: 'U042', text: 'Hi', blocks },
      headers: {
        authorization: 'Bearer xoxb-not-a-real-token',
        'content-type': 'application/json; charset=utf-8',
      },
    });
  });

  it.each([
    ['channel_not_found', 'action_rejected', 'Invite the app to it.'],
    ['not_in_channel', 'action_rejected', 'Invite it there.'],
    ['token_revoked', 'action_rejected', 'Make a new connection'],
    ['ratelimited', 'action_unavailable', 'takes no more messages'],
  ])('says what %s means', async (error, code, told) => {
    slack.answer(() => ({ body: { ok: false, error } }));
    const connection_id = await connect(slack.url);

    const run = await post({ connection_id, channel: 'C1', text: 'x' }, {}, { retry: SOON });

    expect(run.error).toEqual({ code, message: expect.stringContaining(told) });
    expect(run.steps[0].attempts).toBe(code === 'action_unavailable' ? 2 : 1);
  });

  it('waits as long as Slack asks', async () => {
    slack.answer(() =>
      slack.requests.filter(({ path }) => path === '/busy/chat.postMessage').length === 1
        ? {
            status: 429,
            headers: { 'retry-after': '1' },
            body: { ok: false, error: 'ratelimited' },
          }
        : { body: { ok: true, channel: 'C1', ts: '1.000002' } },
    );
    const connection_id = await connect(`${slack.url}/busy`);
    const retry = { ...SOON, max_delay_seconds: 5 };

    const run = await post({ connection_id, channel: 'C1', text: 'x' }, {}, { retry });

    expect(run).toMatchObject({ status: 'success', steps: [{ attempts: 2 }] });
    const [first, second] = await slack.got('/busy/chat.postMessage', 2);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('is ended by its time-out', async () => {
    slack.answer(() => new Promise(() => {}));
    const connection_id = await connect(slack.url);
    const quick = { timeout_seconds: 1, retry: { max_attempts: 1 } };

    const run = await post({ connection_id, channel: 'C1', text: 'x' }, {}, quick);

    expect(run.error).toEqual({
      code: 'action_unavailable',
      message: expect.stringContaining('longer than its 1 s'),
    });
  });

  it('without a channel is not saved, wherever it stands', async () => {
    const config = { connection_id: await connect(slack.url), text: 'x' };
    const step = { type: 'slack', config };
    const loop = { type: 'for_each', config: { items: [1], actions: [step] } };
    const body = { name: 'Bad', trigger_config: { type: 'manual' }, actions: [step, loop] };

    const created = await alice.post('/api/agents', body);
    const tried = await alice.post('/api/agents/test-step', { action: step });

    const message = expect.stringContaining('A bot needs a channel to post to');
    expect([created.status, tried.status]).toEqual([400, 400]);
    expect(created.body.error.details.fields).toEqual([
      { path: 'actions[0].config.channel', message },
      { path: 'actions[1].config.actions[0].config.channel', message },
    ]);
    expect(tried.body.error.details.fields).toEqual([{ path: 'action.config.channel', message }]);
  });
});

it('a webhook kept in a connection is used without being shown', async () => {
  const secret = { url: `${product.url}/local/slack/kept-apart-from-agents` };
  const { body: connection } = await alice.post('/api/connections', {
    kind: 'slack_webhook',
    name: 'Sales',
    secret,
  });

  const run = await post({ connection_id: connection.id, text: 'Kept' });

  expect(run).toMatchObject({ status: 'success' });
  expect(JSON.stringify(run)).not.toContain('kept-apart');
  const { body } = await send(`${product.url}/local/slack`, 'GET');
  expect(body.items[0]).toMatchObject({
    name: 'kept-apart-from-agents',
    payload: { text: 'Kept' },
  });
  const { body: refused } = await alice.post('/api/agents', {
    name: 'Bad',
    trigger_config: { type: 'manual' },
    actions: [
      { type: 'slack', config: { connection_id: connection.id, channel: '#sales', text: 'Kept' } },
    ],
  });
  expect(refused.error.details.fields).toEqual([
    {
      path: 'actions[0].config.channel',
      message: expect.stringContaining('a channel of its own. Remove it'),
    },
  ]);
});
