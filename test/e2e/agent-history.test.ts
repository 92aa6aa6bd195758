import { describe, expect, it } from 'vitest';
import { type ApiClient, send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const SECRET = 'a-secret-of-sixteen';

function manual(name: string, path = '/fine', more = {}) {
  return {
    name,
    trigger_config: { type: 'manual' },
    actions: [
      {
        type: 'http',
        config: { url: `${receiver.url}${path}`, expect_status: 200 },
      },
    ],
    ...more,
  };
}

receiver.answer(({ path }) => ({ status: path === '/bad' ? 400 : 200 }));

async function runOnce(api: ApiClient, agentId: string): Promise<string> {
  const { body } = await api.post(`/api/agents/${agentId}/run`);
  await api.finished(body.run_id);
  return body.run_id;
}

async function idsOf(api: ApiClient, path: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { status, body }: Awaited<ReturnType<ApiClient['get']>> = await api.get(
      cursor === null ? path : `${path}&cursor=${cursor}`,
    );
    expect(status, JSON.stringify(body)).toBe(200);
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  } while (cursor !== null);
  return ids;
}

describe('the list of agents', async () => {
  const api = await product.api('lister');
  const one = await api.create(manual('Lead ROUTER', '/fine', { description: 'Grüße an Müller' }));
  const two = await api.create(manual('Report', '/fine', { enabled: false }));
  const three = await api.create(manual('Another router', '/fine', { enabled: false }));

  it.each([
    ['enabled=true', [one.id]],
    ['enabled=false', [three.id, two.id]],
    ['q=router', [three.id, one.id]],
    ['q=ROUTER&enabled=true', [one.id]],
    ['q=m%C3%9CLLER', [one.id]],
    ['q=nothing', []],
    ['q=router&limit=1', [three.id, one.id]],
  ])('with %s has what fits', async (query, expected) => {
    expect(await idsOf(api, `/api/agents?${query}`)).toEqual(expected);
  });

  it('refuses a cursor of the same list with other filters', async () => {
    const { body } = await api.get('/api/agents?limit=1');
    const reply = await api.get(`/api/agents?q=router&cursor=${body.next_cursor}`);
    expect(reply.status).toBe(400);
  });
});

describe('the list of runs', async () => {
  const api = await product.api('historian');
  const fine = await api.create(manual('Fine'));
  const bad = await api.create(manual('Bad', '/bad'));
  const start = new Date().toISOString();
  const runs = [
    await runOnce(api, fine.id),
    await runOnce(api, bad.id),
    await runOnce(api, fine.id),
  ];
  const middle = new Date().toISOString();
  runs.push(await runOnce(api, bad.id), await runOnce(api, fine.id));
  const [a = '', b = '', c = '', d = '', e = ''] = runs;

  it.each([
    ['status=success', [e, c, a]],
    ['status=failed', [d, b]],
    ['status=failed&limit=1', [d, b]],
    ['status=cancelled', []],
    [`since=${middle}`, [e, d]],
    [`until=${middle}`, [c, b, a]],
    [`since=${start}&until=${middle}&status=success`, [c, a]],
    [`since=${start}&until=${middle}&status=success&limit=1`, [c, a]],
    [`since=${middle}&limit=1`, [e, d]],
    ['until=2020-01-01T00:00:00Z', []],
    ['since=1950-01-01T00:00:00Z', [e, d, c, b, a]],
    ['since=9999-01-01T00:00:00Z', []],
  ])('over all agents with %s has what fits', async (query, expected) => {
    expect(await idsOf(api, `/api/agents/runs?${query}`)).toEqual(expected);
  });

  it('of one agent has what fits', async () => {
    const path = `/api/agents/${fine.id}/runs`;
    expect(await idsOf(api, `${path}?since=${middle}`)).toEqual([e]);
    expect(await idsOf(api, `${path}?status=failed`)).toEqual([]);
    expect(await idsOf(api, `${path}?until=${middle}&status=success&limit=1`)).toEqual([c, a]);
  });

  it('refuses a window that ends before it starts', async () => {
    const { status, body } = await api.get(`/api/agents/runs?since=${middle}&until=${start}`);

    expect(status).toBe(400);
    expect(body.error.message).toBe('since: This must be earlier than until.');
  });

  it('survives a cursor that somebody made up', async () => {
    const { body } = await api.get(`/api/agents/runs?since=${middle}&limit=1`);
    const [mark] = JSON.parse(Buffer.from(body.next_cursor, 'base64url').toString());
    for (const position of ['', 'run_0', 'run_zzz', '💥', a, 'x'.repeat(200)]) {
      const cursor = Buffer.from(JSON.stringify([mark, position])).toString('base64url');
      const reply = await api.get(`/api/agents/runs?since=${middle}&limit=1&cursor=${cursor}`);
      expect(reply.status).toBe(200);
    }
  });

  it('is what the statistics are made of', async () => {
    const { status, body } = await api.get('/api/stats?window=24h');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      runs: 5,
      truncated: false,
      by_status: { success: 3, failed: 2 },
      success_rate: 0.6,
      failing_agents: [{ agent_id: bad.id, name: 'Bad', failed: 2, runs: 2 }],
    });
    expect(body.duration_ms.p95).toBeGreaterThanOrEqual(body.duration_ms.p50);
    expect(body.start_lag_ms.p50).toBeGreaterThanOrEqual(0);
    const counted = body.by_hour.reduce(
      (sum: number, hour: { runs: number }) => sum + hour.runs,
      0,
    );
    expect(counted).toBe(5);
  });
});

describe('the versions of an agent', () => {
  it('are kept, newest first, with secrets masked', async () => {
    const api = await product.api('versionist');
    const { id } = await api.create({
      ...manual('First'),
      trigger_config: { type: 'webhook', secret: SECRET },
    });
    await api.request('PATCH', `/api/agents/${id}`, { name: 'Second' });
    await api.post(`/api/agents/${id}/disable`);
    await api.request('PATCH', `/api/agents/${id}`, { name: 'Third' });

    const { body } = await api.get(`/api/agents/${id}/versions`);
    const first = await api.get(`/api/agents/${id}/versions?limit=2`);
    const rest = await api.get(
      `/api/agents/${id}/versions?limit=2&cursor=${first.body.next_cursor}`,
    );

    const seen = body.items.map((one: { version: number; name: string }) => [
      one.version,
      one.name,
    ]);
    expect(seen).toEqual([
      [3, 'Third'],
      [2, 'Second'],
      [1, 'First'],
    ]);
    expect([...first.body.items, ...rest.body.items]).toEqual(body.items);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    expect(body.items[0].trigger_config.secret).toBe(`****${SECRET.slice(-4)}`);
  });

  it('can be restored: a new version that equals the earlier one, with the secret of now', async () => {
    const api = await product.api('restorer');
    const hook = { ...manual('First'), trigger_config: { type: 'webhook', secret: SECRET } };
    const { id, webhook_url } = await api.create(hook);
    const before = (await api.get(`/api/agents/${id}`)).body;
    const newer = 'another-secret-of-sixteen';
    await api.request('PATCH', `/api/agents/${id}`, {
      name: 'Second',
      description: 'Changed',
      trigger_config: { type: 'webhook', secret: newer },
      actions: manual('x', '/other').actions,
      settings: { log_retention_days: 1 },
    });
    await api.post(`/api/agents/${id}/disable`);

    const { status, body, headers } = await api.post(`/api/agents/${id}/versions/1/restore`);

    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"3"');
    expect(body).toMatchObject({
      version: 3,
      enabled: false,
      name: 'First',
      description: '',
      actions: before.actions,
      settings: before.settings,
      trigger_config: { type: 'webhook', secret: `****${newer.slice(-4)}` },
    });
    await api.post(`/api/agents/${id}/enable`);
    const withSecret = (secret: string) =>
      send(webhook_url, 'POST', {}, { headers: { 'x-webhook-secret': secret } });
    expect((await withSecret(SECRET)).status).toBe(401);
    expect((await withSecret(newer)).status).toBe(202);
  });

  it('bring back a trigger of another kind', async () => {
    const api = await product.api('switcher');
    const hook = { ...manual('Switch'), trigger_config: { type: 'webhook', secret: SECRET } };
    const { id } = await api.create(hook);
    const trigger_config = { type: 'schedule', cron_expression: '0 9 * * *', timezone: 'UTC' };
    const scheduled = await api.request('PATCH', `/api/agents/${id}`, { trigger_config });
    expect(scheduled.body.next_run_at).toMatch(/T09:00:00\.000Z$/);

    const back = await api.post(`/api/agents/${id}/versions/1/restore`);
    const forth = await api.post(`/api/agents/${id}/versions/2/restore`);

    expect(back.body.next_run_at).toBeNull();
    expect(back.body.trigger_config.secret).toMatch(/^whsec_/);
    expect(forth.body).toMatchObject({ version: 4, trigger_config });
    expect(forth.body.next_run_at).toBe(scheduled.body.next_run_at);
  });

  it.each(['0', '99', '-1', '1.5', 'x', '01', '1e3', '9'.repeat(30)])(
    'that are not there cannot be restored: %s',
    async (n) => {
      const api = await product.api('restorer');
      const { body: list } = await api.get('/api/agents');
      const [{ id }] = list.items;

      const { status, body } = await api.post(`/api/agents/${id}/versions/${n}/restore`);

      expect(status).toBe(404);
      expect(body.error.message).toBe('There is no such version.');
    },
  );
});

describe('a tried step', () => {
  it('really acts, and saves nothing', async () => {
    const api = await product.api('trier');

    const { status, body } = await api.post('/api/agents/test-step', {
      action: {
        type: 'http',
        config: {
          method: 'POST',
          url: `${receiver.url}/tried`,
          body: { name: '{{trigger.body.name}}', id: '{{steps.fetch.output.id}}' },
        },
      },
      trigger: { body: { name: 'Ada' } },
      steps: { fetch: { output: { id: 7 } } },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'success', error: null, output: { status: 200 } });
    expect(body.duration_ms).toBeGreaterThanOrEqual(0);
    expect(body.log).toHaveLength(1);
    const [request] = await receiver.got('/tried');
    expect(request?.json).toEqual({ name: 'Ada', id: 7 });
    expect((await api.get('/api/agents')).body.items).toEqual([]);
    expect((await api.get('/api/agents/runs')).body.items).toEqual([]);
  });

  it('says why it failed', async () => {
    const api = await product.api('trier');
    const action = { type: 'http', config: { url: `${receiver.url}/bad` } };

    const { status, body } = await api.post('/api/agents/test-step', { action });

    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(body.error.message).toContain('answered 400');
  });

  it.each(['http://127.0.0.1:1/', 'http://169.254.169.254/latest/meta-data'])(
    'may not reach %s, at once or by a placeholder',
    async (url) => {
      const api = await product.api('trier');
      const tried = (address: string) =>
        api.post('/api/agents/test-step', {
          action: { type: 'http', config: { url: address } },
          trigger: { body: { url } },
        });

      const written = await tried(url);
      const resolved = await tried('{{trigger.body.url}}');

      expect(written.status).toBe(400);
      expect(resolved.status).toBe(200);
      expect(resolved.body).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    },
  );
});

describe('health', () => {
  it('is asked of the table and the queue on demand', async () => {
    const { status, body } = await send(`${product.url}/api/health?deep=1`, 'GET');

    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      checks: { table: 'ok', run_queue: 'ok' },
      dispatch: 'running',
    });
  });
});

it('a run larger than an answer may be is read without what does not fit; the export has all', async () => {
  const api = await product.api('hoarder');
  // Quotes are the worst: JSON doubles them, and Lambda's own answer doubles them again.
  const text = '"'.repeat(1_000_000);
  receiver.answer(() => ({ body: text }));
  const action = { type: 'http', config: { url: `${receiver.url}/large` } };
  const { id } = await api.create({ ...manual('Large'), actions: Array(4).fill(action) });
  const runId = await runOnce(api, id);

  const run = await api.get(`/api/agents/runs/${runId}`);
  const outputs: unknown[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = cursor === '' ? '' : `?cursor=${cursor}`;
    const { status, body }: Awaited<ReturnType<ApiClient['get']>> = await api.get(
      `/api/account/export${query}`,
    );
    expect(status).toBe(200);
    const steps = body.items.filter((item: { kind: string }) => item.kind === 'step');
    outputs.push(...steps.map((item: { step: { output: { text: string } } }) => item.step.output));
    cursor = body.next_cursor;
  }

  expect(run.status).toBe(200);
  const [first, ...rest] = run.body.steps;
  expect(first.output.text).toBe(text);
  expect(first.omitted).toBeUndefined();
  for (const step of rest) {
    expect(step.output).toBeNull();
    expect(step.omitted).toEqual([{ field: 'output', bytes: expect.any(Number) }]);
  }
  expect(outputs).toHaveLength(4);
  for (const output of outputs) expect(output).toMatchObject({ text });
});
