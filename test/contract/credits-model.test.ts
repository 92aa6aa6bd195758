import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ClaimLostError, InsufficientCreditsError, RequestError } from '#core/errors';
import { admitRun, takeFromAccount } from '#core/limits/admission';
import { openAccount } from '#core/limits/credits';
import { planNames, plans } from '#core/limits/plans';
import { adjustCredits, currentAccount, readLedger, setAccount } from '#core/limits/usage';
import type { Claim, Run, RunRef, StepRecord } from '#core/runs/run';
import { settle } from '#core/runs/run-cost';
import { settledOf } from '#core/runs/run-gates';
import type { DedupeKey, RunEnding } from '#core/runs/run-store';
import { openLimits, type TransactionFault } from '#test/contract/limits-world';
import { queuedRun } from '#test/helpers/memory-ports';

const world = await openLimits();
afterAll(() => world.close());

const NOW = Date.parse('2026-11-22T09:20:00.000Z');
const HOUR_MS = 3_600_000;
const GATE_LIMIT = 1_000;

/** What may happen to a user's account. Numbers choose among the runs that there are. */
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('admit'), cost: fc.nat(30), key: fc.nat(8) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('loop'),
      which: fc.nat(),
      cost: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      which: fc.nat(),
      used: fc.nat(90),
      times: fc.integer({ min: 1, max: 3 }),
      crash: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('close'), which: fc.nat(), used: fc.nat(90) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait'), hours: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('adjust'),
      amount: fc.integer({ min: -150, max: 150 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('plan'), plan: fc.constantFrom(...planNames) }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;

const fault = fc.constantFrom<TransactionFault | undefined>(
  undefined,
  undefined,
  undefined,
  'conflict',
  'answer lost',
);

/** A run as the model knows it. */
type Open = { readonly ref: RunRef; claim: Claim | undefined; reserved: number };

let users = 0;

/** One user's account, and what it must be according to a model that knows nothing of tables. */
async function openAccountModel(faults: readonly (TransactionFault | undefined)[]) {
  users += 1;
  const userId = `modelled-${users}`;
  let now = NOW;
  let calls = 0;
  const clock = { now: () => now };
  const { credits, runs } = world.faulty(() => {
    calls += 1;
    return faults[calls % faults.length];
  });
  const sure = { credits: world.credits, clock };
  const deps = { credits, clock };
  await world.credits.open(openAccount(userId, 'free', now));
  const open: Open[] = [];
  const keys = new Set<number>();
  let balance: number = plans.free.creditsPerMonth;
  let plan: (typeof planNames)[number] = 'free';
  let month = new Date(now).getUTCMonth();
  let hour = Math.floor(now / HOUR_MS);
  const started = { runsThisMonth: 0, runsThisHour: 0 };
  let count = 0;
  const gate = { userId, limit: GATE_LIMIT };

  /** A change that somebody's look may have made: renewals. */
  function renew() {
    if (Math.floor(now / HOUR_MS) !== hour) started.runsThisHour = 0;
    hour = Math.floor(now / HOUR_MS);
    if (new Date(now).getUTCMonth() === month) return;
    month = new Date(now).getUTCMonth();
    started.runsThisMonth = 0;
    balance = Math.max(balance, plans[plan].creditsPerMonth);
  }

  async function admit(cost: number, key: number): Promise<void> {
    renew();
    count += 1;
    const ref = { userId, runId: `run_${String(count).padStart(26, '0')}` };
    const run = queuedRun({
      ...ref,
      triggeredAt: new Date(now).toISOString(),
      creditsReserved: cost,
    });
    const dedupe: DedupeKey = {
      digest: `${userId} ${key}`,
      bodyDigest: '',
      expiresAt: Math.floor(NOW / 1_000) + 10 * 365 * 86_400,
    };
    try {
      const created = await admitRun(userId, cost, deps, (admission) =>
        runs.create(run, dedupe, admission),
      );
      expect(created.outcome).toBe(keys.has(key) ? 'duplicate' : 'created');
    } catch (error) {
      if (error instanceof RequestError && error.code === 'insufficient_credits') {
        expect(balance).toBeLessThan(cost);
      }
    }
    // The caller may not have heard: what is stored is what counts.
    if ((await world.runs.find(ref)) === undefined) return;
    expect(keys).not.toContain(key);
    keys.add(key);
    balance -= cost;
    started.runsThisMonth += 1;
    started.runsThisHour += 1;
    open.push({ ref, claim: undefined, reserved: cost });
    await world.slots.take(gate, ref.runId);
  }

  /** A worker takes the run up, and loses it again to the next one that does. */
  async function claimed(run: Open): Promise<Claim> {
    const found = await world.runs.find(run.ref);
    if (found?.claim) await world.runs.breakClaim(found, found.dueAt ?? '', true);
    const at = new Date(now).toISOString();
    const taken = await world.runs.claim(run.ref, `worker ${calls} ${now}`, at, at);
    if (taken.outcome !== 'claimed') throw new Error(`The run is ${taken.outcome}`);
    run.claim = taken.claim;
    return taken.claim;
  }

  async function loop(run: Open, cost: number): Promise<void> {
    renew();
    const claim = run.claim ?? (await claimed(run));
    const record = { path: '0', creditsReserved: cost } as StepRecord;
    const refusal = (account: { balance: number }) =>
      account.balance < cost ? new InsufficientCreditsError('Too few.') : undefined;
    try {
      await takeFromAccount(userId, cost, deps, refusal, (admission) =>
        runs.reserve(claim, admission, '', [record], now),
      );
    } catch (error) {
      if (error instanceof InsufficientCreditsError) expect(balance).toBeLessThan(cost);
    }
    const reserved = (await world.runs.find(run.ref))?.creditsReserved ?? 0;
    expect([run.reserved, run.reserved + cost]).toContain(reserved);
    balance -= reserved - run.reserved;
    run.reserved = reserved;
  }

  function endingOf(run: Open, used: number): RunEnding {
    return {
      status: 'success',
      finishedAt: new Date(now).toISOString(),
      records: [],
      logTail: [],
      credits: settle(used, run.reserved),
      costUsd: 0,
      expiresAt: 9_999_999_999,
      scattered: false,
    };
  }

  /** The end of a run, which is written once however often its message comes. */
  async function end(run: Open, used: number, write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
    } catch (error) {
      if (error instanceof ClaimLostError) expect(run.claim).toBeDefined();
    }
    if ((await world.runs.find(run.ref))?.finishedAt === undefined) return false;
    if (!open.includes(run)) return true;
    open.splice(open.indexOf(run), 1);
    balance += Math.max(0, run.reserved - used);
    return true;
  }

  const leave = (run: Run) =>
    world.slots.exchange(gate, { out: { runId: run.runId, settledCredits: settledOf(run) } });

  async function giveSlot({ ref }: Open): Promise<void> {
    const run = await world.runs.find(ref);
    if (run) await leave(run);
  }

  async function act(one: Command): Promise<void> {
    if ('hours' in one) now += one.hours * HOUR_MS;
    else if ('key' in one) await admit(one.cost, one.key);
    else if ('amount' in one) {
      renew();
      balance += (await adjustCredits(userId, one.amount, 'for a test', undefined, sure)).applied;
    } else if ('plan' in one) {
      renew();
      const difference = plans[one.plan].creditsPerMonth - plans[plan].creditsPerMonth;
      balance += Math.max(difference, -balance);
      plan = one.plan;
      await setAccount(userId, { plan }, false, sure);
    } else if (open.length > 0) {
      const run = open[one.which % open.length] as Open;
      if ('cost' in one) return loop(run, one.cost);
      if ('times' in one) {
        const claim = run.claim ?? (await claimed(run));
        for (let time = 0; time < one.times; time += 1) {
          const ending = endingOf(run, one.used);
          await end(run, one.used, () => runs.finish(claim, ending));
        }
        // A worker may die before it gives its slot back.
        if (!one.crash && !open.includes(run)) await giveSlot(run);
      } else {
        const found = await world.runs.find(run.ref);
        if (found) await end(run, one.used, () => runs.close(found, endingOf(run, one.used)));
        if (!open.includes(run)) await giveSlot(run);
      }
    }
  }

  async function check(): Promise<void> {
    renew();
    const account = await currentAccount(userId, sure);
    expect(account).toMatchObject({ balance, ...started });
    expect(account.balance).toBeGreaterThanOrEqual(0);
    const ledger = await readLedger(userId, undefined, 1_000, sure);
    expect(ledger.items.reduce((sum, { amount }) => sum + amount, 0)).toBe(balance);
  }

  /** What is held for runs is what open ones have reserved, once slots of dead workers are back. */
  async function checkHeld(): Promise<void> {
    const { holders } = await world.slots.read(gate);
    for (const runId of holders) {
      const run = await world.runs.find({ userId, runId });
      if (run?.finishedAt !== undefined) await leave(run);
    }
    const { settled } = await world.slots.read(gate);
    const account = await currentAccount(userId, sure);
    const held = open.reduce((sum, { reserved }) => sum + reserved, 0);
    expect(account.reserved - settled).toBe(held);
  }

  return { act, check, checkHeld };
}

describe('an account', () => {
  it('has the balance that its ledger says, whatever happens and whatever goes wrong', async () => {
    const commands = fc.array(command, { minLength: 5, maxLength: 30 });
    const faults = fc.array(fault, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(commands, faults, async (all, broken) => {
        const model = await openAccountModel(broken);
        for (const one of all) {
          await model.act(one);
          await model.check();
        }
        await model.checkHeld();
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
