import type { HealthState } from '#core/alerts/health';
import type { Notice } from '#core/alerts/notice';
import { type AlertSettings, DISABLE_AFTER } from '#core/alerts/settings';
import { firstIdAt } from '#core/ids';

export const HOUR_MS = 3_600_000;

/** What the history of an agent says. */
export type Seen = {
  /** The failures in a row that the newest runs which ended are, if they are. */
  readonly streak?: {
    readonly count: number;
    readonly firstRunId: string;
    readonly lastRunId: string;
    /** All of them, newest first. */
    readonly runIds: readonly string[];
    /** The run that succeeded before the first one, as far as it was looked. */
    readonly successBefore?: string;
    readonly reason?: string;
  };
  /** The newest run, if it is one that succeeded after the last failure. */
  readonly succeeded?: { readonly runId: string };
  /** Of an agent that is watched for absence: when it last was not, epoch milliseconds. */
  readonly presentAt?: number;
};

/** What is true now, and what the owner is to be told of it. */
export type Judgement = { readonly state: HealthState; readonly notice?: Notice };

/**
 * What an agent's owner has to be told: of a streak of failures once, of an absence once, and once
 * that it is over. One notice at a time: what else there is comes with the next look.
 *
 * @param now epoch milliseconds
 * @param mayDisable whether the agent may be switched off for its failures
 */
export function judgeHealth(
  state: HealthState,
  seen: Seen,
  alert: AlertSettings,
  now: number,
  mayDisable: boolean,
): Judgement {
  const { streak, succeeded } = seen;
  if (isOver(state, seen)) return recovered(state, succeeded?.runId, now);
  const { after_consecutive_failures: limit, absence_hours: hours } = alert;
  if (streak && mayDisable && streak.count >= DISABLE_AFTER) {
    const { failing: _, ...rest } = state;
    return {
      state: { ...rest, disabledAt: now, countAfter: firstIdAt('run', now) },
      notice: { kind: 'disabled', ...facts(streak), key: `disabled:${streak.lastRunId}` },
    };
  }
  if (streak && limit !== null && streak.count >= limit && state.failing === undefined) {
    const failing = { firstRunId: streak.firstRunId, at: now };
    const key = `failing:${streak.firstRunId}`;
    return { state: { ...state, failing }, notice: { kind: 'failing', ...facts(streak), key } };
  }
  if (hours !== null && isAbsent(seen, hours, now) && state.absentAt === undefined) {
    const key = `absent:${seen.presentAt}`;
    return { state: { ...state, absentAt: now }, notice: { kind: 'absent', hours, key } };
  }
  return { state };
}

function isAbsent({ presentAt }: Seen, hours: number, now: number): boolean {
  return presentAt !== undefined && now - presentAt >= hours * HOUR_MS;
}

/** Whether the owner was told of something that is not so any more. */
function isOver({ failing, disabledAt, absentAt }: HealthState, { streak, succeeded }: Seen) {
  const wasTold = failing !== undefined || disabledAt !== undefined || absentAt !== undefined;
  if (wasTold && succeeded !== undefined) return true;
  // A success between two looks: the failures that are there now are others.
  return (
    failing !== undefined &&
    streak?.successBefore !== undefined &&
    streak.successBefore >= failing.firstRunId
  );
}

function recovered({ countAfter }: HealthState, runId: string | undefined, now: number): Judgement {
  return {
    state: { ...(countAfter !== undefined && { countAfter }) },
    notice: { kind: 'recovered', ...(runId !== undefined && { runId }), key: `recovered:${now}` },
  };
}

function facts({ count, lastRunId, reason }: NonNullable<Seen['streak']>) {
  return { failures: count, runId: lastRunId, ...(reason !== undefined && { reason }) };
}
