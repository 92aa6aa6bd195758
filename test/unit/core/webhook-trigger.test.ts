import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WebhookDoor } from '#core/agents/agent';
import { ActionRejectedError } from '#core/errors';
import type { Run } from '#core/runs/run';
import { acceptDelivery, type Delivery, MAX_WEBHOOK_BYTES } from '#core/runs/webhook-trigger';
import {
  handClock,
  inlinePayloads,
  memoryCredits,
  memoryMetrics,
} from '#test/helpers/memory-ports';

const AGENT = `agt_${'0'.repeat(26)}`;
const SECRET = 'whsec_correct-horse-battery';
const stored = (secret: string) => ({
  kind: 'digest' as const,
  sha256: createHash('sha256').update(secret).digest('hex'),
  last4: secret.slice(-4),
});
const door: WebhookDoor = {
  userId: 'alice',
  agentId: AGENT,
  version: 3,
  enabled: true,
  auth: 'secret',
  ratePerMinute: 2,
  secrets: [stored(SECRET)],
  dedupeWindowSeconds: 60,
  retentionDays: 90,
  mostCredits: 1,
};

function deliver(change: Partial<Delivery> = {}, doorChange: Partial<WebhookDoor> = {}, calls = 1) {
  const runs: Run[] = [];
  const noted: string[] = [];
  const queued: string[] = [];
  const knownUntil: number[] = [];
  const outcome = acceptDelivery(
    {
      agentId: AGENT,
      headers: { 'x-webhook-secret': SECRET, 'content-type': 'application/json' },
      query: {},
      body: Buffer.from('{"email":"a@b.co"}'),
      ...change,
    },
    {
      agents: {
        webhookDoor: async (id) => (id === AGENT ? { ...door, ...doorChange } : undefined),
      },
      runs: {
        findDuplicate: async () => undefined,
        create: async (run, dedupe) => {
          runs.push(run);
          if (dedupe) knownUntil.push(dedupe.expiresAt);
          return { outcome: 'created' };
        },
        reject: async (run) => {
          runs.push(run);
        },
      },
      credits: memoryCredits().store,
      metrics: memoryMetrics().metrics,
      secrets: {
        async open(sealed) {
          if (sealed !== 'lost') return sealed;
          throw new ActionRejectedError('The stored secret does not open any more.');
        },
      },
      rates: { take: async (_name, { limit }) => calls <= limit },
      deliveries: {
        note: async (_door, status, reason) => void noted.push(`${status} ${reason}`),
      },
      payloads: inlinePayloads,
      queue: { enqueue: async ({ runId }) => void queued.push(runId) },
      clock: handClock(),
      randomBytes: (count) => new Uint8Array(count),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    },
  );
  const trigger = () =>
    JSON.parse((runs.at(0)?.trigger as unknown as { json: string })?.json ?? 'null');
  return { outcome, runs, queued, noted, trigger, knownUntil };
}

describe('acceptDelivery', () => {
  it('writes a queued run of the agent as it is now, then enqueues it', async () => {
    const { outcome, runs, queued } = deliver();
    await outcome;
    const runId = runs[0]?.runId;
    expect(runs).toMatchObject([{ userId: 'alice', agentVersion: 3, status: 'queued' }]);
    expect(queued).toEqual([runId]);
  });

  it('takes the secret from the query too, and does not store it', async () => {
    const { outcome, trigger } = deliver({
      headers: { 'content-type': 'application/json' },
      query: { secret: SECRET, source: 'form' },
    });
    await outcome;
    expect(trigger().query).toEqual({ source: 'form' });
  });

  it.each([
    ['a wrong secret', { headers: { 'x-webhook-secret': `${SECRET.slice(0, -1)}Y` } }],
    ['a longer one', { headers: { 'x-webhook-secret': `${SECRET}x` } }],
    ['an empty one', { headers: { 'x-webhook-secret': '' } }],
    ['none', { headers: {} }],
  ])('refuses %s', async (_name, change) => {
    const { outcome, runs } = deliver(change);
    await expect(outcome).rejects.toMatchObject({ code: 'unauthorized' });
    expect(runs).toEqual([]);
  });

  it.each<[string, object]>([
    ['no secret is stored', { secrets: [] }],
    ['the item lost them', { secrets: undefined }],
    ['its digest is gone', { secrets: [{ kind: 'digest', last4: 'cret' }] }],
    ['its ciphertext is gone', { auth: 'github', secrets: [{ kind: 'sealed', last4: 'cret' }] }],
    ['it is of no kind', { auth: 'slack', secrets: [{}] }],
    [
      'it does not open any more',
      { auth: 'github', secrets: [{ kind: 'sealed', sealed: 'lost' }] },
    ],
  ])('fails closed when %s', async (_name, door) => {
    const { outcome, runs } = deliver({}, door as Partial<WebhookDoor>);
    await expect(outcome).rejects.toMatchObject({ code: 'unauthorized' });
    expect(runs).toEqual([]);
  });

  it.each([
    [
      'a body that is too large, before anything else',
      { agentId: 'agt_x', body: Buffer.alloc(MAX_WEBHOOK_BYTES + 1) },
      {},
      'payload_too_large',
    ],
    ['an unknown agent', { agentId: `agt_${'1'.repeat(26)}` }, {}, 'not_found'],
    ['a disabled agent', {}, { enabled: false }, 'conflict'],
    ['JSON that is none', { body: Buffer.from('{"a":') }, {}, 'invalid_request'],
  ])('refuses %s', async (_name, change, doorChange, code) => {
    const { outcome, runs } = deliver(change, doorChange);
    await expect(outcome).rejects.toMatchObject({ code });
    expect(runs).toEqual([]);
  });

  it.each([
    ['application/json', '{"a":[1]}', { a: [1] }],
    ['application/vnd.api+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['application/x-www-form-urlencoded', 'a=1&b=x+y&b=z', { a: '1', b: ['x y', 'z'] }],
    ['text/plain', 'hello', 'hello'],
    [
      'application/octet-stream',
      'hi',
      { content_type: 'application/octet-stream', base64: 'aGk=' },
    ],
    ['application/json', '', null],
  ])('reads %s as its kind of body', async (type, body, expected) => {
    const { outcome, trigger } = deliver({
      headers: { 'x-webhook-secret': SECRET, 'content-type': type },
      body: Buffer.from(body),
    });
    await outcome;
    expect(trigger().body).toEqual(expected);
  });

  it('keeps a body that names files as plain data', async () => {
    const body = '{"files":{"x":{"filepath":"/etc/passwd"}},"__proto__":{"polluted":true}}';
    const { outcome, trigger } = deliver({ body: Buffer.from(body) });
    await outcome;
    expect(JSON.stringify(trigger().body)).toBe(body);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('refuses more calls than the agent takes in a minute, and says when to come back', async () => {
    const { outcome, runs } = deliver({}, {}, 3);
    await expect(outcome).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 60 });
    expect(runs).toEqual([]);
  });

  it('notes for the owner what it refused, without the secret', async () => {
    const { outcome, noted } = deliver({ headers: { 'x-webhook-secret': 'wrong-but-private' } });
    await expect(outcome).rejects.toThrow();
    expect(noted).toHaveLength(1);
    expect(noted[0]).toMatch(/^401 /);
    expect(noted[0]).not.toContain('wrong-but-private');
  });

  it.each([
    ['alone', []],
    ['beside one that does not open any more', [{ kind: 'sealed', sealed: 'lost', last4: 'last' }]],
  ] as const)('takes a delivery that GitHub signed with the sealed key, %s', async (_, others) => {
    const body = Buffer.from('{"action":"opened"}');
    const signature = createHmac('sha256', 'its-a-long-github-secret').update(body).digest('hex');
    const { outcome, runs } = deliver(
      {
        headers: {
          'x-hub-signature-256': `sha256=${signature}`,
          'content-type': 'application/json',
        },
        body,
      },
      {
        auth: 'github',
        secrets: [...others, { kind: 'sealed', sealed: 'its-a-long-github-secret', last4: 'cret' }],
      },
    );
    await outcome;
    expect(runs).toHaveLength(1);
  });

  it.each([
    [60, 600],
    [3_600, 3_600],
  ])(
    'knows a signed delivery for as long as its signature is good: a window of %i s is %i s',
    async (dedupeWindowSeconds, seconds) => {
      const body = Buffer.from('{}');
      const secret = 'its-a-long-github-secret';
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': 'd-1' };
      const secrets = [{ kind: 'sealed', sealed: secret, last4: 'cret' }] as const;
      const { outcome, knownUntil } = deliver(
        { headers, body },
        { auth: 'github', secrets, dedupeWindowSeconds },
      );
      await outcome;
      expect(knownUntil).toEqual([handClock().now() / 1_000 + seconds]);
    },
  );

  it('does not count a secret whose time is over after a rotation', async () => {
    const old = { ...stored(SECRET), expiresAt: Date.parse('2026-11-22T08:59:59.000Z') };
    const { outcome } = deliver({}, { secrets: [stored('another-secret-entirely'), old] });
    await expect(outcome).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('stores no header that proves who the caller is', async () => {
    const { outcome, trigger } = deliver({
      headers: {
        'x-webhook-secret': SECRET,
        authorization: 'Bearer t',
        cookie: 'a=b',
        'x-kept': 'yes',
      },
    });
    await outcome;
    expect(trigger().headers).toEqual({ 'x-kept': 'yes' });
  });
});
