import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { KeyScheme, UnverifiedDelivery } from '#core/webhook-auth/webhook-auth';
import { type Reply, send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';
import { bitFlips, type SignOptions, sign } from '#test/unit/core/webhook-auth/signers';

const SCHEMES: KeyScheme[] = ['standard-webhooks', 'github', 'stripe', 'slack'];
/** All but GitHub sign the time. */
const TIMED: KeyScheme[] = ['standard-webhooks', 'stripe', 'slack'];
const MINUTE = 60_000;

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
/** Every secret that was shown once, and must not be seen again. */
const shown = new Set<string>();

type Hook = { readonly id: string; readonly url: string; readonly secret: string };

async function hook(auth: string, settings: object = {}): Promise<Hook> {
  const agent = await alice.create({
    name: `Signed by ${auth}`,
    trigger_config: { type: 'webhook', auth },
    settings: { webhook_rate_per_minute: 1_000, ...settings },
    actions: [{ type: 'http', config: { url: `${receiver.url}/hook` } }],
  });
  const { secret } = agent.trigger_config;
  if (auth !== 'none') shown.add(secret);
  return { id: agent.id, url: agent.webhook_url, secret };
}

/** The same webhook, with the secret that a rotation gave it. */
async function rotate(mine: Hook, body: object = {}): Promise<Hook> {
  const reply = await alice.post(`/api/agents/${mine.id}/rotate-secret`, body);
  expect(reply.status).toBe(200);
  const { secret } = reply.body.trigger_config;
  shown.add(secret);
  return { ...mine, secret };
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

let ids = 0;

/** A genuine delivery of now, under an id of its own. */
function signed(scheme: KeyScheme, { secret }: Hook, options: SignOptions = {}) {
  ids += 1;
  const id = options.id ?? `msg_${ids}`;
  const body = JSON.stringify({ id, event_id: id, name: 'Ada' });
  return sign(scheme, { id, at: seconds(), secret, body, ...options });
}

function deliver({ url }: Hook, { headers, body }: UnverifiedDelivery): Promise<Reply> {
  return send(url, 'POST', undefined, {
    headers: { 'content-type': 'application/json', ...headers },
    raw: new Uint8Array(body),
  });
}

async function runCount({ id }: Hook): Promise<number> {
  return (await alice.get(`/api/agents/${id}/runs?limit=100`)).body.items.length;
}

const taken = { run_id: expect.stringMatching(/^run_/), duplicate: false };

describe.each(SCHEMES)('auth: %s', (scheme) => {
  it('takes what the provider signs, and the run has its body', async () => {
    const mine = await hook(scheme);

    const { status, body } = await deliver(mine, signed(scheme, mine));

    expect(status).toBe(202);
    expect(body).toEqual(taken);
    const run = await alice.finished(body.run_id);
    expect(run).toMatchObject({ status: 'success', trigger: { body: { name: 'Ada' } } });
    expect(Object.keys(run.trigger.headers).join()).not.toContain('signature');
  });

  it('refuses a bit changed in body, id, time or signature, and starts no run', async () => {
    const mine = await hook(scheme);
    const genuine = signed(scheme, mine);
    const forged = [...changedBodies(genuine), ...changedHeaders(genuine)];
    expect(forged.length).toBeGreaterThan(20);

    for (const delivery of forged) {
      const { status, body } = await deliver(mine, delivery);
      expect({ status, headers: delivery.headers }).toEqual({
        status: 401,
        headers: delivery.headers,
      });
      expect(body.error.code).toBe('unauthorized');
    }

    expect(await runCount(mine)).toBe(0);
    expect((await deliver(mine, genuine)).body).toEqual(taken);
  });

  it('refuses what another secret signed, what none did, and the plain secret', async () => {
    const mine = await hook(scheme);
    const other = await hook(scheme);
    const { body } = signed(scheme, mine);
    const refused = [
      signed(scheme, other),
      { headers: {}, query: {}, body },
      { headers: { 'x-webhook-secret': mine.secret }, query: {}, body },
    ];

    for (const delivery of refused) expect((await deliver(mine, delivery)).status).toBe(401);

    expect(await runCount(mine)).toBe(0);
  });

  it('knows a repeated delivery: the same run, and no other', async () => {
    const mine = await hook(scheme);

    const first = await deliver(mine, signed(scheme, mine, { id: 'evt_same' }));
    const again = await deliver(mine, signed(scheme, mine, { id: 'evt_same', at: seconds() - 60 }));

    expect(first.body).toEqual(taken);
    expect(again.status).toBe(202);
    expect(again.body).toEqual({ run_id: first.body.run_id, duplicate: true });
    expect(await runCount(mine)).toBe(1);
  });

  it('takes old and new secrets after a rotation, unless the old one is revoked', async () => {
    const mine = await hook(scheme);
    const statuses = (hooks: Hook[]) =>
      Promise.all(hooks.map(async (one) => (await deliver(mine, signed(scheme, one))).status));

    const second = await rotate(mine);
    expect(await statuses([mine, second])).toEqual([202, 202]);
    const third = await rotate(mine, { revoke_old: true });

    expect(new Set([mine.secret, second.secret, third.secret]).size).toBe(3);
    expect(await statuses([mine, second, third])).toEqual([401, 401, 202]);
    expect(await runCount(mine)).toBe(3);
  });
});

describe.each(TIMED)('the time that %s signs', (scheme) => {
  it.each([
    [299, 202],
    [301, 401],
    [-298, 202],
    // A second may pass before it arrives.
    [-303, 401],
  ])('%i s old: %i', async (age, status) => {
    const mine = await hook(scheme);

    const reply = await deliver(mine, signed(scheme, mine, { at: seconds() - age }));

    expect(reply.status).toBe(status);
    expect(await runCount(mine)).toBe(status === 202 ? 1 : 0);
  });
});

describe('auth: slack', () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'answer-me-this' });

  it('answers a signed challenge, and starts no run', async () => {
    const mine = await hook('slack');

    const reply = await deliver(mine, signed('slack', mine, { body }));

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ challenge: 'answer-me-this' });
    expect(await runCount(mine)).toBe(0);
  });

  it('does not answer a challenge that is not signed', async () => {
    const mine = await hook('slack');
    const unsigned = { headers: {}, query: {}, body: Buffer.from(body) };

    const reply = await deliver(mine, unsigned);

    expect(reply.status).toBe(401);
    expect(JSON.stringify(reply.body)).not.toContain('answer-me-this');
  });
});

it('auth: none takes what anybody sends, and has no secret', async () => {
  const mine = await hook('none');

  const reply = await deliver(mine, { headers: {}, query: {}, body: Buffer.from('{"n":1}') });

  expect(reply.status).toBe(202);
  expect(mine.secret).toBeNull();
  expect((await alice.finished(reply.body.run_id)).trigger.body).toEqual({ n: 1 });
  expect((await alice.post(`/api/agents/${mine.id}/rotate-secret`, {})).status).toBe(400);
});

it('a secret that was replaced counts for its day, however often others are; five are the most', async () => {
  const hooks = [await hook('secret')];
  const [mine] = hooks as [Hook];
  while (hooks.length < 5) hooks.push(await rotate(mine));
  const statuses = async () => {
    const replies = hooks.map(({ url, secret }) =>
      send(url, 'POST', {}, { headers: { 'x-webhook-secret': secret } }),
    );
    return (await Promise.all(replies)).map(({ status }) => status);
  };

  const refused = await alice.post(`/api/agents/${mine.id}/rotate-secret`);

  expect(refused.status).toBe(409);
  expect(refused.body.error.message).toMatch(/revoke_old.* until \d{4}-.*Z\./);
  expect(await statuses()).toEqual([202, 202, 202, 202, 202]);
  hooks.push(await rotate(mine, { revoke_old: true }));
  expect(await statuses()).toEqual([401, 401, 401, 401, 401, 202]);
});

it('a secret of the owner’s own is taken, and one that cannot sign is refused', async () => {
  const own = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  shown.add(own);
  const trigger_config = { type: 'webhook', auth: 'standard-webhooks', secret: own };
  const definition = {
    name: 'Own secret',
    actions: [{ type: 'http', config: { url: `${receiver.url}/hook` } }],
  };

  const agent = await alice.create({ ...definition, trigger_config });
  const mine = { id: agent.id, url: agent.webhook_url, secret: own };
  expect((await deliver(mine, signed('standard-webhooks', mine))).status).toBe(202);

  const refused = await alice.post('/api/agents', {
    ...definition,
    trigger_config: { ...trigger_config, secret: 'a-secret-of-sixteen' },
  });
  expect(refused.status).toBe(400);
  expect(refused.body.error.details.fields[0].path).toBe('trigger_config.secret');
});

it('refuses the sixth call of a minute when it takes five, but knows a duplicate', async () => {
  const mine = await hook('standard-webhooks', { webhook_rate_per_minute: 5 });
  // The minute must not end in between.
  if (Date.now() % MINUTE > MINUTE - 5_000) await delay(MINUTE - (Date.now() % MINUTE));
  const first = signed('standard-webhooks', mine);

  const accepted = [await deliver(mine, first)];
  for (let call = 2; call <= 5; call += 1) {
    accepted.push(await deliver(mine, signed('standard-webhooks', mine)));
  }
  const refused = await deliver(mine, signed('standard-webhooks', mine));
  const repeated = await deliver(mine, first);
  const unsigned = await deliver(mine, { ...first, headers: {} });

  expect(accepted.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect(refused.status).toBe(429);
  expect(refused.body.error.code).toBe('rate_limited');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(repeated.status).toBe(202);
  expect(repeated.body).toEqual({ run_id: accepted[0]?.body.run_id, duplicate: true });
  expect(unsigned.status).toBe(401);
  expect(await runCount(mine)).toBe(5);
});

describe('the deliveries', () => {
  it('list what was refused, newest first, with the reason', async () => {
    const mine = await hook('standard-webhooks');
    const genuine = signed('standard-webhooks', mine);
    const old = signed('standard-webhooks', mine, { at: seconds() - 1_000 });

    await deliver(mine, genuine);
    await deliver(mine, { ...genuine, body: Buffer.from('{"changed":true}') });
    await deliver(mine, old);
    await alice.post(`/api/agents/${mine.id}/disable`);
    await deliver(mine, genuine);
    const { status, body } = await alice.get(`/api/agents/${mine.id}/deliveries`);

    expect(status).toBe(200);
    expect(body.next_cursor).toBeNull();
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(body.items).toEqual([
      { at, status: 409, reason: expect.stringContaining('disabled'), count: 1 },
      { at, status: 401, reason: expect.stringContaining('five minutes old'), count: 1 },
      { at, status: 401, reason: expect.stringContaining('signature does not match'), count: 1 },
    ]);
    const limited = await alice.get(`/api/agents/${mine.id}/deliveries?limit=1`);
    expect(limited.body.items).toEqual(body.items.slice(0, 1));
    const cursor = limited.body.next_cursor;
    const rest = await alice.get(`/api/agents/${mine.id}/deliveries?limit=2&cursor=${cursor}`);
    expect(rest.body.items).toEqual(body.items.slice(1));
  });

  it('count a flood instead of listing it', async () => {
    const mine = await hook('github');
    const { body } = signed('github', mine);

    for (let call = 0; call < 20; call += 1) await deliver(mine, { headers: {}, query: {}, body });

    const { items } = (await alice.get(`/api/agents/${mine.id}/deliveries`)).body;
    expect(items.length).toBeGreaterThanOrEqual(1);
    expect(items.length).toBeLessThanOrEqual(4);
  });

  it('are of the agent’s owner only', async () => {
    const mine = await hook('github');
    const bob = await product.api('bob');

    expect((await bob.get(`/api/agents/${mine.id}/deliveries`)).status).toBe(404);
  });
});

describe('a secret that was shown once', () => {
  it('is in no later answer, neither as it is nor as it is kept', async () => {
    const answers: string[] = [];
    const read = async (path: string) => {
      const { status, body } = await alice.get(path);
      expect(status, path).toBe(200);
      answers.push(JSON.stringify(body));
      return body;
    };
    const { items } = await read('/api/agents?limit=100');
    for (const { id } of items) {
      for (const part of ['', '/versions', '/deliveries', '/runs']) {
        await read(`/api/agents/${id}${part}`);
      }
    }
    await read('/api/agents/runs?limit=100');
    await read('/api/account/export');

    const text = answers.join('\n');
    expect(shown.size).toBeGreaterThan(20);
    for (const secret of shown) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/"(?:sealed|sha256|secrets)"/);
    expect(text).toMatch(/"secret":"\*\*\*\*/);
  });

  it('is nowhere in the logs nor in any file of the data directory', () => {
    const files = readdirSync(product.dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.some((file) => file.includes('/logs/'))).toBe(true);

    const holdsOne = (text: string) => [...shown].some((secret) => text.includes(secret));
    const holders = files.filter((file) => holdsOne(readFileSync(file, 'latin1')));

    expect(holders).toEqual([]);
    expect(holdsOne(product.output())).toBe(false);
  });
});

/** One bit changed in some places of the body. */
function changedBodies(delivery: UnverifiedDelivery): UnverifiedDelivery[] {
  const places = [0, Math.floor(delivery.body.length / 2), delivery.body.length - 1];
  return places.flatMap((place) =>
    [1, 32].map((bit) => {
      const body = Buffer.from(delivery.body);
      body.writeUInt8(body.readUInt8(place) ^ bit, place);
      return { ...delivery, body };
    }),
  );
}

/** One bit changed in a part of the header values, where that can be sent at all. */
function changedHeaders(delivery: UnverifiedDelivery): UnverifiedDelivery[] {
  return Object.entries(delivery.headers)
    .filter(([name]) => name !== 'x-github-delivery') // GitHub does not sign it.
    .flatMap(([name, value]) =>
      bitFlips(value)
        .filter((changed, index) => index % 11 === 0 && /^[\x21-\x7e]+$/.test(changed))
        .map((changed) => ({ ...delivery, headers: { ...delivery.headers, [name]: changed } })),
    );
}
