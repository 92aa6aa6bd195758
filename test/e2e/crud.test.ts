import { describe, expect, it } from 'vitest';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
const action = { type: 'http', config: { method: 'GET', url: `${receiver.url}/crud` } };
const definition = { name: 'Reader', trigger_config: { type: 'manual' }, actions: [action] };

describe('T-4: create', () => {
  it('answers with the whole agent, defaults included', async () => {
    const { status, headers, body } = await alice.post('/api/agents', definition);

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/agents/${body.id}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      id: expect.stringMatching(/^agt_[0-9a-z]{26}$/),
      user_id: 'alice',
      name: 'Reader',
      description: '',
      enabled: true,
      version: 1,
      trigger_config: { type: 'manual' },
      actions: [{ ...action, id: 'step_1', timeout_seconds: 120 }],
      settings: { max_run_seconds: 900, dedupe_window_seconds: 86_400, log_retention_days: 90 },
      webhook_url: null,
      next_run_at: null,
      last_run: null,
      run_counts: { success: 0, failed: 0, cancelled: 0 },
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      updated_at: body.created_at,
    });
    expect((await alice.get(`/api/agents/${body.id}`)).body).toEqual(body);
  });

  it('keeps what it was given', async () => {
    const given = {
      name: 'Ünïcode 🤖',
      description: 'Line one\nline two',
      enabled: false,
      trigger_config: { type: 'manual' },
      actions: [{ ...action, id: 'fetch', name: 'Fetch it', timeout_seconds: 7 }],
      settings: { max_run_seconds: 60, dedupe_window_seconds: 61, log_retention_days: 7 },
    };

    expect(await alice.create(given)).toMatchObject(given);
  });

  it('shows the secret once', async () => {
    const secret = 'a-secret-of-sixteen';
    const agent = await alice.create({
      ...definition,
      trigger_config: { type: 'webhook', secret },
    });

    expect(agent.trigger_config).toEqual({ type: 'webhook', auth: 'secret', secret });
    const path = `/api/agents/${agent.id}`;
    const later = [
      (await alice.get(path)).body,
      (await alice.get('/api/agents')).body.items[0],
      (await alice.request('PATCH', path, { name: 'Renamed' })).body,
      (await alice.post(`${path}/disable`)).body,
    ];
    for (const { trigger_config } of later) expect(trigger_config.secret).toBe('****teen');
  });

  it('takes a masked secret back as no change', async () => {
    const secret = 'a-secret-of-sixteen';
    const agent = await alice.create({
      ...definition,
      trigger_config: { type: 'webhook', secret },
    });
    const { body } = await alice.get(`/api/agents/${agent.id}`);

    const { trigger_config } = body;
    await alice.request('PATCH', `/api/agents/${agent.id}`, { trigger_config });
    const answer = await fetch(agent.webhook_url, {
      method: 'POST',
      headers: { 'x-webhook-secret': secret },
    });

    expect(answer.status).toBe(202);
  });
});

describe('T-4: list', () => {
  it('gives the newest first, page by page, and only the own ones', async () => {
    const bob = await product.api('bob');
    const made: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      made.unshift((await bob.create({ ...definition, name })).id);
    }

    const first = (await bob.get('/api/agents?limit=2')).body;
    const second = (await bob.get(`/api/agents?limit=2&cursor=${first.next_cursor}`)).body;

    expect([...first.items, ...second.items].map((agent) => agent.id)).toEqual(made);
    expect(second.next_cursor).toBeNull();
    expect((await bob.get(`/api/agents/${made[0]}`)).body).toEqual(first.items[0]);
  });
});

describe('T-4: update', () => {
  const change = (id: string, body: unknown, ifMatch?: string) =>
    alice.request('PATCH', `/api/agents/${id}`, body, {
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });

  it('replaces the fields that are there, and counts versions', async () => {
    const agent = await alice.create({ ...definition, description: 'before' });

    const { status, headers, body } = await change(agent.id, { name: 'After' });

    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"2"');
    expect(body).toEqual({ ...agent, name: 'After', version: 2, updated_at: body.updated_at });
    expect(body.updated_at >= agent.updated_at).toBe(true);
    expect((await alice.get(`/api/agents/${agent.id}`)).body).toEqual(body);
  });

  it('gives an action its defaults again', async () => {
    const { id } = await alice.create(definition);

    const { body } = await change(id, { actions: [action, { ...action, id: 'last' }] });

    expect(body.actions.map((one: { id: string }) => one.id)).toEqual(['step_1', 'last']);
  });

  it('with If-Match is refused when the agent has changed', async () => {
    const { id } = await alice.create(definition);
    expect((await change(id, { name: 'First' }, '"1"')).status).toBe(200);

    const stale = await change(id, { name: 'Second' }, '"1"');

    expect(stale.status).toBe(412);
    expect(stale.body.error).toMatchObject({ code: 'precondition_failed' });
    expect((await alice.get(`/api/agents/${id}`)).body).toMatchObject({
      name: 'First',
      version: 2,
    });
    expect((await change(id, { name: 'Third' }, '2')).status).toBe(200);
    expect((await change(id, { name: 'Fourth' })).body.version).toBe(4);
  });

  it('with an If-Match that is no version is refused', async () => {
    const { id } = await alice.create(definition);

    const { status, body } = await change(id, { name: 'x' }, 'latest');

    expect(status).toBe(400);
    expect(body.error.details.fields[0].path).toBe('If-Match');
  });

  it('loses none of several changes at once', async () => {
    const { id } = await alice.create(definition);

    const answers = await Promise.all([
      change(id, { name: 'Changed' }),
      change(id, { description: 'changed' }),
      change(id, { enabled: false }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await alice.get(`/api/agents/${id}`)).body).toMatchObject({
      name: 'Changed',
      description: 'changed',
      enabled: false,
      version: 3,
    });
  });

  it.each([
    { type: 'manual' },
    { type: 'schedule', cron_expression: '0 9 * * *', timezone: 'Europe/London' },
    { type: 'schedule', run_at: '2099-01-01T09:00:00Z' },
    { type: 'webhook' },
    { type: 'webhook', auth: 'stripe' },
    { type: 'webhook', auth: 'none' },
  ])(
    'takes an agent back as it was read, and makes another like it: %j',
    async (trigger_config) => {
      const { id } = await alice.create({ ...definition, trigger_config });
      const { body: read } = await alice.get(`/api/agents/${id}`);
      const { name, description, enabled, actions, settings } = read;
      const whole = { name, description, enabled, actions, settings };

      const back = await change(id, { ...whole, trigger_config: read.trigger_config });
      const copy = await alice.post('/api/agents', {
        ...whole,
        trigger_config: read.trigger_config,
      });

      expect(back.status, JSON.stringify(back.body)).toBe(200);
      expect(back.body.trigger_config).toEqual(read.trigger_config);
      expect(copy.status, JSON.stringify(copy.body)).toBe(201);
      expect(copy.body.trigger_config).toMatchObject({ type: read.trigger_config.type });
    },
  );

  it('does not change the runs that were started before', async () => {
    receiver.answer(async ({ path }) => {
      if (path === '/crud') await change(id, { actions: [action] });
      return {};
    });
    const second = { type: 'http', config: { url: `${receiver.url}/second-of-version-1` } };
    const { id } = await alice.create({ ...definition, actions: [action, second] });

    const { body } = await alice.post(`/api/agents/${id}/run`);
    const run = await alice.finished(body.run_id);

    expect(run).toMatchObject({ status: 'success', agent_version: 1, steps: [{}, {}] });
    receiver.answer(() => ({}));
  });
});

describe('T-4: delete', () => {
  it('answers 204, and 204 again', async () => {
    const { id } = await alice.create(definition);
    const path = `/api/agents/${id}`;

    const first = await alice.request('DELETE', path);
    const second = await alice.request('DELETE', path);

    expect([first.status, first.body, second.status]).toEqual([204, '', 204]);
    for (const answer of [await alice.get(path), await alice.post(`${path}/run`)]) {
      expect(answer.status).toBe(404);
    }
    const { items } = (await alice.get('/api/agents?limit=100')).body;
    expect(items.map((agent: { id: string }) => agent.id)).not.toContain(id);
  });

  it('keeps the history', async () => {
    const { id } = await alice.create(definition);
    const { body } = await alice.post(`/api/agents/${id}/run`);
    await alice.finished(body.run_id);
    await alice.request('DELETE', `/api/agents/${id}`);

    expect((await alice.get(`/api/agents/runs/${body.run_id}`)).body.status).toBe('success');
  });
});

describe('T-4: enable, disable, run', () => {
  it('switches the agent without a new version', async () => {
    const { id } = await alice.create(definition);
    const path = `/api/agents/${id}`;

    for (const [verb, enabled] of [
      ['disable', false],
      ['disable', false],
      ['enable', true],
    ] as const) {
      const { status, body } = await alice.post(`${path}/${verb}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ enabled, version: 1 });
      expect((await alice.get(path)).body.enabled).toBe(enabled);
    }
  });

  it('runs by hand, with the body as trigger', async () => {
    const body = { word: '{{trigger.body.word}}' };
    const { id } = await alice.create({
      ...definition,
      actions: [{ type: 'http', config: { method: 'PUT', url: `${receiver.url}/by-hand`, body } }],
    });

    const answer = await alice.post(`/api/agents/${id}/run`, { word: 'hello' });
    const run = await alice.finished(answer.body.run_id);

    expect(answer.status).toBe(202);
    expect(run).toMatchObject({
      status: 'success',
      triggered_by: 'manual',
      trigger: { body: { word: 'hello' } },
    });
    const [request] = await receiver.got('/by-hand');
    expect(request).toMatchObject({ method: 'PUT', json: { word: 'hello' } });
  });

  it('runs once for one Idempotency-Key', async () => {
    const { id } = await alice.create(definition);
    const run = (body: unknown) =>
      alice.post(`/api/agents/${id}/run`, body, { headers: { 'idempotency-key': 'by-hand-1' } });

    const [first, again, other] = [await run({ a: 1 }), await run({ a: 1 }), await run({ a: 2 })];

    expect(again.body).toEqual(first.body);
    expect(other.status).toBe(409);
  });

  it('does not run while it is disabled', async () => {
    const { id } = await alice.create({ ...definition, enabled: false });

    const { status, body } = await alice.post(`/api/agents/${id}/run`, {});

    expect(status).toBe(409);
    expect(body.error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('disabled'),
    });
    expect((await alice.get(`/api/agents/${id}/runs`)).body.items).toEqual([]);
  });
});

describe('the catalogue', () => {
  it('lists the types of steps with their schemas', async () => {
    const { status, body } = await alice.get('/api/agents/catalog');

    expect(status).toBe(200);
    const http = body.actions.find(({ type }: { type: string }) => type === 'http');
    expect(http).toMatchObject({
      kind: 'action',
      config_schema: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
    });
    const control = body.actions.filter((one: { kind: string }) => one.kind === 'control');
    expect(control.map((one: { type: string }) => one.type)).toEqual([
      'approval',
      'delay',
      'branch',
      'for_each',
    ]);
    expect(body.condition_schema.properties).toHaveProperty('any');
  });
});
