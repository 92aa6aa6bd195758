import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { type ReceiverAnswer, startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const options = { dataDir: temporaryDirectory(), receivers: [receiver] };
let product = await startProduct(options);
let alice = await product.api('alice');

/** What each path answers: one answer for each attempt, the last one for all further ones. */
const answers = new Map<string, readonly (ReceiverAnswer | 'never')[]>();
receiver.answer(({ path }) => {
  const attempt = receiver.requests.filter((request) => request.path === path).length;
  const list = answers.get(path) ?? [{}];
  const answer = list[Math.min(attempt, list.length) - 1] ?? {};
  return answer === 'never' ? new Promise(() => {}) : answer;
});

const BUSY = { status: 503, body: { error: 'busy' } };
const SOON = { max_attempts: 3, initial_delay_seconds: 0.2 };
const HOST = `127.0.0.1:${receiver.port}`;

function step(path: string, more: object = {}) {
  const config = { method: 'POST', url: `${receiver.url}${path}`, body: {} };
  return { type: 'http', config, retry: SOON, ...more };
}

/** Starts a run of some steps. @returns its id */
async function start(actions: readonly object[], settings: object = {}): Promise<string> {
  const definition = { name: 'Retries', trigger_config: { type: 'manual' }, settings, actions };
  const { id } = await alice.create(definition);
  const { status, body } = await alice.post(`/api/agents/${id}/run`, {});
  expect(status).toBe(202);
  return body.run_id;
}

function requestsTo(path: string) {
  return receiver.requests.filter((request) => request.path === path);
}

/** Milliseconds between the requests that came to a path. */
function gaps(path: string): number[] {
  const times = requestsTo(path).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

const busy = {
  code: 'action_unavailable',
  message: `${HOST} answered 503.`,
  at: expect.stringMatching(/Z$/),
};

describe.concurrent('a step', () => {
  it('is tried again until it succeeds, with the same key each time', async () => {
    answers.set('/flaky', [BUSY, BUSY, { body: { done: true } }]);

    const runId = await start([step('/flaky')]);
    const run = await alice.finished(runId);

    expect(run).toMatchObject({ status: 'success', error: null, waiting_for: null });
    expect(run.steps).toMatchObject([
      { status: 'success', attempts: 3, failures: [busy, busy], error: null, retry_at: null },
    ]);
    expect(run.steps[0].output.json).toEqual({ done: true });
    const requests = requestsTo('/flaky');
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(
      Array(3).fill(`${runId}:0`),
    );
    const { items } = (await alice.get(`/api/agents/runs/${runId}/logs`)).body;
    const warnings = items.filter((line: { level: string }) => line.level === 'warn');
    expect(warnings.map((line: { message: string }) => line.message)).toEqual([
      expect.stringContaining('503. (attempt 1 of 3; the next one is due at '),
      expect.stringContaining('503. (attempt 2 of 3; the next one is due at '),
    ]);
  });

  it('does not run what came before it again', async () => {
    answers.set('/second', [BUSY, {}]);

    const run = await alice.finished(
      await start([step('/first'), step('/second'), step('/third')]),
    );

    expect(run.status).toBe('success');
    expect(run.steps.map((one: { attempts: number }) => one.attempts)).toEqual([1, 2, 1]);
    const counts = ['/first', '/second', '/third'].map((path) => requestsTo(path).length);
    expect(counts).toEqual([1, 2, 1]);
  });

  it.each([
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
    ['503', { status: 503, headers: { 'retry-after': '1' } }],
  ])('waits for as long as Retry-After asks: %s', async (name, answer) => {
    const path = `/asks-${name}`;
    answers.set(path, [answer, {}]);

    const run = await alice.finished(await start([step(path)]));

    expect(run.status).toBe('success');
    expect(gaps(path)).toHaveLength(1);
    expect(gaps(path)[0]).toBeGreaterThanOrEqual(1_000);
    expect(gaps(path)[0]).toBeLessThan(6_000);
  });

  it('waits no longer than max_delay_seconds, whatever Retry-After asks', async () => {
    answers.set('/asks-for-ever', [{ status: 429, headers: { 'retry-after': '9999' } }, {}]);
    const retry = { ...SOON, max_delay_seconds: 1 };

    const run = await alice.finished(await start([step('/asks-for-ever', { retry })]));

    expect(run.status).toBe('success');
  });

  it('fails with the last error once its attempts are used up', async () => {
    answers.set('/down', [BUSY, { status: 500 }, { status: 502 }]);

    const run = await alice.finished(await start([step('/down'), step('/after-down')]));

    const error = { code: 'action_unavailable', message: `${HOST} answered 502.` };
    expect(run).toMatchObject({ status: 'failed', error, error_message: error.message });
    expect(run.steps).toHaveLength(1);
    const output = { status: 502 };
    expect(run.steps[0]).toMatchObject({ status: 'failed', attempts: 3, error, output });
    expect(run.steps[0].failures.map((one: { message: string }) => one.message)).toEqual(
      [503, 500, 502].map((status) => `${HOST} answered ${status}.`),
    );
    expect(requestsTo('/down')).toHaveLength(3);
    expect(requestsTo('/after-down')).toEqual([]);
  });

  it('that may fail lets the run go on', async () => {
    answers.set('/optional', [BUSY]);
    const optional = step('/optional', {
      on_error: 'continue',
      retry: { ...SOON, max_attempts: 2 },
    });

    const run = await alice.finished(await start([optional, step('/after-optional')]));

    expect(run).toMatchObject({
      status: 'success',
      error: null,
      steps: [{ status: 'failed', attempts: 2, error: { code: 'action_unavailable' } }, {}],
    });
    expect(run.steps[1]).toMatchObject({ status: 'success', attempts: 1 });
    expect(requestsTo('/after-optional')).toHaveLength(1);
  });

  it.each([400, 401, 404, 409, 422])('is not tried again after %i', async (status) => {
    const path = `/final-${status}`;
    answers.set(path, [{ status }]);

    const run = await alice.finished(await start([step(path)]));

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.steps).toMatchObject([{ attempts: 1, failures: [{ code: 'action_rejected' }] }]);
    expect(requestsTo(path)).toHaveLength(1);
  });

  it('is ended by its time-out and tried again', async () => {
    answers.set('/silent', ['never', 'never', {}]);

    const run = await alice.finished(await start([step('/silent', { timeout_seconds: 1 })]), 30);

    const tooLong = expect.objectContaining({
      code: 'action_unavailable',
      message: 'The step took longer than its 1 s (timeout_seconds).',
    });
    expect(run.status).toBe('success');
    expect(run.steps[0]).toMatchObject({ attempts: 3 });
    expect(run.steps[0].failures).toEqual([tooLong, tooLong]);
    for (const gap of gaps('/silent')) expect(gap).toBeGreaterThanOrEqual(950);
  });

  it('takes the policy of the agent unless it has its own', async () => {
    answers.set('/by-agent', [BUSY]);
    const { retry: _, ...plain } = step('/by-agent');

    const settings = { retry: { ...SOON, max_attempts: 2 } };
    const run = await alice.finished(await start([plain], settings));

    expect(run).toMatchObject({ status: 'failed', steps: [{ attempts: 2 }] });
    expect(requestsTo('/by-agent')).toHaveLength(2);
  });
});

it('kill -9 while a run waits: it goes on when its time has come, with the same key', async () => {
  answers.set('/survivor', [{ status: 503, headers: { 'retry-after': '4' } }, {}]);
  const runId = await start([step('/before'), step('/survivor'), step('/end')]);
  const waiting = await eventually(async () => {
    const { body } = await alice.get(`/api/agents/runs/${runId}`);
    expect(body.status).toBe('waiting');
    return body;
  });
  expect(waiting.waiting_for).toEqual({ kind: 'retry', until: waiting.steps[1].retry_at });
  expect(waiting.steps[1]).toMatchObject({ status: 'waiting', attempts: 1, failures: [busy] });

  await product.kill();
  product = await startProduct({ ...options, port: product.port });
  alice = await product.api('alice');
  const run = await alice.finished(runId, 30);

  expect(run).toMatchObject({ status: 'success', waiting_for: null });
  expect(run.steps[1]).toMatchObject({ status: 'success', attempts: 2, failures: [busy] });
  expect(gaps('/survivor')[0]).toBeGreaterThanOrEqual(4_000);
  const keys = receiver.requests
    .filter(({ headers }) => headers['idempotency-key']?.includes(runId))
    .map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([0, 1, 1, 2].map((place) => `${runId}:${place}`));
});
