import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { newDataDirectory, startProduct } from '#test/helpers/product';
import { type Received, startReceiver } from '#test/helpers/receiver';

const MINUTE = 60_000;
const CROWD = 500;
/** Time in which the crowd is created, at least. */
const PREPARATION_MS = 20_000;
/** The rest of a test's minute, and then some. */
const PATIENCE_SECONDS = 100;

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
/** All that waits for a minute waits for the same one. */
const theMinute = Math.ceil((Date.now() + PREPARATION_MS) / MINUTE) * MINUTE;

const everyMinute = { cron_expression: '* * * * *' };

/** An agent that tells a path of the receiver when it was meant to run. */
function scheduled(path: string, trigger: object, settings: object = {}) {
  return {
    name: `Scheduled ${path}`,
    trigger_config: { type: 'schedule', ...trigger },
    settings,
    actions: [
      {
        type: 'http',
        config: {
          method: 'POST',
          url: `${receiver.url}${path}`,
          body: { at: '{{trigger.scheduled_at}}' },
        },
      },
    ],
  };
}

function requestsTo(path: string): readonly Received[] {
  return receiver.requests.filter((request) => request.path === path);
}

// biome-ignore lint/suspicious/noExplicitAny: runs are JSON; tests read deep into them.
async function runsOf(api: ApiClient, agentId: string): Promise<any[]> {
  return (await api.get(`/api/agents/${agentId}/runs`)).body.items;
}

// biome-ignore lint/suspicious/noExplicitAny: the same.
function finishedRun(api: ApiClient, agentId: string, seconds: number): Promise<any> {
  return eventually(async () => {
    const run = (await runsOf(api, agentId)).at(-1);
    expect(run?.finished_at).toEqual(expect.any(String));
    return run;
  }, seconds);
}

/** Waits until the minute has come for an agent that runs every minute. */
async function theMinuteCame(path: string): Promise<void> {
  await eventually(() => {
    const times = requestsTo(path).map(({ json }) => json.at);
    expect(times).toContain(new Date(theMinute).toISOString());
  }, PATIENCE_SECONDS);
}

describe.concurrent('a schedule', () => {
  it('T-7: of every minute shows a successful run within 75 s', async () => {
    const createdAt = Date.now();
    const agent = await alice.create(scheduled('/every-minute', everyMinute));
    const nextMinute = new Date(Math.ceil(createdAt / MINUTE) * MINUTE).toISOString();

    const { id } = await finishedRun(alice, agent.id, 75);

    expect(Date.now() - createdAt).toBeLessThan(75_000);
    const { body: run } = await alice.get(`/api/agents/runs/${id}`);
    expect(run).toMatchObject({ status: 'success', triggered_by: 'schedule', late_by_ms: null });
    expect(agent.next_run_at).toBe(nextMinute);
    expect(run.trigger.scheduled_at).toBe(nextMinute);
    expect(run.steps[0].input.body).toEqual({ at: nextMinute });
    expect(requestsTo('/every-minute')[0]?.json).toEqual({ at: nextMinute });
  });

  it(`of which there are ${CROWD} at the same minute: all start within 10 s`, async () => {
    const crowd = await product.api('crowd');
    const when = new Date(theMinute);
    const cron_expression = `${when.getUTCMinutes()} ${when.getUTCHours()} * * *`;
    const ids: string[] = [];
    const creator = async () => {
      while (ids.length < CROWD) {
        const place = ids.push('') - 1;
        ids[place] = (await crowd.create(scheduled('/crowd', { cron_expression }))).id;
      }
    };
    await Promise.all(Array.from({ length: 8 }, creator));
    expect(Date.now(), 'all are created in time').toBeLessThan(theMinute);

    const requests = await receiver.got('/crowd', CROWD, PATIENCE_SECONDS);

    const delays = requests.map(({ at }) => at - theMinute).toSorted((a, b) => a - b);
    console.log(`${CROWD} at the same minute: ${delays[0]} to ${delays.at(-1)} ms after it`);
    expect(delays[0]).toBeGreaterThanOrEqual(0);
    expect(delays.at(-1)).toBeLessThan(10_000);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(CROWD);
  });

  it.each([
    ['with a fraction of a second', 3_250],
    ['of a whole second', 4_000],
  ])('of one time, %s, fires once within 2 s of it and never again', async (_, inMs) => {
    const second = Math.ceil(Date.now() / 1_000) * 1_000;
    const runAt = second + inMs;
    const path = `/once-${inMs}`;
    const run_at = new Date(runAt).toISOString();
    const { id, next_run_at } = await alice.create(scheduled(path, { run_at }));
    const other = await alice.create(scheduled(`${path}-witness`, everyMinute));

    const [request] = await receiver.got(path);

    expect(next_run_at).toBe(run_at);
    expect(request?.json).toEqual({ at: run_at });
    expect(request?.at).toBeGreaterThanOrEqual(runAt);
    expect(request?.at).toBeLessThan(runAt + 2_000);
    await theMinuteCame(`${path}-witness`);
    expect((await alice.get(`/api/agents/${other.id}`)).status).toBe(200);
    expect((await alice.get(`/api/agents/${id}`)).body.next_run_at).toBeNull();
    expect(await runsOf(alice, id)).toHaveLength(1);
    expect(requestsTo(path)).toHaveLength(1);
  });

  it.each([
    ['disabled', (id: string) => alice.post(`/api/agents/${id}/disable`)],
    ['deleted', (id: string) => alice.request('DELETE', `/api/agents/${id}`)],
    [
      'given another trigger',
      (id: string) =>
        alice.request('PATCH', `/api/agents/${id}`, { trigger_config: { type: 'manual' } }),
    ],
  ])('does not fire once its agent is %s', async (name, stop) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    const { id } = await alice.create(scheduled(path, everyMinute));
    await alice.create(scheduled(`${path}-witness`, everyMinute));
    const { body } = await stop(id);
    const before = requestsTo(path).length;

    await theMinuteCame(`${path}-witness`);

    expect(body?.next_run_at ?? null).toBeNull();
    expect(requestsTo(path)).toHaveLength(before);
  });

  it('that is enabled again fires from then on', async () => {
    const { id } = await alice.create({ ...scheduled('/again', everyMinute), enabled: false });
    expect((await alice.get(`/api/agents/${id}`)).body.next_run_at).toBeNull();

    const { body } = await alice.post(`/api/agents/${id}/enable`);

    expect(Date.parse(body.next_run_at) % MINUTE).toBe(0);
    await theMinuteCame('/again');
  });

  it('whose time passes after a kill -9 runs once after the start, and says how late', async () => {
    const options = { dataDir: newDataDirectory(), receivers: [receiver] };
    const first = await startProduct(options);
    const runAt = Math.ceil(Date.now() / 1_000) * 1_000 + 2_000;
    const run_at = new Date(runAt).toISOString();
    const api = await first.api('alice');
    const runs = await api.create(scheduled('/missed', { run_at }));
    const rejects = await api.create(scheduled('/never', { run_at }, { catch_up: 'none' }));
    await first.kill();
    expect(Date.now(), 'it is killed before').toBeLessThan(runAt);

    // A start makes up at once for what is half a minute late; before that it is the sweeper's.
    await delay(runAt + 31_000 - Date.now());
    const second = await startProduct({ ...options, port: first.port });
    const again = await second.api('alice');
    const run = await finishedRun(again, runs.id, 10);
    const never = await finishedRun(again, rejects.id, 10);

    expect(run).toMatchObject({ status: 'success', triggered_by: 'schedule' });
    expect(run.late_by_ms).toBeGreaterThan(30_000);
    expect(Date.parse(run.triggered_at) - runAt).toBe(run.late_by_ms);
    // Late by less than five minutes is not missed, whatever catch_up says.
    expect(never).toMatchObject({ status: 'success' });
    const later = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000).toISOString();
    await again.create(scheduled('/later', { run_at: later }));
    await receiver.got('/later');
    expect(await runsOf(again, runs.id)).toHaveLength(1);
    expect(requestsTo('/missed')).toHaveLength(1);
    expect(requestsTo('/missed')[0]?.json).toEqual({ at: run_at });
    await second.stop();
  });
});

describe('the preview', () => {
  const preview = (query: Record<string, string>) =>
    alice.get(`/api/agents/schedule/preview?${new URLSearchParams(query)}`);

  it('gives the next times, in words, with what changes of the clocks do', async () => {
    const { status, body } = await preview({
      cron_expression: '30 2 * * *',
      timezone: 'America/New_York',
      after: '2026-03-07T00:00:00Z',
      count: '3',
    });

    expect(status).toBe(200);
    expect(body).toEqual({
      fires: ['2026-03-07T07:30:00.000Z', '2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z'],
      description: 'every day at 02:30, New York time',
      notes: [
        'On 8 March 2026 the clocks skip 02:00–03:00 in New York; this run happens at 03:00 that day.',
      ],
    });
  });

  it('says the same as the agent does', async () => {
    const trigger = { cron_expression: '0 9 1 * 1', timezone: 'Asia/Kolkata' };

    const agent = await alice.create(scheduled('/unused', trigger));
    const { body } = await preview(trigger);

    expect(body.fires).toHaveLength(5);
    expect(agent.next_run_at).toBe(body.fires[0]);
    expect(body.description).toBe(
      'at 09:00 on the 1st of every month, and also every Monday, Kolkata time',
    );
  });

  it.each([
    ['cron_expression', { cron_expression: '0 9 31 2 *' }],
    ['cron_expression', { cron_expression: '0 9 * *' }],
    ['timezone', { cron_expression: '0 9 * * *', timezone: 'Europe/Atlantis' }],
    ['count', { cron_expression: '0 9 * * *', count: '51' }],
    ['after', { cron_expression: '0 9 * * *', after: 'tomorrow' }],
  ])('is refused with the field %s: %o', async (path, query) => {
    const { status, body } = await preview(query);

    expect(status).toBe(400);
    expect(body.error.details.fields).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(/\S{3}/) }),
    ]);
  });
});

it.each([
  ['cron_expression', {}],
  ['cron_expression', { cron_expression: '60 9 * * *' }],
  ['cron_expression', { cron_expression: '0 0 9 * * *' }],
  ['cron_expression', { cron_expression: '@daily' }],
  ['cron_expression', { cron_expression: '0 0 30 2 *' }],
  ['cron_expression', { cron_expression: '0 9 * * *', run_at: '2099-01-01T09:00:00Z' }],
  ['timezone', { cron_expression: '0 9 * * *', timezone: 'Mars/Olympus' }],
  ['timezone', { cron_expression: '0 9 * * *', timezone: '' }],
  ['run_at', { run_at: '2020-01-01T09:00:00Z' }],
  ['run_at', { run_at: '2099-01-01T09:00:00' }],
  ['run_at', { run_at: '2099-02-30T09:00:00Z' }],
])('a schedule that cannot be is refused with the field %s: %o', async (field, trigger) => {
  const { status, body } = await alice.post('/api/agents', scheduled('/unused', trigger));

  expect(status).toBe(400);
  expect(body.error.details.fields).toEqual([
    expect.objectContaining({ path: `trigger_config.${field}`, message: expect.any(String) }),
  ]);
});
