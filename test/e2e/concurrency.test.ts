import { describe, expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { type ApiClient, type Reply, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const accounts = await accountsOf(product);
const SECRET = 'a-secret-of-sixteen';
const SLOW_MS = 1_000;

/** How many requests to a path are being answered at each moment. */
function watch() {
  const open = new Map<string, number>();
  const most = new Map<string, number>();
  /** Milliseconds for which so many were open at once. */
  const spent = new Map<string, number[]>();
  const since = new Map<string, number>();
  const note = (path: string, change: number) => {
    const now = performance.now();
    const before = open.get(path) ?? 0;
    const times = spent.get(path) ?? [];
    times[before] = (times[before] ?? 0) + now - (since.get(path) ?? now);
    spent.set(path, times);
    since.set(path, now);
    open.set(path, before + change);
    most.set(path, Math.max(most.get(path) ?? 0, before + change));
  };
  receiver.answer(async ({ path }) => {
    note(path, 1);
    await new Promise((done) => setTimeout(done, path.includes('slow') ? SLOW_MS : 0));
    note(path, -1);
    return { body: { ok: true } };
  });
  return {
    most: (path: string) => most.get(path),
    /** Share of the time, while anything was open, in which `count` were. */
    share(path: string, count: number) {
      const times = spent.get(path) ?? [];
      const busy = times.slice(1).reduce((sum, ms) => sum + (ms ?? 0), 0);
      return (times[count] ?? 0) / busy;
    },
  };
}

const seen = watch();
const call = (path: string) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body: {} },
});

function hook(actions: object[], settings = {}) {
  return {
    name: 'Hook',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions,
    settings,
  };
}

function deliver(url: string): Promise<Reply> {
  return send(url, 'POST', {}, { headers: { 'x-webhook-secret': SECRET } });
}

async function flood(url: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { status, body } = await deliver(url);
    expect(status, JSON.stringify(body)).toBe(202);
    ids.push(body.run_id);
  }
  return ids;
}

async function allOver(api: ApiClient, count: number, seconds = 90): Promise<Reply['body'][]> {
  return eventually(async () => {
    const { items } = (await api.get('/api/agents/runs?limit=100')).body;
    const over = items.filter((run: Reply['body']) => run.finished_at !== null);
    if (over.length < count) throw new Error(`${over.length} of ${count} are over`);
    return over;
  }, seconds);
}

describe('runs at once', () => {
  it('are as many as the plan has, never more, and hardly ever fewer', async () => {
    const api = await accounts.user('crowd', 'builder');
    const { webhook_url } = await api.create(hook([call('/slow-crowd')]));

    await flood(webhook_url, 50);
    const runs = await allOver(api, 50);

    expect(runs.every(({ status }) => status === 'success')).toBe(true);
    expect(seen.most('/slow-crowd')).toBe(5);
    // Handing a slot over takes a moment, and longer while others use the machine.
    const full = seen.share('/slow-crowd', 5) + seen.share('/slow-crowd', 4);
    expect(full).toBeGreaterThan(0.3);
    expect((await api.get('/api/usage')).body).toMatchObject({
      concurrency: { running: 0, limit: 5 },
      credits: { reserved: 0 },
    });
  });

  it('count one agent alone where it says so, and runs that wait say for what', async () => {
    const api = await accounts.user('narrow', 'builder');
    const { id, webhook_url } = await api.create(
      hook([call('/slow-narrow')], { max_concurrent_runs: 1 }),
    );

    await flood(webhook_url, 8);

    const waiting = await eventually(async () => {
      const { items } = (await api.get(`/api/agents/${id}/runs`)).body;
      const parked = items.filter((run: Reply['body']) => run.waiting_for?.kind === 'slot');
      if (parked.length < 2) throw new Error('Nobody waits yet');
      return parked[0];
    });
    const { body } = await api.get(`/api/agents/runs/${waiting.id}`);
    if (body.waiting_for !== null) {
      expect(body.waiting_for).toEqual({ kind: 'slot', limit: 1, place: expect.any(Number) });
      expect(body.waiting_for.place).toBeGreaterThanOrEqual(1);
    }
    await allOver(api, 8);
    expect(seen.most('/slow-narrow')).toBe(1);
  });

  it('are not those that were cancelled while they waited for a slot', async () => {
    const api = await accounts.user('fickle', 'free');
    const { webhook_url } = await api.create(
      hook([call('/slow-fickle'), call('/after-fickle')], { max_concurrent_runs: 1 }),
    );
    await flood(webhook_url, 3);
    const parked = await eventually(async () => {
      const { items } = (await api.get('/api/agents/runs?status=waiting')).body;
      expect(items).toHaveLength(2);
      return items.map(({ id }: Reply['body']) => id);
    });

    for (const id of parked) {
      const { status } = await api.post(`/api/agents/runs/${id}/cancel`, undefined);
      expect(status).toBe(202);
    }
    await allOver(api, 3);

    await eventually(async () => {
      const { concurrency, credits } = (await api.get('/api/usage')).body;
      expect(concurrency.running).toBe(0);
      expect(credits.reserved).toBe(0);
    });
    // The agent's own slot is free, too.
    const { body } = await deliver(webhook_url);
    expect(await api.finished(body.run_id)).toMatchObject({ status: 'success' });
  });

  it('are not those that wait: delays and retries let others go on', async () => {
    const api = await accounts.user('patient', 'free');
    const delayed = hook([
      call('/patient'),
      { type: 'delay', config: { seconds: 5 } },
      call('/slow-patient'),
    ]);
    const { webhook_url } = await api.create(delayed);

    await flood(webhook_url, 6);

    // All six are in their delay although two may run at once.
    await receiver.got('/patient', 6, 40);
    const { body } = await api.get('/api/agents/runs?status=waiting');
    expect(body.items.length).toBeGreaterThan(2);
    await allOver(api, 6);
    expect(seen.most('/slow-patient')).toBeLessThanOrEqual(2);
    expect((await api.get('/api/usage')).body.concurrency.running).toBe(0);
  });
});

it('one user’s flood does not keep another user’s run from starting', async () => {
  const noisy = await accounts.user('noisy', 'pro');
  const quiet = await accounts.user('quiet', 'pro');
  const loud = await noisy.create({
    ...hook([call('/slow-noise')], { webhook_rate_per_minute: 10_000 }),
  });
  const calm = await quiet.create(hook([call('/calm')]));
  const lag = async () => {
    const { body } = await deliver(calm.webhook_url);
    const run = await quiet.finished(body.run_id);
    return Date.parse(run.started_at) - Date.parse(run.triggered_at);
  };
  const alone = [await lag(), await lag(), await lag()];

  const flooding = Promise.all(Array.from({ length: 5 }, () => flood(loud.webhook_url, 30)));
  await receiver.got('/slow-noise', 25);
  const meanwhile = [await lag(), await lag(), await lag()];
  await flooding;

  // Both share two cores with the test: a small number has to be allowed for.
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[1] ?? 0;
  expect(median(meanwhile)).toBeLessThan(3 * median(alone) + 3_000);
});

describe('a user who is suspended', () => {
  it('has runs that end before their next step', async () => {
    const api = await accounts.user('stopped', 'builder');
    const steps = [call('/slow-first'), call('/after-suspension')];
    const { webhook_url } = await api.create(hook(steps));
    const { body } = await deliver(webhook_url);
    await receiver.got('/slow-first');

    await accounts.admin.request('PUT', '/api/admin/accounts/stopped', { suspended: true });

    const run = await api.finished(body.run_id);
    expect(['cancelled', 'failed']).toContain(run.status);
    expect(receiver.requests.some(({ path }) => path === '/after-suspension')).toBe(false);
    expect(run.credits_charged).toBe(1);
  });
});
