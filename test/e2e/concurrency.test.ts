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
/** Long enough that it hardly matters how long a run takes to start. */
const SLOWEST_MS = 2_000;

/** How long an answer takes. */
function delayOf(path: string): number {
  if (path === '/crowd/quick') return 200;
  if (path === '/crowd/slow') return SLOWEST_MS;
  return path.includes('slow') ? SLOW_MS : 0;
}

/** How many requests to a path, or below its first part, are being answered at each moment. */
function watch() {
  const changes = new Map<string, { readonly at: number; readonly open: number }[]>();
  const timeline = (path: string) => {
    const known = changes.get(path) ?? [{ at: performance.now(), open: 0 }];
    changes.set(path, known);
    return known;
  };
  const note = (path: string, change: number) => {
    const times = timeline(path);
    times.push({ at: performance.now(), open: (times.at(-1)?.open ?? 0) + change });
  };
  receiver.answer(async ({ path }) => {
    const paths = new Set([path, path.replace(/(?<=.)\/.*/, '')]);
    for (const one of paths) note(one, 1);
    await new Promise((done) => setTimeout(done, delayOf(path)));
    for (const one of paths) note(one, -1);
    return { body: { ok: true } };
  });
  return {
    most: (path: string) => Math.max(...timeline(path).map(({ open }) => open)),
    /** Share of the time in which `count` were open, from the first until the last moment at which they were. */
    share(path: string, count: number) {
      const times = timeline(path);
      const from = times.findIndex(({ open }) => open === count);
      const to = times.findLastIndex(({ open }) => open === count);
      let full = 0;
      for (const [place, { at, open }] of times.slice(from, to).entries()) {
        if (open === count) full += (times[from + place + 1]?.at ?? at) - at;
      }
      return full / ((times[to]?.at ?? 0) - (times[from]?.at ?? 0));
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
    const runs: Reply['body'][] = [];
    for (let cursor = ''; ; ) {
      const { body } = await api.get(`/api/agents/runs?limit=100${cursor && `&cursor=${cursor}`}`);
      runs.push(...body.items);
      if (body.next_cursor === null) break;
      cursor = body.next_cursor;
    }
    const over = runs.filter((run) => run.finished_at !== null);
    if (over.length < count) throw new Error(`${over.length} of ${count} are over`);
    return over;
  }, seconds);
}

/** Slots and credits come back right after a run's end, not with it. */
function nothingHeld(api: ApiClient, limit: number): Promise<void> {
  return eventually(async () => {
    expect((await api.get('/api/usage')).body).toMatchObject({
      concurrency: { running: 0, limit },
      credits: { reserved: 0 },
    });
  });
}

/** Milliseconds from a call to its action, by the slowest of a few: how busy the machine is. */
async function usualLag(): Promise<number> {
  const api = await accounts.user('alone', 'builder');
  const { webhook_url } = await api.create(hook([call('/alone')]));
  const lags: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { body } = await deliver(webhook_url);
    const run = await api.finished(body.run_id);
    lags.push(Date.parse(run.finished_at) - Date.parse(run.triggered_at));
  }
  return Math.max(...lags);
}

describe('runs at once', () => {
  it('are as many as the plan has, never more, and 90 % of the time not fewer', async () => {
    const api = await accounts.user('crowd', 'builder');
    // An agent takes a hundred calls a minute.
    const paths = ['/crowd/quick', '/crowd/slow'];
    const agents = await Promise.all(paths.map((path) => api.create(hook([call(path)]))));

    const before = await usualLag();
    // In turn, as the line is: the slow ones have all slots once the quick ones are through.
    for (const { webhook_url } of agents) await flood(webhook_url, 100);
    const runs = await allOver(api, 200);
    const lag = Math.max(before, await usualLag());

    expect(runs).toHaveLength(200);
    expect(runs.every(({ status }) => status === 'success')).toBe(true);
    expect(seen.most('/crowd')).toBe(5);
    // On a machine that is busy with other things, each of the five is empty for as long as a run takes.
    const bound = Math.min(0.9, (SLOWEST_MS / (SLOWEST_MS + lag)) ** 5);
    expect(seen.share('/crowd/slow', 5), `a run takes ${lag} ms`).toBeGreaterThan(bound);
    await nothingHeld(api, 5);
  });

  it('say when they started only once they have', async () => {
    const api = await accounts.user('early', 'free');
    const { id, webhook_url } = await api.create(hook([call('/slow-early')]));

    await flood(webhook_url, 6);

    const parked = await eventually(async () => {
      const { items } = (await api.get(`/api/agents/${id}/runs?status=waiting`)).body;
      if (items.length === 0) throw new Error('Nobody waits yet');
      return items[0];
    });
    expect(parked).toMatchObject({ started_at: null, waiting_for: { kind: 'slot', limit: 2 } });
    const runs = await allOver(api, 6);
    const lags = runs.map((run) => Date.parse(run.started_at) - Date.parse(run.triggered_at));
    expect(Math.max(...lags)).toBeGreaterThanOrEqual(1_500);
    expect(seen.most('/slow-early')).toBe(2);
  });

  it('count one agent alone where it says so, and runs that wait say for what', async () => {
    const api = await accounts.user('narrow', 'builder');
    const { id, webhook_url } = await api.create(
      hook([call('/slow-narrow')], { max_concurrent_runs: 1 }),
    );

    await api.finished((await deliver(webhook_url)).body.run_id);
    await flood(webhook_url, 8);

    const waiting = await eventually(async () => {
      const { items } = (await api.get(`/api/agents/${id}/runs`)).body;
      const parked = items.filter((run: Reply['body']) => run.waiting_for?.kind === 'slot');
      if (parked.length < 2) throw new Error('Nobody waits yet');
      return parked[0];
    });
    const { body } = await api.get(`/api/agents/runs/${waiting.id}`);
    if (body.waiting_for !== null) {
      expect(body.waiting_for).toEqual({
        kind: 'slot',
        limit: 1,
        place: expect.any(Number),
        estimated_start: expect.any(String),
      });
      const { place, estimated_start } = body.waiting_for;
      expect(place).toBeGreaterThanOrEqual(1);
      // One place is one run, and a run takes a second.
      expect(Date.parse(estimated_start) - Date.now()).toBeGreaterThan(place * SLOW_MS * 0.5);
    }
    await allOver(api, 9);
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

    await nothingHeld(api, 2);
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
    await nothingHeld(api, 2);
  });

  it('are not those that wait for a person, and are as many as may be after the decisions', async () => {
    const api = await accounts.user('asked', 'free');
    const approval = { type: 'approval', config: { message: 'Go on?' } };
    const steps = [call('/asked'), approval, call('/slow-asked')];
    const { webhook_url } = await api.create(hook(steps));

    await flood(webhook_url, 8);

    const asked = await eventually(async () => {
      const { items } = (await api.get('/api/agents/runs?status=waiting_approval')).body;
      if (items.length < 8) throw new Error(`${items.length} of 8 are asked`);
      return items as Reply['body'][];
    }, 60);
    await eventually(async () => {
      expect((await api.get('/api/usage')).body.concurrency.running).toBe(0);
    });
    // A run says that it waits a moment before it can be decided: until then it is to be asked again.
    const decided = asked.map(({ id }) =>
      eventually(async () => {
        expect((await api.post(`/api/agents/runs/${id}/approve`, {})).status).toBe(200);
      }),
    );
    await Promise.all(decided);
    const runs = await allOver(api, 8);
    expect(runs.every(({ status }) => status === 'success')).toBe(true);
    expect(seen.most('/slow-asked')).toBe(2);
  });
});

describe('a user who is suspended', () => {
  it('has runs that end before their next step', async () => {
    const api = await accounts.user('stopped', 'builder');
    const asking = await api.create({
      name: 'Asking',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'approval', config: { message: 'Go on?' } }, call('/after-suspension')],
    });
    const asked = (await api.post(`/api/agents/${asking.id}/run`, {})).body.run_id;
    await eventually(async () => {
      expect((await api.get(`/api/agents/runs/${asked}`)).body.status).toBe('waiting_approval');
    });
    const steps = [call('/slow-first'), call('/after-suspension')];
    const { webhook_url } = await api.create(hook(steps));
    const { body } = await deliver(webhook_url);
    await receiver.got('/slow-first');

    await accounts.admin.request('PUT', '/api/admin/accounts/stopped', { suspended: true });

    const run = await api.finished(body.run_id);
    expect(['cancelled', 'failed']).toContain(run.status);
    expect(receiver.requests.some(({ path }) => path === '/after-suspension')).toBe(false);
    expect(run.credits_charged).toBe(1);
    await eventually(async () => {
      expect((await api.post(`/api/agents/runs/${asked}/approve`, {})).status).toBe(200);
    });
    const stopped = await api.finished(asked);
    expect(stopped).toMatchObject({ status: 'failed', error: { code: 'account_suspended' } });
    expect(stopped.credits_charged).toBe(0);
    expect(receiver.requests.some(({ path }) => path === '/after-suspension')).toBe(false);
  });
});

it('tells of the usage of runs that were cancelled in the line, although no worker had them', async () => {
  const told = async () => {
    const { items } = (await send(`${product.url}/local/events`, 'GET')).body;
    const details = items.map(({ detail }: Reply['body']) => detail);
    return details.filter(
      ({ user_id, status }: Reply['body']) => user_id === 'fickle' && status === 'cancelled',
    );
  };

  // It is looked for last: by now their time is nearly there.
  const details = await eventually(async () => {
    const found = await told();
    expect(new Set(found.map(({ id }: Reply['body']) => id)).size).toBe(2);
    return found;
  }, 45);

  for (const detail of details) expect(detail).toMatchObject({ credits_charged: 0 });
});
