import { describe, expect, it } from 'vitest';
import type { OutgoingRequest } from '#core/http';
import type { Rates } from '#core/limits/rates';
import type { Mail } from '#core/mail/mail';
import { depthOf } from '#core/runs/depth';
import { boundedWorld } from '#core/steps/bounded-world';
import { handClock } from '#test/helpers/memory-ports';
import { worldWith } from '#test/helpers/world';

const mail: Mail = {
  userId: 'alice',
  to: ['a@b.co'],
  subject: 'Hi',
  text: 'Hi',
  idempotencyKey: 'k',
};
const request = (change: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: 'POST',
  url: 'https://hooks.example.com:8443/x',
  headers: {},
  ...change,
});

function world(take: Rates['take'] = async () => true, depth = 0) {
  const sent: OutgoingRequest[] = [];
  const counted: string[] = [];
  const outside = worldWith({
    http: {
      async send(one) {
        sent.push(one);
        return { status: 200, headers: {}, body: new Uint8Array(), url: one.url };
      },
    },
    mail: { send: async () => ({ messageId: 'm1' }) },
    profiles: { emailOf: async () => 'A@b.co' },
  });
  const rates: Rates = {
    async take(name, rate, now) {
      counted.push(`${name}: ${rate.limit} in ${rate.windowSeconds} s`);
      return take(name, rate, now);
    },
  };
  const run = { userId: 'alice', plan: 'free' as const, depth };
  const bounded = boundedWorld(outside, run, { rates, clock: handClock() });
  const options = { signal: new AbortController().signal };
  return { bounded, sent, counted, options };
}

describe('a request of a run', () => {
  it('says how many runs have started each other, whatever the agent claims', async () => {
    const { bounded, sent, options } = world(undefined, 3);

    await bounded.http.send(request({ headers: { 'X-CrucibAI-Depth': '0', a: 'b' } }), options);

    expect(sent[0]?.headers).toEqual({ 'x-crucibai-depth': '4', a: 'b' });
    expect(depthOf(sent[0]?.headers ?? {})).toBe(4);
  });

  it('counts against what the plan sends to that host', async () => {
    const { bounded, counted, options } = world();

    await bounded.http.send(request(), options);

    expect(counted).toEqual(['host alice hooks.example.com: 60 in 60 s']);
  });

  it('waits for the next minute when the host has had enough', async () => {
    const { bounded, sent, options } = world(async () => false);

    const sending = bounded.http.send(request(), options);

    await expect(sending).rejects.toMatchObject({
      name: 'ActionUnavailableError',
      retryAfterSeconds: 60,
    });
    expect(sent).toEqual([]);
  });
});

describe('an e-mail of a run', () => {
  it.each([
    { to: ['a@b.co'], cc: [] },
    { to: ['a@b.co'], cc: ['A@B.CO'] },
  ])('of the free plan goes to the verified address of its user: %j', async (recipients) => {
    const { bounded } = world();

    expect(await bounded.mail.send({ ...mail, ...recipients })).toEqual({ messageId: 'm1' });
  });

  it.each([{ to: ['other@b.co'] }, { cc: ['other@b.co'] }])(
    'of the free plan goes to no other address: %j',
    async (recipients) => {
      const { bounded } = world();

      const sending = bounded.mail.send({ ...mail, ...recipients });

      await expect(sending).rejects.toMatchObject({
        name: 'ActionRejectedError',
        message: expect.stringContaining('other@b.co is another'),
      });
    },
  );

  it('counts against what the plan sends in a day', async () => {
    const { bounded, counted } = world();

    expect(await bounded.mail.send(mail)).toEqual({ messageId: 'm1' });
    expect(counted).toEqual(['mail alice: 20 in 86400 s']);
  });

  it('is refused for good when the day has had enough', async () => {
    const { bounded } = world(async () => false);

    await expect(bounded.mail.send(mail)).rejects.toMatchObject({ name: 'ActionRejectedError' });
  });
});

it.each([
  [{}, 0],
  [{ 'x-crucibai-depth': '5' }, 5],
  [{ 'x-crucibai-depth': '-1' }, 0],
  [{ 'x-crucibai-depth': 'many' }, 0],
])('reads the depth of %j as %i', (headers: Record<string, string>, depth) => {
  expect(depthOf(headers)).toBe(depth);
});

it('says that a counter did not answer, and reaches nothing then', async () => {
  const { bounded, sent, options } = world(() => Promise.reject(new Error('busy')));

  await expect(bounded.http.send(request(), options)).rejects.toMatchObject({
    name: 'StoreFaultError',
  });
  await expect(bounded.mail.send(mail)).rejects.toMatchObject({ name: 'StoreFaultError' });
  expect(sent).toEqual([]);
});
