import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { StoredTrigger } from '#core/agents/agent';
import { activeSecrets, keepTrigger, rotateSecret } from '#core/agents/agent-trigger';
import { handClock } from '#test/helpers/memory-ports';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const owner = { userId: 'alice', agentId: 'agt_1' };

/** A webhook whose secret is rotated as time passes. */
async function webhook() {
  const clock = handClock();
  const start = clock.now();
  const seal = async (text: string) => `sealed ${text}`;
  const deps = { secrets: { seal, open: seal }, clock, randomBytes };
  const config = { type: 'webhook', auth: 'github' } as const;
  let { trigger } = await keepTrigger(config, undefined, owner, deps);
  const current = () => trigger as Extract<StoredTrigger, { type: 'webhook' }>;
  return {
    clock,
    async rotate(revokeOld = false) {
      ({ trigger } = await rotateSecret(current(), revokeOld, owner, deps));
    },
    /** Hours after the start at which those that count end; undefined for the newest. */
    ends: () =>
      activeSecrets(current().secrets, clock.now()).map(
        ({ expiresAt }) => expiresAt && (expiresAt - start) / HOUR,
      ),
  };
}

it('a secret counts for a day after it was replaced, not longer when others are replaced, too', async () => {
  const { clock, rotate, ends } = await webhook();

  await rotate();
  clock.advance(6 * HOUR);
  await rotate();

  expect(ends()).toEqual([undefined, 30, 24]);
  clock.advance(DAY - 6 * HOUR - 1);
  expect(ends()).toEqual([undefined, 30, 24]);
  clock.advance(1);
  expect(ends()).toEqual([undefined, 30]);
});

it('a secret that is revoked ends at once, and those before it', async () => {
  const { rotate, ends } = await webhook();
  await rotate();

  await rotate(true);

  expect(ends()).toEqual([undefined]);
});

it('a sixth secret waits for the end of the first, unless the old ones are revoked', async () => {
  const { clock, rotate, ends } = await webhook();
  for (let times = 1; times <= 4; times += 1) {
    await rotate();
    clock.advance(HOUR);
  }

  await expect(rotate()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('until 2026-11-23T09:00:00.000Z'),
  });

  expect(ends()).toEqual([undefined, 27, 26, 25, 24]);
  clock.advance(DAY - 4 * HOUR);
  await rotate();
  expect(ends()).toEqual([undefined, 48, 27, 26, 25]);
  await rotate(true);
  expect(ends()).toEqual([undefined]);
});
