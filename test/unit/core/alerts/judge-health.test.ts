import { describe, expect, it } from 'vitest';
import type { HealthState } from '#core/alerts/health';
import { judgeHealth, type Seen } from '#core/alerts/judge-health';
import { AlertSettings } from '#core/alerts/settings';
import { firstIdAt } from '#core/ids';

const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const HOUR = 3_600_000;
const alert = AlertSettings.parse({});

function streak(count: number, firstRunId = 'run_1', successBefore?: string): Seen {
  const lastRunId = `${firstRunId}+${count}`;
  const success = successBefore === undefined ? {} : { successBefore };
  const runIds = [lastRunId, firstRunId];
  return { streak: { count, firstRunId, lastRunId, runIds, reason: 'No.', ...success } };
}

function judge(
  state: HealthState,
  seen: Seen,
  more: Partial<AlertSettings> = {},
  mayDisable = true,
) {
  return judgeHealth(state, seen, { ...alert, ...more }, NOW, mayDisable);
}

describe('judgeHealth', () => {
  it.each([
    { failures: 2, limit: 3, told: undefined },
    { failures: 3, limit: 3, told: 'failing' },
    { failures: 1, limit: 1, told: 'failing' },
    { failures: 19, limit: null, told: undefined },
    { failures: 20, limit: null, told: 'disabled' },
  ])('tells $told of $failures failures with a limit of $limit', ({ failures, limit, told }) => {
    const { notice } = judge({}, streak(failures), { after_consecutive_failures: limit });
    expect(notice?.kind).toBe(told);
  });

  it('tells of a streak once, however long it grows', () => {
    const { state } = judge({}, streak(3));
    expect(judge(state, streak(4)).notice).toBeUndefined();
    expect(judge(state, streak(19)).notice).toBeUndefined();
    // Reading further back may find an earlier first run; it is the same streak.
    expect(judge(state, streak(19, 'run_0')).notice).toBeUndefined();
    // The first runs may be deleted by now, or there may have been a success before them.
    expect(judge(state, streak(4, 'run_4', 'run_0')).notice).toBeUndefined();
  });

  it('tells that it is over, once', () => {
    const { state } = judge({}, streak(3));
    const over = judge(state, { succeeded: { runId: 'run_9' } });
    expect(over.notice).toMatchObject({ kind: 'recovered', runId: 'run_9' });
    expect(judge(over.state, { succeeded: { runId: 'run_9' } }).notice).toBeUndefined();
  });

  it('says nothing of a success when there was nothing to tell', () => {
    expect(judge({}, { succeeded: { runId: 'run_9' } }).notice).toBeUndefined();
  });

  it('takes failures after a success that it did not see for a new streak', () => {
    const { state } = judge({}, streak(3));
    const between = judge(state, streak(3, 'run_5', 'run_4'));
    expect(between.notice?.kind).toBe('recovered');
    expect(judge(between.state, streak(3, 'run_5', 'run_4')).notice?.kind).toBe('failing');
  });

  it('switches off after 20, and counts anew from there', () => {
    const { state, notice } = judge(judge({}, streak(3)).state, streak(20));
    expect(notice).toMatchObject({ kind: 'disabled', failures: 20 });
    expect(state).toMatchObject({ countAfter: firstIdAt('run', NOW), disabledAt: NOW });
    expect(state.failing).toBeUndefined();
    expect(judge(state, streak(1, 'run_2')).notice).toBeUndefined();
    expect(judge(state, { succeeded: { runId: 'run_3' } }).notice?.kind).toBe('recovered');
  });

  it('never switches off what it may not', () => {
    expect(judge({}, streak(25), {}, false).notice?.kind).toBe('failing');
  });

  it.each([
    { hours: 2, present: NOW - 3 * HOUR, told: 'absent' },
    { hours: 3, present: NOW - 3 * HOUR, told: 'absent' },
    { hours: 4, present: NOW - 3 * HOUR, told: undefined },
    { hours: null, present: NOW - 3 * HOUR, told: undefined },
    { hours: 2, present: undefined, told: undefined },
  ])('tells $told with $hours hours', ({ hours, present, told }) => {
    const seen = present === undefined ? {} : { presentAt: present };
    const { notice, state } = judge({}, seen, { absence_hours: hours });
    expect(notice?.kind).toBe(told);
    expect(judge(state, seen, { absence_hours: hours }).notice).toBeUndefined();
  });
});
