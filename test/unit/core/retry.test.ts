import { describe, expect, it } from 'vitest';
import { RetryPolicy } from '#core/agents/agent';
import { ActionRejectedError, ActionUnavailableError, RunTimeoutError } from '#core/errors';
import { retryDelayMs } from '#core/steps/retry';

const policy = RetryPolicy.parse({
  max_attempts: 5,
  initial_delay_seconds: 2,
  backoff_rate: 3,
  max_delay_seconds: 20,
});
const busy = new ActionUnavailableError('Busy.');
const asking = (retryAfterSeconds: number) =>
  new ActionUnavailableError('Busy.', { retryAfterSeconds });

describe('the wait before another attempt', () => {
  it.each([
    [1, 2_000],
    [2, 6_000],
    [3, 18_000],
    [4, 20_000],
  ])('grows up to its limit, and is drawn from all of it: after attempt %i', (attempt, longest) => {
    const drawn = [0, 0.25, 0.5, 1].map((part) => retryDelayMs(busy, attempt, policy, () => part));

    expect(drawn).toEqual([0, longest / 4, longest / 2, longest]);
  });

  it.each([
    [3, 0, 3_000],
    [3, 1, 6_000],
    [9_999, 0, 20_000],
    [0, 0.5, 3_000],
  ])(
    'is no shorter than the %i s that were asked for, up to the limit',
    (asked, part, expected) => {
      expect(retryDelayMs(asking(asked), 2, policy, () => part)).toBe(expected);
    },
  );

  it.each([
    ['the last attempt', busy, 5],
    ['what will not pass', new ActionRejectedError('No.'), 1],
    ['the end of the run', new RunTimeoutError('Over.'), 1],
    ['a fault of ours', new TypeError('x is not a function'), 1],
  ])('is none after %s', (_, error, attempt) => {
    expect(retryDelayMs(error, attempt, policy, () => 0.5)).toBeUndefined();
  });
});
