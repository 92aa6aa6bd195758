import type { Agent } from '#core/agents/agent';
import { firesBetween, nextFires, parseCron } from '#core/schedules/schedules';

/** When an agent runs by itself. */
export type Timing =
  | { readonly kind: 'cron'; readonly cronExpression: string; readonly timezone: string }
  /** Epoch milliseconds. */
  | { readonly kind: 'once'; readonly runAt: number };

/**
 * The schedule of one agent as it is stored beside it. It outlives the agent until the fast path
 * (EventBridge Scheduler) has forgotten it too.
 */
export type StoredSchedule = {
  readonly userId: string;
  readonly agentId: string;
  /** Counts the changes of the timing: fires of an earlier one are stale. */
  readonly generation: number;
  /** The lowest generation that the fast path may still know. */
  readonly oldestGeneration: number;
  /** Absent while nothing may fire: switched off, another trigger, deleted. */
  readonly timing?: Timing;
  /** The next nominal time, epoch milliseconds; absent when there is none. */
  readonly nextAt?: number;
  /** Whether the fast path is known to agree. */
  readonly isApplied: boolean;
  /** What a missed time leads to. */
  readonly catchUp: CatchUp;
};

/** What happens with times that passed while nothing could run. */
export type CatchUp = 'latest' | 'all' | 'none';

/** How long after a nominal time the sweeper starts what the fast path did not, in milliseconds. */
export const GRACE_MS = 90_000;

/** Times missed by less than this are late rather than missed: they run, whatever `catch_up` says. */
const LATE_MS = 5 * 60_000;

/** With `all`, times older than this are missed for good, in milliseconds. */
const CATCH_UP_MS = 24 * 3_600_000;

/** Most missed times that are looked at together: two months of a schedule of every minute. */
const MOST_MISSED = 90_000;

/** When an agent runs by itself, if it does. */
export function timingOf(agent: Agent): Timing | undefined {
  const { trigger } = agent;
  if (!agent.enabled || trigger.type !== 'schedule') return undefined;
  return trigger.runAt === undefined
    ? { kind: 'cron', cronExpression: trigger.cronExpression, timezone: trigger.timezone }
    : { kind: 'once', runAt: Date.parse(trigger.runAt) };
}

/**
 * The schedule to write with an agent's change; undefined when it stays as it is. An unchanged
 * timing keeps its generation, so that editing a name does not touch the fast path.
 */
export function scheduleFor(
  agent: Agent,
  current: StoredSchedule | undefined,
  now: number,
): StoredSchedule | undefined {
  const timing = timingOf(agent);
  if (timing === undefined && current === undefined) return undefined;
  const { catch_up: catchUp } = agent.settings;
  if (current && isSameTiming(current.timing, timing)) {
    return current.catchUp === catchUp ? undefined : { ...current, catchUp };
  }
  const generation = (current?.generation ?? 0) + 1;
  const nextAt = timing && nextFire(timing, now);
  return {
    userId: agent.userId,
    agentId: agent.id,
    generation,
    oldestGeneration: current?.oldestGeneration ?? generation,
    isApplied: false,
    catchUp,
    ...(timing && { timing }),
    ...(nextAt !== undefined && { nextAt }),
  };
}

function isSameTiming(a: Timing | undefined, b: Timing | undefined): boolean {
  if (a?.kind === 'once' && b?.kind === 'once') return a.runAt === b.runAt;
  if (a?.kind === 'cron' && b?.kind === 'cron') {
    return a.cronExpression === b.cronExpression && a.timezone === b.timezone;
  }
  return a === b;
}

/** The schedule of a deleted agent: nothing fires, and the fast path must forget it. */
export function retired({ timing: _, nextAt: __, ...schedule }: StoredSchedule): StoredSchedule {
  return { ...schedule, generation: schedule.generation + 1, isApplied: false };
}

/** The first nominal time after an instant, in epoch milliseconds. */
export function nextFire(timing: Timing, after: number): number | undefined {
  if (timing.kind === 'once') return timing.runAt > after ? timing.runAt : undefined;
  return nextFires(cronOf(timing), after, 1)[0];
}

/** When the fast path fires for one time: it knows whole seconds, and must not be early. */
export function wholeSecond(runAt: number): number {
  return Math.ceil(runAt / 1_000) * 1_000;
}

/** The nominal time that a fire of the fast path stands for; undefined when the schedule has none. */
export function nominalOf(timing: Timing, firedAt: number): number | undefined {
  if (timing.kind === 'once') {
    return wholeSecond(timing.runAt) === firedAt ? timing.runAt : undefined;
  }
  return nextFire(timing, firedAt - 1) === firedAt ? firedAt : undefined;
}

/** What to do about nominal times that have passed. */
export type Missed = {
  /** To be started now, oldest first. */
  readonly start: readonly number[];
  /** Missed for good, oldest first. */
  readonly rejected: readonly number[];
};

/** Sorts the nominal times from `nextAt` until now by what `catch_up` says about them. */
export function missedUntil(schedule: StoredSchedule, now: number): Missed {
  const { timing, nextAt, catchUp } = schedule;
  if (timing === undefined || nextAt === undefined || nextAt > now)
    return { start: [], rejected: [] };
  const passed =
    timing.kind === 'once'
      ? [timing.runAt]
      : firesBetween(cronOf(timing), nextAt - 1, now, MOST_MISSED);
  const last = passed.at(-1) ?? now;
  const latest = (nextFire(timing, last) ?? now + 1) > now ? last : undefined;
  const runs = (at: number) => {
    if (now - at < LATE_MS) return true;
    if (catchUp === 'all') return now - at < CATCH_UP_MS;
    return catchUp === 'latest' && at === latest;
  };
  return { start: passed.filter(runs), rejected: passed.filter((at) => !runs(at)) };
}

function cronOf(timing: Extract<Timing, { kind: 'cron' }>) {
  return { cron: parseCron(timing.cronExpression), timezone: timing.timezone };
}
