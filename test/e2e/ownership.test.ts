import { describe, expect, it } from 'vitest';
import type { ApiClient, Reply } from '#test/helpers/api-client';
import { pathWith, type Route, routes } from '#test/helpers/operations';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
const bob = await product.api('bob');
const definition = {
  name: "Alice's own",
  trigger_config: { type: 'manual' },
  actions: [{ type: 'http', config: { url: `${receiver.url}/own` } }],
};
const { id: agent } = await alice.create(definition);
const { body: opened } = await alice.post(`/api/agents/${agent}/run`, {});
const run: string = opened.run_id;
await alice.finished(run);

const { body: kept } = await alice.post('/api/connections', {
  kind: 'http_bearer',
  name: "Alice's key",
  allowed_hosts: ['api.example.com'],
  secret: { token: 'a-token-of-alice' },
});
const connection: string = kept.id;

const { body: made } = await alice.post('/api/keys', { name: "Alice's program" });
const key: string = made.id;

const others = { agent, run, connection, key };
const none = '0'.repeat(26);
const nobodys = {
  agent: `agt_${none}`,
  run: `run_${none}`,
  connection: `con_${none}`,
  key: `key_${none}`,
};
const bodies: Record<string, unknown> = {
  PATCH: { name: 'Taken over' },
  POST: {},
};
const withIds = routes.filter(({ path, isAdminOnly }) => path.includes('{') && !isAdminOnly);

function call(api: ApiClient, { method, path, takesBody }: Route, ids: typeof others) {
  return api.request(method, pathWith(path, ids), takesBody ? bodies[method] : undefined);
}

/** The answer without what differs by design. */
function comparable({ status, body, headers }: Reply) {
  const { request_id: _, ...error } = body.error;
  const shown = [...headers].filter(
    ([name]) => !['date', 'content-length', 'apigw-requestid'].includes(name),
  );
  return { status, error, shown };
}

describe("T-4: somebody else's ids", () => {
  it('stand in these routes', () => {
    expect(withIds.length).toBeGreaterThanOrEqual(9);
  });

  it.each(withIds)('$method $path: 404, as for one that never was', async (route) => {
    const theirs = await call(bob, route, others);
    const unknown = await call(bob, route, nobodys);

    expect(theirs.status).toBe(404);
    expect(comparable(theirs)).toEqual(comparable(unknown));
    expect(JSON.stringify(theirs.body)).not.toContain('Alice');
  });

  it.each(withIds)('$method $path: 404 for what cannot be an id', async (route) => {
    for (const text of [
      'x',
      `${agent}x`,
      agent.toUpperCase(),
      '...',
      '%23',
      'constructor',
      'agt_*',
    ]) {
      const { status } = await call(alice, route, {
        agent: text,
        run: text,
        connection: text,
        key: text,
      });
      expect(status, text).toBe(404);
    }
  });

  it('were not touched by any of these calls', async () => {
    const { status, body } = await alice.get(`/api/agents/${agent}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "Alice's own", version: 1, enabled: true });
    expect((await alice.get('/api/agents/runs')).body.items).toHaveLength(1);
  });

  it('are in no list', async () => {
    for (const path of ['/api/agents', '/api/agents/runs', '/api/connections', '/api/keys']) {
      expect((await bob.get(path)).body).toEqual({ items: [], next_cursor: null });
    }
  });

  it("stand in no page that somebody else's cursor leads to", async () => {
    await alice.create({ ...definition, name: "Alice's second" });
    await alice.post(`/api/agents/${agent}/run`, {});
    const lists = routes.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
    const checked: string[] = [];
    for (const { path } of lists) {
      const { body } = await alice.get(`${path}?limit=1`);
      const cursor = body?.next_cursor;
      if (typeof cursor !== 'string') continue;
      checked.push(path);
      for (const text of [cursor, `${cursor}A`, cursor.slice(1)]) {
        const query = `?limit=1&cursor=${encodeURIComponent(text)}`;
        expect(await bob.get(`${path}${query}`), path).toMatchObject({
          status: 400,
          body: { error: { code: 'invalid_request' } },
        });
      }
    }
    expect(checked).toEqual(expect.arrayContaining(['/api/agents', '/api/agents/runs']));
  });

  it('cannot be given in a body or a query', async () => {
    const answers = [
      await bob.post('/api/agents', { ...definition, user_id: 'alice' }),
      await bob.get('/api/agents?user_id=alice'),
      await bob.get('/api/agents/runs?user_id=alice'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});
