import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvocationResult } from '#local/lambda/protocol';
import { type Schedule, startSchedules } from '#local/schedules';

const DONE: InvocationResult = { status: 'succeeded', payload: 'null' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function schedule(changes: Partial<Schedule> = {}): Schedule {
  return {
    name: 'sweep',
    arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep',
    functionName: 'sample',
    everyMs: 1_000,
    input: '{"a":1}',
    denial: undefined,
    ...changes,
  };
}

describe('a schedule', () => {
  it('invokes its function with its input at its rate', async () => {
    const invoke = vi.fn(async () => DONE);
    startSchedules([schedule()], invoke, vi.fn());

    await vi.advanceTimersByTimeAsync(3_500);

    expect(invoke.mock.calls).toEqual(Array(3).fill(['sample', '{"a":1}']));
  });

  it('never overlaps itself', async () => {
    const slow = Promise.withResolvers<InvocationResult>();
    const invoke = vi.fn(() => slow.promise);
    startSchedules([schedule()], invoke, vi.fn());

    await vi.advanceTimersByTimeAsync(5_500);
    expect(invoke).toHaveBeenCalledTimes(1);

    slow.resolve(DONE);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(invoke).toHaveBeenCalledTimes(2);
  });

  it('goes on when its function fails, and tells', async () => {
    const error = { errorType: 'Error', errorMessage: 'no table' };
    const onFailure = vi.fn();
    const invoke = vi.fn(async (): Promise<InvocationResult> => ({ status: 'failed', error }));
    startSchedules([schedule()], invoke, onFailure);

    await vi.advanceTimersByTimeAsync(2_500);

    expect(invoke).toHaveBeenCalledTimes(2);
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ name: 'sweep' }), 'no table');
  });

  it("gives Scheduler's own event when it has no input", async () => {
    const invoke = vi.fn(async (_: string, payload: string) => {
      expect(JSON.parse(payload)).toMatchObject({
        source: 'aws.scheduler',
        'detail-type': 'Scheduled Event',
        account: '000000000000',
        region: 'us-east-1',
        resources: [schedule().arn],
      });
      return DONE;
    });
    startSchedules([schedule({ input: undefined })], invoke, vi.fn());

    await vi.advanceTimersByTimeAsync(1_500);

    expect(invoke).toHaveBeenCalledTimes(1);
  });

  it('does not run when its role may not invoke', async () => {
    const invoke = vi.fn(async () => DONE);
    startSchedules([schedule({ denial: 'AccessDenied' })], invoke, vi.fn());

    await vi.advanceTimersByTimeAsync(2_500);

    expect(invoke).not.toHaveBeenCalled();
  });

  it('stops when what runs has ended', async () => {
    const slow = Promise.withResolvers<InvocationResult>();
    const invoke = vi.fn(() => slow.promise);
    const running = startSchedules([schedule()], invoke, vi.fn());
    await vi.advanceTimersByTimeAsync(1_500);

    const hasStopped = vi.fn();
    const stopped = running.stop().then(hasStopped);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hasStopped).not.toHaveBeenCalled();
    slow.resolve(DONE);
    await stopped;

    expect(invoke).toHaveBeenCalledTimes(1);
  });
});
