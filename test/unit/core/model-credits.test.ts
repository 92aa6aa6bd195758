import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ActionContext, defineAction } from '#core/action';
import { ActionUnavailableError } from '#core/errors';
import { openAccount } from '#core/limits/credits';
import { creditsForUsd } from '#core/limits/plans';
import { takeUp } from '#core/runs/take-up';
import { plenty, ref } from '#test/helpers/engine-world';
import { workflowWorld } from '#test/helpers/workflow-world';

const ONCE = { max_attempts: 1, initial_delay_seconds: 0, backoff_rate: 1, max_delay_seconds: 1 };

/** A run of one step, for five credits, that asks the deployment's model. */
function world(
  balance: number,
  ask: (context: ActionContext<unknown>) => Promise<void>,
  retry = ONCE,
) {
  const step = {
    id: 'ask',
    type: 'ask',
    config: {},
    timeout_seconds: 1,
    retry,
    on_error: 'fail' as const,
  };
  const made = workflowWorld([step], {}, { creditsReserved: 5 });
  const action = defineAction({
    type: 'ask',
    title: 'Ask',
    description: 'Asks.',
    config: z.strictObject({}),
    output: z.unknown(),
    credits: 5,
    idempotency: 'Harmless.',
    async run(context) {
      await ask(context);
      return { output: null, summary: 'asked' };
    },
  });
  const catalog = { actions: [action], find: () => action };
  const { clock, credits, runs } = made;
  credits.accounts.set('alice', { ...openAccount('alice', 'pro', clock.now()), balance });
  const run = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const directive = await takeUp(ref, { ...made.deps, catalog }, plenty);
      if (directive.next === 'done') return directive.status;
      clock.advance(60_000);
    }
    throw new Error('it does not end');
  };
  const totals = () => {
    const { creditsReserved, creditsCharged } = runs.get('run_1');
    return { creditsReserved, creditsCharged };
  };
  const reservations = () => runs.writes.filter((write) => write.startsWith('reserve'));
  return { ...made, run, totals, reservations };
}

describe('the model of the deployment', () => {
  it.each([
    [0, 0],
    [0.000_01, 1],
    [0.01, 1],
    [0.1 + 0.2, 30],
    [0.301, 31],
  ])('for %d USD takes %d credits', (usd, credits) => {
    expect(creditsForUsd(usd)).toBe(credits);
  });

  it('is charged for what it was used, and reserved for what it might be', async () => {
    const { run, totals, reservations } = world(10, async ({ reserveModel, spend }) => {
      expect(await reserveModel(0.1)).toBeCloseTo(0.1);
      spend(0.034);
    });

    expect(await run()).toBe('success');
    expect(reservations()).toEqual(['reserve 10 0']);
    expect(totals()).toEqual({ creditsReserved: 15, creditsCharged: 9 });
  });

  it('is not asked when too little is left, and the step says what to do', async () => {
    let isAsked = false;
    const { run, runs, totals } = world(9, async ({ reserveModel }) => {
      await reserveModel(0.1);
      isAsked = true;
    });

    expect(await run()).toBe('failed');
    expect(isAsked).toBe(false);
    expect(runs.get('run_1').error).toMatchObject({
      code: 'insufficient_credits',
      message: expect.stringContaining('(max_cost 0.1 USD) may cost 10 credits, and 9 are left'),
    });
    expect(totals()).toEqual({ creditsReserved: 5, creditsCharged: 5 });
  });

  it('has one budget for all attempts at a step', async () => {
    const left: number[] = [];
    const { run, totals, reservations } = world(
      10,
      async ({ reserveModel, spend }) => {
        left.push(await reserveModel(0.1));
        spend(0.04);
        if (left.length < 3) throw new ActionUnavailableError('busy');
      },
      { ...ONCE, max_attempts: 3 },
    );

    expect(await run()).toBe('success');
    expect(left.map((usd) => Math.round(usd * 100))).toEqual([10, 6, 2]);
    expect(reservations()).toHaveLength(1);
    expect(totals()).toEqual({ creditsReserved: 15, creditsCharged: 15 });
  });

  it('takes nothing more once its step has been given up', async () => {
    const { run, totals, reservations } = world(100, async ({ reserveModel, signal }) => {
      await new Promise((done) => signal.addEventListener('abort', done));
      await expect(reserveModel(0.1)).rejects.toThrow();
    });

    expect(await run()).toBe('failed');
    expect(reservations()).toEqual([]);
    expect(totals().creditsReserved).toBe(5);
  });
});
