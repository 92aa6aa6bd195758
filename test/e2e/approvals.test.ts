import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient, type Reply, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { type Product, startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
let product: Product;
let alice: ApiClient;
let ada: ApiClient;
/** All that anybody outside got to see. */
const seen: string[] = [];

beforeAll(async () => {
  product = await startProduct({ receivers: [receiver] });
  alice = await signedIn('alice', 'Alice@Example.com');
  ada = await signedIn('ada-id', 'ada@example.com');
});

async function signedIn(user: string, email: string): Promise<ApiClient> {
  return apiClient(product.url, await product.token(user, { email }));
}

const post = (id: string, body: unknown) => ({
  id,
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}/${id}`, body },
});

/** Two steps with an approval between them. */
const workflow = (config: object = {}) => ({
  name: 'Invoices <1>',
  trigger_config: { type: 'manual' },
  actions: [
    post('before', '{{trigger.body.n}}'),
    {
      id: 'ask',
      type: 'approval',
      config: { message: 'Pay <b>{{trigger.body.n}}</b> €?', ...config },
    },
    post('after', { n: '{{trigger.body.n}}' }),
  ],
});

let numbers = 0;
/** Starts a run, and waits until somebody has been asked. */
async function asked(config: object = {}): Promise<{ runId: string; n: number }> {
  const agent = await alice.create(workflow(config));
  return askedAgain(agent.id);
}

async function askedAgain(agentId: string): Promise<{ runId: string; n: number }> {
  numbers += 1;
  const n = numbers;
  const started = await alice.post(`/api/agents/${agentId}/run`, { n });
  expect(started.status).toBe(202);
  await eventually(async () => expect(await mails(n)).not.toEqual([]));
  return { runId: started.body.run_id, n };
}

const afterBodies = (n: number) =>
  receiver.requests
    .filter(({ path }) => path === '/after')
    .map(({ body }) => JSON.parse(String(body)))
    .filter((body) => body.n === n);

type MailItem = { to: string[]; subject: string; text: string; html: string };

async function mails(n: number): Promise<MailItem[]> {
  const { body } = await send(`${product.url}/local/mailbox`, 'GET');
  seen.push(JSON.stringify(body));
  return body.items.filter(({ text }: MailItem) => text.includes(`Pay <b>${n}</b> €?`));
}

/** The token in the mail to one person. */
async function tokenFor(n: number, to: string): Promise<string> {
  const mail = await eventually(async () => {
    const found = (await mails(n)).find((one) => one.to.includes(to));
    if (found === undefined) throw new Error(`No e-mail to ${to} about ${n}`);
    return found;
  });
  const link = new RegExp(`${product.url}/approve#(\\S+)`).exec(mail.text);
  return link?.[1] ?? '';
}

async function door(method: string, token: string, body?: unknown, headers = {}): Promise<Reply> {
  const reply = await send(`${product.url}/api/approvals`, method, body, {
    headers: { 'x-approval-token': token, ...headers },
  });
  seen.push(JSON.stringify([reply.body, ...reply.headers]));
  return reply;
}

async function ended(runId: string) {
  const run = await alice.finished(runId);
  seen.push(JSON.stringify(run));
  return run;
}

const decide = (runId: string, what: 'approve' | 'reject', body?: unknown, who = alice) =>
  who.post(`/api/agents/runs/${runId}/${what}`, body);
const inboxOf = async (who: ApiClient) => (await who.get('/api/agents/approvals')).body.items;

describe('T-9: an approval between two steps', () => {
  it('is decided over the API: the run goes on once, with the comment', async () => {
    const { runId, n } = await asked();
    const waiting = (await inboxOf(alice)).filter(
      (one: { run_id: string }) => one.run_id === runId,
    );
    expect(waiting).toMatchObject([
      {
        agent_name: 'Invoices <1>',
        step_id: 'ask',
        status: 'waiting',
        message: `Pay <b>${n}</b> €?`,
        approvers: [],
        on_timeout: 'reject',
        decision: null,
      },
    ]);
    expect(afterBodies(n)).toEqual([]);

    const approved = await decide(runId, 'approve', { comment: ' Fine. ' });

    expect(approved.status).toBe(200);
    expect(approved.body).toMatchObject({
      status: 'approved',
      decision: { outcome: 'approved', by: 'owner', via: 'api', comment: 'Fine.' },
    });
    const run = await ended(runId);
    expect(run).toMatchObject({ status: 'success' });
    expect(run.steps[1].output).toMatchObject({ decision: 'approved', comment: 'Fine.' });
    expect(afterBodies(n)).toEqual([{ n }]);
    expect((await inboxOf(alice)).map((one: { run_id: string }) => one.run_id)).not.toContain(
      runId,
    );
  });

  it('is decided by the mailed link, which names no more than it must', async () => {
    const { runId, n } = await asked({ approvers: ['ada@example.com', 'Bob@example.com'] });
    const token = await tokenFor(n, 'ada@example.com');
    const [mail] = await mails(n);
    expect(mail?.subject).toBe('Approval needed: Invoices <1>');
    expect(mail?.html).toContain('<strong>Invoices &lt;1&gt;</strong>');
    expect(mail?.html).not.toContain('<b>');

    const shown = await door('GET', token);
    expect(shown.status).toBe(200);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
    expect(shown.body).toMatchObject({
      deciding_as: 'ada@example.com',
      status: 'waiting',
      preview: [{ id: 'after', type: 'http', resolved: true, config: { body: { n } } }],
    });
    expect(JSON.stringify(shown.body)).not.toMatch(/run_|agt_|alice/i);

    const approved = await door('POST', token, { decision: 'approve' });

    expect(approved.body).toMatchObject({ decision: { by: 'ada@example.com', via: 'link' } });
    expect((await ended(runId)).status).toBe('success');
    expect(afterBodies(n)).toEqual([{ n }]);
    const late = await door('POST', await tokenFor(n, 'bob@example.com'), { decision: 'reject' });
    expect(late.status).toBe(409);
    expect(late.body.error.message).toContain('It was approved by ada@example.com');
  });

  it('is asked about again, of the same people, once all of what follows is known', async () => {
    const definition = workflow({ approvers: ['ada@example.com'] });
    const by = '{{steps.ask.output.decided_by}}';
    const last = post('after', { n: '{{trigger.body.n}}', by });
    const agent = await alice.create({
      ...definition,
      actions: [...definition.actions.slice(0, 2), last],
    });
    const { runId, n } = await askedAgain(agent.id);
    const [first] = (await door('GET', await tokenFor(n, 'ada@example.com'))).body.preview;
    expect(first).toMatchObject({ resolved: false, config: { body: { by } } });
    expect((await decide(runId, 'approve', {}, ada)).status).toBe(200);

    const second = await eventually(async () => {
      const waiting = (await inboxOf(ada)).find((one: { run_id: string }) => one.run_id === runId);
      expect(waiting?.step_path).toBe('2.approval');
      return waiting;
    });

    const body = { n, by: 'ada@example.com' };
    expect(second).toMatchObject({ preview: [{ resolved: true, config: { body } }] });
    expect((await decide(runId, 'approve')).status).toBe(403);
    expect(afterBodies(n)).toEqual([]);
    expect((await decide(runId, 'approve', {}, ada)).status).toBe(200);
    expect((await ended(runId)).status).toBe('success');
    expect(afterBodies(n)).toEqual([body]);
  });

  it('is taken back when the run is cancelled', async () => {
    const { runId, n } = await asked();
    const token = await tokenFor(n, 'alice@example.com');

    expect((await alice.post(`/api/agents/runs/${runId}/cancel`)).status).toBe(202);

    expect((await ended(runId)).status).toBe('cancelled');
    await eventually(async () =>
      expect((await door('GET', token)).body).toMatchObject({
        status: 'withdrawn',
        decision: { by: null, via: 'run_ended' },
      }),
    );
    const late = await door('POST', token, { decision: 'approve' });
    expect([late.status, late.body.error.message]).toEqual([
      409,
      expect.stringMatching(/^The run ended at .* before anybody decided\./),
    ]);
    expect((await inboxOf(alice)).map((one: { run_id: string }) => one.run_id)).not.toContain(
      runId,
    );
    expect(afterBodies(n)).toEqual([]);
  });

  it('is rejected: nothing after it happens', async () => {
    const { runId, n } = await asked();
    expect((await decide(runId, 'reject', { comment: 'Too much.' })).status).toBe(200);

    const run = await ended(runId);

    expect(run).toMatchObject({ status: 'cancelled' });
    expect(run.error.message).toContain('Too much.');
    expect(afterBodies(n)).toEqual([]);
    const again = await decide(runId, 'approve');
    expect(again.status).toBe(409);
    expect(again.body.error.message).toMatch(/^It was rejected by the owner at /);
  });

  it.each([
    { on_timeout: 'reject', status: 'cancelled', times: 0 },
    { on_timeout: 'approve', status: 'success', times: 1 },
  ])('times out: $on_timeout', async ({ on_timeout, status, times }) => {
    const { runId, n } = await asked({ on_timeout, timeout_seconds: 2 });
    const token = await tokenFor(n, 'alice@example.com');

    expect((await ended(runId)).status).toBe(status);

    expect(afterBodies(n)).toHaveLength(times);
    const shown = await door('GET', token);
    expect(shown.body.decision).toMatchObject({ by: null, via: 'timeout' });
    const late = await door('POST', token, { decision: 'approve' });
    expect(late.status).toBe(409);
    expect(late.body.error.message).toContain('Nobody decided in time');
    const acts = (await alice.get('/api/account/audit?limit=100')).body.items;
    expect(acts.filter(({ target }: { target: string }) => target === runId)).toMatchObject([
      {
        action: on_timeout === 'reject' ? 'approval.rejected' : 'approval.approved',
        actor: { kind: 'system' },
        details: { agent_name: expect.any(String), reason: 'timeout' },
      },
    ]);
  });
});

describe('deciding', () => {
  it('is for the named, and for nobody else: not even the owner', async () => {
    const { runId } = await asked({ approvers: ['ada@example.com'] });
    const eve = await signedIn('eve', 'eve@example.com');
    const asEve = await decide(runId, 'approve', undefined, eve);
    const unknown = await decide(`run_${'0'.repeat(26)}`, 'approve', undefined, eve);
    expect(asEve.status).toBe(404);
    expect(asEve.body.error.message).toBe(unknown.body.error.message);
    expect(await inboxOf(eve)).toEqual([]);
    const asOwner = await decide(runId, 'approve');
    expect(asOwner.status).toBe(403);
    expect(asOwner.body.error.message).toBe('Only ada@example.com may decide this.');
    expect((await inboxOf(ada)).map((one: { run_id: string }) => one.run_id)).toContain(runId);

    const approved = await decide(runId, 'approve', {}, ada);

    expect(approved.body).toMatchObject({ decision: { by: 'ada@example.com', via: 'api' } });
    expect((await ended(runId)).status).toBe('success');
    expect((await decide(runId, 'reject', {}, ada)).status).toBe(409);
  });

  it('needs the whole token', async () => {
    const { runId, n } = await asked();
    const token = await tokenFor(n, 'alice@example.com');
    for (const wrong of [
      '',
      'x',
      token.slice(1),
      `${token}x`,
      token.toUpperCase(),
      'a'.repeat(9_000),
    ]) {
      const got = await door('GET', wrong);
      expect([404, 431], wrong.slice(0, 50)).toContain(got.status);
      const sent = await door('POST', wrong, { decision: 'approve' });
      expect([404, 431], wrong.slice(0, 50)).toContain(sent.status);
    }
    expect((await door('POST', token, { decision: 'maybe' })).status).toBe(400);
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await door('POST', token, { decision: 'approve' }, foreign)).status).toBe(403);
    const old = { origin: 'https://evil.example' };
    expect((await door('POST', token, { decision: 'approve' }, old)).status).toBe(403);
    expect((await door('GET', token)).body.status).toBe('waiting');
    await decide(runId, 'reject');
  });

  it('is not done by looking: 50 GETs and HEADs on every address in every e-mail change nothing', async () => {
    const { runId, n } = await asked({ approvers: ['ada@example.com', 'carol@example.com'] });
    const token = await tokenFor(n, 'ada@example.com');
    await tokenFor(n, 'carol@example.com');
    const addresses = (await mails(n)).flatMap(({ text, html }) => [
      ...`${text} ${html}`.matchAll(/https?:\/\/[^\s"<>]+/g),
    ]);
    const urls = [...new Set(addresses.map(([url]) => url))];
    expect(urls.length).toBe(2);
    const scanner = {
      'user-agent': 'LinkScanner/1.0',
      purpose: 'prefetch',
      'sec-purpose': 'prefetch',
    };

    for (const url of urls) {
      const [page, fragment] = url.split('#');
      const tried = [url, `${page}?action=approve#${fragment}`, `${product.url}/api/approvals`];
      for (const method of ['GET', 'HEAD']) {
        for (const one of tried) {
          await Promise.all(
            Array.from({ length: 50 }, () =>
              fetch(one, {
                method,
                headers: { ...scanner, 'x-approval-token': fragment ?? '' },
              }).then((response) => response.arrayBuffer()),
            ),
          );
        }
      }
    }

    expect((await door('GET', token)).body).toMatchObject({ status: 'waiting', decision: null });
    expect(afterBodies(n)).toEqual([]);
    expect((await door('POST', token, { decision: 'approve' })).status).toBe(200);
    expect((await ended(runId)).status).toBe('success');
  });

  it('has one winner, a hundred times', async () => {
    const agent = await alice.create(workflow({ approvers: ['ada@example.com'] }));
    const runs: { runId: string; n: number }[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      runs.push(...(await Promise.all(Array.from({ length: 10 }, () => askedAgain(agent.id)))));
    }

    for (const { runId, n } of runs) {
      const token = await tokenFor(n, 'ada@example.com');
      const replies = await Promise.all([
        door('POST', token, { decision: 'approve' }),
        door('POST', token, { decision: 'reject' }),
        decide(runId, 'approve', {}, ada),
        decide(runId, 'reject', {}, ada),
      ]);
      const won = replies.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      const { outcome } = won[0]?.body.decision ?? {};
      for (const { status, body } of replies) {
        if (status !== 200)
          expect([status, body.error.message]).toEqual([
            409,
            expect.stringContaining(`It was ${outcome} by ada@example.com`),
          ]);
      }
      const run = await alice.finished(runId);
      expect(run.status).toBe(outcome === 'approved' ? 'success' : 'cancelled');
      expect(afterBodies(n)).toHaveLength(outcome === 'approved' ? 1 : 0);
    }
  }, 120_000);
});

// What a workflow goes on with is for its own server: whoever had it could decide without a trace.
const TASK_TOKEN = Buffer.from('["arn:aws:states').toString('base64url').slice(0, 20);

afterAll(() => {
  const logs = join(product.dataDir, 'logs');
  const written = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  for (const text of [...seen, ...written, product.output()])
    expect(text).not.toContain(TASK_TOKEN);
});
