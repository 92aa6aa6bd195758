import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ApiClient, Reply } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { type Received, startReceiver } from '#test/helpers/receiver';

// These tests share two cores with others that work hard; alone they keep the promised times.
const SLOWNESS = 3;
const MINUTE = 60_000;
const CROWD = 500;
const PEOPLE = 20;
/** A minute, and then some. */
const PATIENCE_SECONDS = 80;

const receiver = await startReceiver();
const missing = missTwoTimes();
missing.catch(() => undefined);
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
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
function firstRun(api: ApiClient, agentId: string, seconds: number): Promise<any> {
  return eventually(async () => {
    const run = (await runsOf(api, agentId)).at(-1);
    expect(run?.finished_at).toEqual(expect.any(String));
    return run;
  }, seconds);
}

/** The next whole second, and so much later. */
function inSome(ms: number): number {
  return Math.ceil(Date.now() / 1_000) * 1_000 + ms;
}

/** A machine of its own is killed before two times come, and started when they have passed. */
async function missTwoTimes() {
  const options = { dataDir: temporaryDirectory(), receivers: [receiver] };
  const first = await startProduct(options);
  const runAt = inSome(3_000);
  const run_at = new Date(runAt).toISOString();
  const api = await first.api('alice');
  const latest = await api.create(scheduled('/missed', { run_at }));
  const none = await api.create(scheduled('/missed-too', { run_at }, { catch_up: 'none' }));
  await first.kill();
  expect(Date.now(), 'it is killed before').toBeLessThan(runAt);

  await delay(runAt + 1_000 - Date.now());
  const second = await startProduct({ ...options, port: first.port });
  return { runAt, latest, none, product: second, api: await second.api('alice') };
}

async function createCrowd(): Promise<void> {
  // Of many people: one alone may only have as many runs at once as the plan says.
  const crowd = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) => product.api(`crowd-${index}`)),
  );
  let created = 0;
  const creator = async () => {
    while (created < CROWD) {
      const person = crowd[created % PEOPLE];
      created += 1;
      await person?.create(scheduled('/crowd', everyMinute));
    }
  };
  await Promise.all(Array.from({ length: 8 }, creator));
}

/** Made at once, so that all wait for the same minute. */
const witnessAt = Date.now();
const witness = await alice.create(scheduled('/witness', everyMinute));
const oneTimes = [inSome(3_250), inSome(4_000)].map((runAt) => ({ runAt, path: `/once-${runAt}` }));
const once = await Promise.all(
  oneTimes.map(({ runAt, path }) =>
    alice.create(scheduled(path, { run_at: new Date(runAt).toISOString() })),
  ),
);
const stops: [name: string, path: string, stop: (id: string) => Promise<Reply>][] = [
  ['disabled', '/disabled', (id) => alice.post(`/api/agents/${id}/disable`)],
  ['deleted', '/deleted', (id) => alice.request('DELETE', `/api/agents/${id}`)],
  [
    'given another trigger',
    '/manual',
    (id) => alice.request('PATCH', `/api/agents/${id}`, { trigger_config: { type: 'manual' } }),
  ],
];
const stopped = await Promise.all(
  stops.map(async ([, path, stop]) => stop((await alice.create(scheduled(path, everyMinute))).id)),
);
const off = await alice.create({ ...scheduled('/enabled', everyMinute), enabled: false });
const enabled = await alice.post(`/api/agents/${off.id}/enable`);
await createCrowd();
const preparedAt = Date.now();
const theMinute = Math.ceil(preparedAt / MINUTE) * MINUTE;

/** What came to a path for the minute that all wait for. */
function inTheMinute(path: string, count = 1): Promise<readonly Received[]> {
  return eventually(() => {
    const at = new Date(theMinute).toISOString();
    const requests = requestsTo(path).filter(({ json }) => json.at === at);
    if (requests.length < count) throw new Error(`${requests.length} of ${count} came to ${path}`);
    return requests;
  }, PATIENCE_SECONDS);
}

describe('one time', () => {
  it.each([
    ['with a fraction of a second', 0],
    ['of a whole second', 1],
  ])('%s fires within 2 s of it', async (_, index) => {
    const { runAt = 0, path = '' } = oneTimes[index] ?? {};
    const at = new Date(runAt).toISOString();

    const [request] = await receiver.got(path);

    expect(once[index].next_run_at).toBe(at);
    expect(request?.json).toEqual({ at });
    expect(request?.at).toBeGreaterThanOrEqual(runAt);
    expect(request?.at).toBeLessThan(runAt + 2_000 * SLOWNESS);
  });
});

describe('a schedule of every minute', () => {
  it('T-7: shows a successful run within 75 s', async () => {
    const nextMinute = new Date(Math.ceil(witnessAt / MINUTE) * MINUTE).toISOString();
    const secondsLeft = 75 - (Date.now() - witnessAt) / 1_000;

    const { id } = await firstRun(alice, witness.id, Math.max(1, secondsLeft));

    const { body: run } = await alice.get(`/api/agents/runs/${id}`);
    expect(run).toMatchObject({ status: 'success', triggered_by: 'schedule' });
    expect(Date.parse(run.finished_at) - witnessAt).toBeLessThan(75_000);
    expect(witness.next_run_at).toBe(nextMinute);
    expect(run.trigger.scheduled_at).toBe(nextMinute);
    expect(run.steps[0].input.body).toEqual({ at: nextMinute });
    expect(requestsTo('/witness')[0]?.json).toEqual({ at: nextMinute });
  });

  it(`starts within 10 s, all ${CROWD} of them`, async () => {
    const requests = await inTheMinute('/crowd', CROWD);

    const delays = requests.map(({ at }) => at - theMinute).toSorted((a, b) => a - b);
    console.log(`${CROWD} at the same minute: ${delays[0]} to ${delays.at(-1)} ms after it`);
    expect(delays[0]).toBeGreaterThanOrEqual(0);
    expect(delays.at(-1)).toBeLessThan(10_000 * SLOWNESS);
    expect(requests).toHaveLength(CROWD);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(CROWD);
  });

  it.each(stops.map(([name, path], index) => [name, path, index] as const))(
    'does not fire once its agent is %s',
    async (_, path, index) => {
      await inTheMinute('/witness');

      expect(stopped[index]?.body?.next_run_at ?? null).toBeNull();
      const late = requestsTo(path).filter(({ at }) => at > preparedAt);
      expect(late).toEqual([]);
    },
  );

  it('fires once its agent is enabled', async () => {
    expect(off.next_run_at).toBeNull();
    expect(Date.parse(enabled.body.next_run_at) % MINUTE).toBe(0);
    await inTheMinute('/enabled');
  });
});

it('one time never fires again', async () => {
  await inTheMinute('/witness');

  for (const [index, { path }] of oneTimes.entries()) {
    const { id } = once[index];
    expect((await alice.get(`/api/agents/${id}`)).body.next_run_at).toBeNull();
    expect(await runsOf(alice, id)).toHaveLength(1);
    expect(requestsTo(path)).toHaveLength(1);
  }
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
    ['after', { cron_expression: '0 9 * * *', after: '0001-01-01T00:00:00Z' }],
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
  ['run_at', { run_at: '9999-12-31T23:59:59.999Z' }],
  ['timezone', { run_at: '2099-01-01T09:00:00Z', timezone: 'Europe/London' }],
])('a schedule that cannot be is refused with the field %s: %o', async (field, trigger) => {
  const { status, body } = await alice.post('/api/agents', scheduled('/unused', trigger));

  expect(status).toBe(400);
  expect(body.error.details.fields).toEqual([
    expect.objectContaining({ path: `trigger_config.${field}`, message: expect.any(String) }),
  ]);
});

it('one time that passes after a kill -9 runs once after the start, and says how late', async () => {
  const { runAt, latest, none, product: again, api } = await missing;
  const at = new Date(runAt).toISOString();
  const later = new Date(inSome(2_000)).toISOString();
  await api.create(scheduled('/later', { run_at: later }));

  const run = await firstRun(api, latest.id, 20);

  expect(run).toMatchObject({ status: 'success', triggered_by: 'schedule' });
  const late = Date.parse(run.triggered_at) - runAt;
  expect(late).toBeGreaterThan(0);
  // It is worth saying from five seconds on.
  expect(run.late_by_ms).toBe(late >= 5_000 ? late : null);
  // Late by less than five minutes is not missed, whatever catch_up says.
  expect(await firstRun(api, none.id, 10)).toMatchObject({ status: 'success' });
  await receiver.got('/later');
  for (const [id, path] of [
    [latest.id, '/missed'],
    [none.id, '/missed-too'],
  ]) {
    expect(await runsOf(api, id)).toHaveLength(1);
    expect(requestsTo(path).map(({ json }) => json)).toEqual([{ at }]);
  }
  expect(await again.stop()).toBe(0);
}, 150_000);
