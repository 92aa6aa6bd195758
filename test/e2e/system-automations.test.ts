import { describe, expect, it } from 'vitest';
import { SYSTEM_USER, systemAgentId, systemSlugs } from '#core/system';
import { apiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { type Product, startProduct } from '#test/helpers/product';

const dataDir = temporaryDirectory();
const product = await startProduct({ dataDir });
const alice = await product.api('alice');
const admin = apiClient(product.url, await product.token('root', { role: 'admin' }));

async function automations(of: Product, client = admin) {
  const { status, body } = await client.get('/api/agents?owner=system');
  expect(status).toBe(200);
  expect(of.url).toBe(product.url);
  return body.items as { id: string; name: string; enabled: boolean; version: number }[];
}

/** Runs an automation as an admin, and waits for its end. */
async function run(slug: (typeof systemSlugs)[number], body?: unknown) {
  const { status, body: started } = await admin.post(
    `/api/agents/${systemAgentId(slug)}/run`,
    body,
  );
  expect(status).toBe(202);
  return admin.finished(started.run_id, 30);
}

async function records(collection: string) {
  const { body } = await admin.get(`/api/admin/records?collection=${collection}`);
  return body.items as { id: string; data: Record<string, unknown> }[];
}

describe('the automations of the product', () => {
  it('are there from the first start, all five, and only for admins', async () => {
    const items = await automations(product);

    expect(items.map(({ id }) => id).toSorted()).toEqual(systemSlugs.map(systemAgentId).toSorted());
    expect(items.every(({ enabled }) => enabled)).toBe(true);
    expect((await alice.get('/api/agents?owner=system')).status).toBe(403);
    for (const path of ['', '/runs']) {
      const { status } = await alice.get(`/api/agents/${systemAgentId('lead-sync')}${path}`);
      expect(status).toBe(404);
    }
    expect((await alice.post(`/api/agents/${systemAgentId('error-report')}/run`)).status).toBe(404);
  });

  it('nobody signs in as their owner, or uses their steps', async () => {
    const impostor = await product.token(SYSTEM_USER);
    const refused = await send(`${product.url}/api/agents`, 'GET', undefined, {
      headers: { authorization: `Bearer ${impostor}` },
    });
    const taken = await alice.post('/api/agents', {
      name: 'Mine',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'product_figures', config: {} }],
    });

    expect(refused.status).toBe(401);
    expect(taken.status).toBe(400);
    expect(taken.body.error.message).toContain('no action type');
  });

  it('Daily health digest: counts real runs, keeps the digest and mails it', async () => {
    const done = await run('daily-health-digest');

    expect(done.error_message).toBeNull();
    expect(done.status).toBe('success');
    expect((await records('reports'))[0]?.data).toMatchObject({ kind: 'digest' });
    await mailed('Daily health digest', 'In the last 24 hours');
  });

  it('Deployment check: finds all well, says so in its record, and disturbs nobody', async () => {
    const done = await run('deployment-check');

    expect(done.status).toBe('success');
    expect((await records('checks'))[0]?.data).toEqual({ status: 'success' });
    const { body } = await alice.get('/local/slack');
    expect(body.items).toEqual([]);
  });

  it('Lead sync: a lead at its webhook is in the store', async () => {
    const id = systemAgentId('lead-sync');
    const rotated = await admin.post(`/api/agents/${id}/rotate-secret`, { revoke_old: true });
    const { webhook_url, trigger_config } = rotated.body;

    const called = await send(
      webhook_url,
      'POST',
      { email: 'grace@example.com', name: 'Grace', source: 'pricing page' },
      { headers: { 'x-webhook-secret': trigger_config.secret } },
    );

    expect(called.status).toBe(202);
    expect(await admin.finished(called.body.run_id)).toMatchObject({ status: 'success' });
    const { body } = await admin.get('/api/agents/leads');
    expect(body.items[0]).toMatchObject({
      email: 'grace@example.com',
      name: 'Grace',
      source: 'pricing page',
    });
    expect((await alice.get('/api/agents/leads')).status).toBe(403);
  });

  it('Content refresh: scrapes a page of the product and keeps a summary of it', async () => {
    const done = await run('content-refresh');

    expect(done.status, done.error_message).toBe('success');
    const [content] = await records('content');
    const page = await send(`${product.url}/docs/api`, 'GET');
    const [, title] = /<title>([^<]+)</.exec(page.body) ?? [];
    expect(content?.data['page']).toBe(title);
    expect(content?.data['links']).toBeGreaterThan(10);
    const [read, , written] = done.steps;
    expect(read.output.markdown).toContain('Create an agent');
    expect(written.output.text).toContain('Create agents (a trigger and a list of actions)');
    expect(content?.data['text']).toBe(written.output.text);
    expect(content?.data['templates']).toBeGreaterThanOrEqual(5);
  });

  it("Error report: counts what failed, without anybody's words, and mails it", async () => {
    const failing = await alice.create({
      name: 'Fails',
      trigger_config: { type: 'manual' },
      actions: [
        {
          type: 'http',
          config: { url: 'http://{{trigger.body.host}}/secret-words' },
          retry: { max_attempts: 1 },
        },
      ],
    });
    const { body } = await alice.post(`/api/agents/${failing.id}/run`, { host: '10.0.0.1' });
    expect((await alice.finished(body.run_id)).status).toBe('failed');

    const done = await run('error-report');

    expect(done.status).toBe('success');
    const [report] = await records('reports');
    expect(report?.data).toMatchObject({
      kind: 'errors',
      failures: [{ code: expect.any(String), runs: expect.any(Number) }],
    });
    expect(JSON.stringify(report)).not.toContain('secret-words');
    await mailed('Failed runs of the last day', 'Runs failed for these reasons');
  });

  it('show their runs to admins, and no step of others', async () => {
    for (const slug of systemSlugs) {
      const { body } = await admin.get(`/api/agents/${systemAgentId(slug)}/runs`);
      expect(body.items[0].status, slug).toBe('success');
      const logs = await admin.get(`/api/agents/runs/${body.items[0].id}/logs`);
      expect(logs.status).toBe(200);
      expect((await alice.get(`/api/agents/runs/${body.items[0].id}`)).status).toBe(404);
    }
  });

  it('stay as they are at the next start: nothing twice, and what was switched off stays off', async () => {
    const id = systemAgentId('content-refresh');
    expect((await admin.post(`/api/agents/${id}/disable`)).status).toBe(200);
    const before = await automations(product);
    await product.stop();

    const again = await startProduct({ dataDir, port: product.port });
    const after = await automations(product);
    await again.stop();

    expect(after).toHaveLength(systemSlugs.length);
    const states = (items: typeof after) =>
      items.map(({ id: of, enabled, version }) => ({ of, enabled, version }));
    expect(states(after)).toEqual(states(before));
    expect(after.find((one) => one.id === id)?.enabled).toBe(false);
  });
});

async function mailed(subject: string, text: string): Promise<void> {
  await eventually(async () => {
    const { body } = await alice.get('/local/mailbox');
    const mail = body.items.find((one: { subject: string }) => one.subject === subject);
    expect(mail?.text).toContain(text);
    expect(mail?.to).toEqual(['operators@example.com']);
  });
}
