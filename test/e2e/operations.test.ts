import { afterAll, describe, expect, it } from 'vitest';
import { totalOf } from '#test/bench/bill';
import { type Billed, measureBilling } from '#test/bench/billing';
import { invocations } from '#test/bench/operations';
import { startReceiver } from '#test/bench/receiver';
import { ROOT } from '#test/helpers/assembly';

const RUNS = 20;

const receiver = await startReceiver();
afterAll(() => receiver.close());
const billing = await measureBilling(ROOT, RUNS, receiver);

/** Invocations, rounded: a retry among many runs is no promise broken. */
function invoked({ counts }: Billed): Record<string, number> {
  const named = invocations(counts).map(([name, count]) => [
    /-([A-Z][A-Za-z]+)Function/.exec(name)?.[1] ?? name,
    Math.round(count),
  ]);
  return Object.fromEntries(named);
}

const transitions = ({ counts }: Billed) => Math.round(counts['state_transitions'] ?? 0);
const messages = ({ counts }: Billed) => Math.round(counts['sqs.SendMessage'] ?? 0);
const writeUnits = ({ counts }: Billed) => counts['write_units'] ?? 0;
const readUnits = ({ counts }: Billed) => counts['read_units'] ?? 0;
const dollars = ({ lines }: Billed) => totalOf(lines);

describe('a run, all limits on,', () => {
  it('of one step uses two invocations, a message and at most 14 write units', () => {
    expect(invoked(billing.one)).toEqual({ Webhook: 1, Dispatch: 1 });
    expect([messages(billing.one), transitions(billing.one)]).toEqual([1, 0]);
    expect(writeUnits(billing.one)).toBeLessThanOrEqual(14);
    expect(readUnits(billing.one)).toBeLessThanOrEqual(5);
    expect(dollars(billing.one)).toBeLessThanOrEqual(15);
  });

  it('of three steps uses three transitions and at most 18 write units', () => {
    expect(invoked(billing.three)).toEqual({ Webhook: 1, Dispatch: 1, RunSteps: 1 });
    expect([messages(billing.three), transitions(billing.three)]).toEqual([1, 3]);
    expect(writeUnits(billing.three)).toBeLessThanOrEqual(18);
    expect(readUnits(billing.three)).toBeLessThanOrEqual(6);
    expect(dollars(billing.three)).toBeLessThanOrEqual(105);
  });

  it('with an approval uses six transitions', () => {
    expect(invoked(billing.approval)).toEqual({ Webhook: 1, Dispatch: 1, RunSteps: 3, Api: 1 });
    expect([messages(billing.approval), transitions(billing.approval)]).toEqual([1, 6]);
    expect(writeUnits(billing.approval)).toBeLessThanOrEqual(44);
    expect(readUnits(billing.approval)).toBeLessThanOrEqual(12);
    expect(dollars(billing.approval)).toBeLessThanOrEqual(190);
  });
});

describe('a run that enters Step Functions only to wait', () => {
  it('of three steps uses no transition, and tells of its usage once', () => {
    const { three } = billing.waitsOnly;
    expect(invoked(three)).toEqual({ Webhook: 1, Dispatch: 1 });
    expect([messages(three), transitions(three)]).toEqual([1, 0]);
    expect(Math.round(three.counts['events.PutEvents'] ?? 0)).toBe(1);
    expect(writeUnits(three)).toBeLessThanOrEqual(18);
    expect(dollars(three)).toBeLessThanOrEqual(30);
  });

  it('with an approval uses fewer transitions and costs less', () => {
    const { approval } = billing.waitsOnly;
    expect(invoked(approval)).toEqual({ Webhook: 1, Dispatch: 1, RunSteps: 2, Api: 1 });
    expect(transitions(approval)).toBe(5);
    expect(dollars(approval)).toBeLessThan(dollars(billing.approval));
  });
});
