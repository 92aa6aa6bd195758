import { describe, expect, it } from 'vitest';
import { startProduct } from '#test/helpers/product';
import { type ReceiverAnswer, startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
const host = new URL(receiver.url).host;
const once = { settings: { retry: { max_attempts: 1 } } };

/** Runs an agent of these actions by hand and gives the run once it is over. */
async function runOf(actions: object[], body: unknown = {}, more: object = once) {
  const { id } = await alice.create({
    name: 'Failing',
    trigger_config: { type: 'manual' },
    actions,
    ...more,
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

const call = (changes: object = {}) => ({
  type: 'http',
  config: { url: `${receiver.url}/fails`, ...changes },
});

/** The run and its only step say the same. */
function expectFailure(run: Awaited<ReturnType<typeof runOf>>, code: string, message: RegExp) {
  expect(run).toMatchObject({
    status: 'failed',
    error_message: expect.stringMatching(message),
    error: { code },
    steps: [{ status: 'failed', error: { code } }],
  });
}

async function logOf(run: { id: string }): Promise<{ level: string; message: string }[]> {
  return (await alice.get(`/api/agents/runs/${run.id}/logs`)).body.items;
}

describe('a run fails and says what to change', () => {
  it.each<[string, ReceiverAnswer, string, RegExp]>([
    ['404', { status: 404 }, 'action_rejected', /answered 404.*expect_status/],
    ['401', { status: 401 }, 'action_rejected', /answered 401.*expect_status/],
    ['503', { status: 503 }, 'action_unavailable', /answered 503/],
    ['429', { status: 429 }, 'action_unavailable', /answered 429/],
    [
      'headers that are too large',
      { headers: { 'x-large': 'x'.repeat(17_000) } },
      'action_rejected',
      /headers/,
    ],
  ])('when the endpoint answers %s', async (_, answer, code, message) => {
    receiver.answer(() => answer);

    const run = await runOf([call()]);

    expectFailure(run, code, message);
    // What the other side said is there to be read, where it could be received.
    if (answer.status) expect(run.steps[0].output).toMatchObject({ status: answer.status });
    expect(run.error_message).toContain(host);
    expect(await logOf(run)).toContainEqual(
      expect.objectContaining({ level: 'error', message: `Run failed: ${run.error_message}` }),
    );
  });

  it('when the endpoint takes longer than timeout_seconds', async () => {
    receiver.answer(() => new Promise(() => {}));

    const run = await runOf([{ ...call(), timeout_seconds: 1 }]);

    expectFailure(run, 'action_unavailable', /longer than its 1 s \(timeout_seconds\)/);
    expect(run.steps[0].duration_ms).toBeGreaterThanOrEqual(990);
    expect(run.steps[0].duration_ms).toBeLessThan(5_000);
  });

  it('when the run takes longer than max_run_seconds', async () => {
    receiver.answer(() => new Promise(() => {}));

    const run = await runOf([call()], {}, { settings: { max_run_seconds: 1 } });

    expectFailure(run, 'run_timeout', /limit of 1 s \(settings\.max_run_seconds\)/);
  });

  it('when the connection breaks off', async () => {
    receiver.answer(() => ({
      headers: { 'content-length': '999', connection: 'close' },
      body: 'short',
    }));

    expectFailure(await runOf([call()]), 'action_unavailable', /connection to .* failed/);
  });

  it.each([
    ['{{trigger.body.lead.email}}', /trigger\.body\.lead/],
    ['{{trigger.body.list.5}}', /trigger\.body\.list/],
    ['{{steps.0.output.json.nothing}}', /steps\.0\.output\.json\.nothing/],
    ['{{trigger.body.__proto__}}', /__proto__/],
    ['{{trigger.body.list.constructor}}', /constructor/],
  ])('when a placeholder leads nowhere: %s', async (body, message) => {
    receiver.answer(() => ({ body: { ok: true } }));

    const run = await runOf([call(), call({ method: 'POST', body })], { list: [1] });

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error_message).toMatch(message);
    expect(run.steps.map((step: { status: string }) => step.status)).toEqual(['success', 'failed']);
  });

  it('when a placeholder holds what the field cannot', async () => {
    const run = await runOf([call({ method: '{{trigger.body.method}}' })], { method: 'CONNECT' });

    expectFailure(run, 'action_rejected', /config\.method: This must be one of "GET", "POST"/);
  });

  it('when a placeholder leaves a text empty, or gives a list in its place', async () => {
    const letter = { to: ['ada@example.com'], subject: '{{trigger.body.s}}', body: 'Hello.' };

    const empty = await runOf([{ type: 'email', config: letter }], { s: '' });
    const list = await runOf([{ type: 'email', config: letter }], { s: ['a'] });

    expectFailure(
      empty,
      'action_rejected',
      /config\.subject: This must have at least 1 character\./,
    );
    expectFailure(list, 'action_rejected', /config\.subject: This must be a text\./);
  });
});

describe('a run does not fail', () => {
  it('when a placeholder gives a number or true in the place of a text', async () => {
    receiver.answer(() => ({ body: { ok: true } }));
    const headers = { 'x-count': '{{trigger.body.count}}', 'x-on': '{{trigger.body.on}}' };

    const run = await runOf([call({ headers })], { count: 1.5, on: true });

    expect(run).toMatchObject({ status: 'success' });
    const { headers: got } = receiver.requests.at(-1) ?? expect.unreachable();
    expect(got).toMatchObject({ 'x-count': '1.5', 'x-on': 'true' });
  });

  it('when the status is one that was expected', async () => {
    receiver.answer(() => ({ status: 404, body: 'nobody here' }));

    const run = await runOf([call({ expect_status: [200, 404] })]);

    expect(run).toMatchObject({
      status: 'success',
      steps: [{ output: { status: 404, text: 'nobody here' } }],
    });
  });

  it('when a missing path has a default', async () => {
    receiver.answer(() => ({}));

    const run = await runOf([
      call({ method: 'POST', body: "{{trigger.body.none | default: 'x'}}" }),
    ]);

    expect(run).toMatchObject({ status: 'success', steps: [{ input: { body: 'x' } }] });
  });
});

describe('what users cannot change', () => {
  it('is not told to them', async () => {
    const answers = [
      await alice.get('/api/agents/runs/run_00000000000000000000000000'),
      await alice.post('/api/agents', { name: 1 }),
    ];

    for (const { body } of answers) {
      expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:|at |dynamodb|stack/i);
    }
  });
});
