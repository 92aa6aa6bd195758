import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { isTransient } from '#adapters/transient';
import { RequestError } from '#core/errors';
import { openAccount } from '#core/limits/credits';
import { readLedger } from '#core/limits/usage';
import { type OpenRunRequest, openRun } from '#core/runs/open-run';
import { openLimits, type TransactionFault } from '#test/contract/limits-world';
import { inlinePayloads, memoryMetrics } from '#test/helpers/memory-ports';

const world = await openLimits();
afterAll(() => world.close());

const NOW = Date.parse('2026-11-22T09:20:00.000Z');
const clock = { now: () => NOW };
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A user with so many credits, and the door at which runs are opened, with faults behind it. */
async function door(userId: string, balance: number, fault: () => TransactionFault | undefined) {
  const grant = { at: NOW, kind: 'grant', amount: balance } as const;
  await world.credits.open({ ...openAccount(userId, 'pro', NOW), balance, recent: [grant] });
  const { credits, runs } = world.faulty(fault);
  const { metrics } = memoryMetrics();
  const deps = { credits, runs, clock, log: quiet, metrics, randomBytes, payloads: inlinePayloads };
  const request: OpenRunRequest = {
    userId,
    agentId: 'agt_1',
    agentVersion: 1,
    retentionDays: 90,
    triggeredBy: 'webhook',
    trigger: { body: {}, headers: {}, query: {}, received_at: new Date(NOW).toISOString() },
    mostCredits: 1,
  };
  const open = () => openRun(request, { ...deps, queue: { enqueue: async () => {} } });
  const sums = async () => {
    const account = await world.credits.find(userId);
    const page = await readLedger(userId, undefined, 1_000, { ...world, clock });
    const ledger = page.items.reduce((sum, { amount }) => sum + amount, 0);
    const { items } = await world.runs.list({ userId }, { limit: 100, after: undefined });
    return { balance: account?.balance, ledger, runs: items.length };
  };
  return { open, sums };
}

/** How each call ended: `accepted`, the code of its refusal, or `later` for a fault that may pass. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    if (error instanceof RequestError) return error.code;
    if (isTransient(error)) return 'later';
    throw error;
  }
}

describe('T-6: two hundred triggers at once with ten credits', () => {
  it('start ten runs, although half of all transactions are cancelled by others', async () => {
    let calls = 0;
    const { open, sums } = await door('contended', 10, () => {
      calls += 1;
      return calls % 2 === 0 ? 'conflict' : undefined;
    });

    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcomeOf(open())));

    const count = (what: string) => outcomes.filter((one) => one === what).length;
    expect(await sums()).toEqual({ balance: 0, ledger: 0, runs: 10 });
    expect(count('accepted')).toBe(10);
    expect(count('insufficient_credits') + count('unavailable') + count('later')).toBe(190);
    expect(count('insufficient_credits')).toBeGreaterThan(0);
  });

  it('take ten credits, although answers are lost: as many runs as were paid for', async () => {
    let calls = 0;
    const { open, sums } = await door('deaf', 10, () => {
      calls += 1;
      return calls % 3 === 0 ? 'answer lost' : undefined;
    });

    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcomeOf(open())));

    expect(await sums()).toEqual({ balance: 0, ledger: 0, runs: 10 });
    expect(outcomes.filter((one) => one === 'accepted').length).toBeLessThanOrEqual(10);
  });
});
