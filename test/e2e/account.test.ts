import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });

beforeEach(() => receiver.answer(() => ({ body: { ok: true } })));

const SECRET = 'a-secret-of-sixteen';

function hook(path = '/account') {
  return {
    name: 'Mine',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: [{ id: 'call', type: 'http', config: { url: `${receiver.url}${path}` } }],
  };
}

const schedule = {
  ...hook(),
  trigger_config: { type: 'schedule', cron_expression: '0 9 * * *' },
};

async function deliver(webhookUrl: string, body: unknown, headers = {}) {
  return send(webhookUrl, 'POST', body, { headers: { 'x-webhook-secret': SECRET, ...headers } });
}

/** Two agents and a deleted one, runs small and large, a refused call, and a schedule. */
async function settle(api: ApiClient) {
  const agent = await api.create(hook());
  await api.request('PATCH', `/api/agents/${agent.id}`, { name: 'Mine still' });
  const scheduled = await api.create(schedule);
  const { body: apiKey } = await api.post('/api/keys', { name: 'Mine' });
  const deleted = await api.create(hook());
  const large = { rows: Array.from({ length: 16_000 }, (_, row) => `row ${row} of a lot`) };
  const opened = [
    await deliver(agent.webhook_url, { n: 1 }, { 'idempotency-key': 'once' }),
    await deliver(agent.webhook_url, { text: 'x'.repeat(9_000) }),
    await deliver(agent.webhook_url, large),
    await deliver(deleted.webhook_url, { n: 2 }),
  ];
  await deliver(agent.webhook_url, {}, { 'x-webhook-secret': 'wrong' });
  const runIds = opened.map(({ body }) => body.run_id as string);
  for (const runId of runIds) await api.finished(runId);
  await api.request('DELETE', `/api/agents/${deleted.id}`);
  return { agent, scheduled, deleted, runIds, large, apiKey };
}

async function exported(api: ApiClient, limit = 1_000) {
  // biome-ignore lint/suspicious/noExplicitAny: entries of several kinds; the test reads deep into them.
  const items: any[] = [];
  let cursor: string | null = null;
  do {
    const path: string = `/api/account/export?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`;
    const { status, body } = await api.get(path);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}

describe('an export', () => {
  it('has all that is there: agents, versions, runs, steps, logs', async () => {
    const api = await product.api('exporter');
    const { agent, scheduled, deleted, runIds, large, apiKey } = await settle(api);
    const { key, ...shownKey } = apiKey;

    const items = await exported(api);

    const ofKind = (kind: string) => items.filter((item) => item.kind === kind);
    expect(ofKind('agent').map((item) => item.agent.id)).toEqual([scheduled.id, agent.id]);
    expect(ofKind('agent_version').map((item) => [item.agent_id, item.version.version])).toEqual([
      [scheduled.id, 1],
      [agent.id, 2],
      [agent.id, 1],
      [deleted.id, 1],
    ]);
    expect(ofKind('run').map((item) => item.run.id)).toEqual(runIds.toReversed());
    expect(ofKind('run').map((item) => item.run.trigger.body)).toContainEqual(large);
    expect(ofKind('step').map((item) => item.run_id)).toEqual(runIds.toReversed());
    for (const { step } of ofKind('step')) expect(step.output.json).toEqual({ ok: true });
    const messages = ofKind('log').flatMap((item) =>
      item.lines.map((line: { message: string }) => line.message),
    );
    expect(messages.filter((message) => message === 'Run succeeded.')).toHaveLength(4);
    expect(ofKind('api_key')).toEqual([{ kind: 'api_key', api_key: shownKey }]);
    for (const secret of [SECRET, key]) expect(JSON.stringify(items)).not.toContain(secret);
  });

  it('comes whole in pages of any size', async () => {
    const api = await product.api('exporter');
    const whole = await exported(api);

    for (const limit of [1, 3, 7]) expect(await exported(api, limit)).toEqual(whole);
  });

  it('has the steps inside of loops, wherever a page ends', async () => {
    const api = await product.api('looper');
    const each = {
      id: 'each',
      type: 'for_each',
      config: {
        items: '{{trigger.body.items}}',
        actions: [{ id: 'call', type: 'http', config: { url: `${receiver.url}/{{item}}` } }],
      },
    };
    const agent = await api.create({
      name: 'Looper',
      trigger_config: { type: 'manual' },
      actions: [each],
    });
    const { body } = await api.post(`/api/agents/${agent.id}/run`, { items: [1, 2, 3] });
    await api.finished(body.run_id);
    const inside = (await api.get(`/api/agents/runs/${body.run_id}/steps`)).body.items;

    const items = await exported(api);

    const steps = items.filter(({ kind }) => kind === 'step').map(({ step }) => step);
    expect(inside.map((step: { path: string }) => step.path)).toContain('0[2].0');
    expect(steps.slice(1)).toEqual(inside);
    expect(steps[0]).toMatchObject({ path: '0', id: 'each' });
    for (const limit of [1, 2, 5]) expect(await exported(api, limit)).toEqual(items);
  });

  it('has nothing of anybody else', async () => {
    const api = await product.api('newcomer');
    const one = await api.create(hook());

    const items = await exported(api);

    expect(items.map((item) => item.agent?.id ?? item.agent_id)).toEqual([one.id, one.id]);
  });

  it('refuses a cursor of somebody else', async () => {
    const other = await product.api('exporter');
    const { body } = await other.get('/api/account/export?limit=1');
    const api = await product.api('newcomer');

    const { status } = await api.get(`/api/account/export?cursor=${body.next_cursor}`);

    expect(status).toBe(400);
  });
});

/** Where in the machine's files a text stands, by table, deleted rows not counted. */
function placesOf(text: string): string[] {
  // What was told to the operator's own billing has left the product: it is what the user owes.
  const files = globSync('aws/*.sqlite', { cwd: product.dataDir, exclude: ['aws/events.sqlite'] });
  return files.flatMap((file) => {
    const database = new DatabaseSync(join(product.dataDir, file), { readOnly: true });
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name));
    const places = tables.flatMap((table) =>
      database
        .prepare(`SELECT * FROM "${table}"`)
        .all()
        .filter((row) => JSON.stringify(row).includes(text))
        .map((row) => `${file} ${table} ${row['pk'] ?? row['key'] ?? row['name'] ?? ''}`),
    );
    database.close();
    return places;
  });
}

describe('the removal of an account', () => {
  it('leaves nothing of it anywhere, and everything of others', async () => {
    const leaver = await product.api('user-who-leaves');
    const stayer = await product.api('user-who-stays');
    const { agent, apiKey } = await settle(leaver);
    const kept = await settle(stayer);
    const program = (key: string) => apiClient(product.url, key);
    expect((await program(apiKey.key).get('/api/agents')).status).toBe(200);
    expect(placesOf('user-who-leaves').length).toBeGreaterThan(10);
    expect(placesOf('user-who-leaves').join()).toContain('s3.sqlite objects runs/user-who-leaves/');
    const others = placesOf('user-who-stays');

    const { status } = await leaver.request('DELETE', '/api/account');

    expect(status).toBe(204);
    await eventually(() => expect(placesOf('user-who-leaves')).toEqual([]));
    expect(placesOf('user-who-stays')).toEqual(others);
    expect((await program(apiKey.key).get('/api/agents')).status).toBe(401);
    expect((await program(kept.apiKey.key).get('/api/agents')).status).toBe(200);
    expect((await leaver.get('/api/agents')).body.items).toEqual([]);
    expect((await leaver.get('/api/agents/runs')).body.items).toEqual([]);
    expect((await deliver(agent.webhook_url, {})).status).toBe(404);
    expect((await deliver(kept.agent.webhook_url, {})).status).toBe(202);
  });

  it('may be asked for again, and by somebody who has nothing', async () => {
    const api = await product.api('user-who-has-nothing');

    expect((await api.request('DELETE', '/api/account')).status).toBe(204);
    expect((await api.request('DELETE', '/api/account')).status).toBe(204);
  });

  it('does not forbid to start anew', async () => {
    const api = await product.api('user-who-comes-back');
    await api.create(hook());
    await api.request('DELETE', '/api/account');

    const again = await api.create(hook());
    const { body } = await deliver(again.webhook_url, {});

    expect((await api.finished(body.run_id)).status).toBe('success');
  });

  it('ends a run that is executed now, waits for its worker to notice, and then deletes it', async () => {
    const api = await product.api('user-in-a-hurry');
    const { webhook_url } = await api.create(hook('/slow'));
    const { promise, resolve } = Promise.withResolvers<void>();
    receiver.answer(async () => {
      await promise;
      return { body: { late: true, text: 'x'.repeat(5_000) } };
    });
    const { body: opened } = await deliver(webhook_url, {});
    await receiver.got('/slow');

    const first = await api.request('DELETE', '/api/account');

    expect(first.status).toBe(202);
    expect(first.body).toEqual({ status: 'deleting' });
    expect(first.headers.get('retry-after')).toBe('30');
    const ended = await api.get(`/api/agents/runs/${opened.run_id}`);
    expect(ended.body).toMatchObject({ status: 'cancelled', error: { code: 'account_deleted' } });
    resolve();
    await eventually(
      async () => expect((await api.request('DELETE', '/api/account')).status).toBe(204),
      40,
    );
    await eventually(() => expect(placesOf('user-in-a-hurry')).toEqual([]));
  });
});
