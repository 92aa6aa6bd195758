import type { AgentRef } from '#core/alerts/health';
import { type DecideDeps, tendApproval } from '#core/approvals/decide-approval';
import type { PauseStore } from '#core/pause';
import type { Clock, Log } from '#core/ports';
import { freeIfDead, LOOK_AGAIN_MS } from '#core/runs/dead-worker';
import { FIRST_LOOK_MS } from '#core/runs/open-run';
import { isFinal, type Run, type RunRef } from '#core/runs/run';
import type { RunQueue } from '#core/runs/run-queue';
import type { DueRef, RunStore } from '#core/runs/run-store';
import {
  recoverSchedule,
  type ScheduleSweepDeps,
  tendSchedule,
} from '#core/schedules/sweep-schedule';
import { GRACE_MS, type StoredSchedule } from '#core/schedules/timetable';

/** Open runs are spread over this many parts of the due index, so that no part gets too many writes. */
export const DUE_SHARDS = 8;

/** Entries that are read together. */
const PAGE = 100;

/** After this a sweep leaves the rest to the next one, in milliseconds. */
const SWEEP_MS = 30_000;

/** Runs that one shard's sweep works on at once. */
const AT_ONCE = 8;

/** What the sweeper works with. */
export type SweepDeps = ScheduleSweepDeps &
  DecideDeps & {
    /** Sees to an agent that fails, or stays away. */
    readonly tendHealth: (agent: AgentRef) => Promise<void>;
    /** Sees to a user whose credits run low. */
    readonly tendWarning: (userId: string) => Promise<void>;
    /** Sees to a run's usage that has not been told yet. */
    readonly tendUsage: (ref: RunRef) => Promise<void>;
    readonly pause: Pick<PauseStore, 'find'>;
    readonly runs: RunStore;
    readonly queue: Pick<RunQueue, 'enqueue'>;
    readonly clock: Clock;
    readonly log: Log;
  };

/** What one sweep did. */
export type SweepReport = { readonly looked: number; readonly enqueued: number };

/**
 * Looks at every open run whose due time has come, so that none stays open for ever: one that
 * nobody took up is put on the queue again, and one whose worker has died is freed first.
 *
 * A worker is dead when its beat has not moved between two looks; no clocks are compared.
 */
export async function sweep(deps: SweepDeps): Promise<SweepReport> {
  const now = new Date(deps.clock.now()).toISOString();
  // During a pause runs stay as they are; the first sweep after it finds them due.
  const isPaused = (await deps.pause.find())?.paused === true;
  const isMeant = ({ kind }: DueRef) => kind !== 'run' || !isPaused;
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) =>
    tendShard(shard, now, isMeant, deps),
  );
  return total(await Promise.all(shards));
}

/**
 * Frees and enqueues every open run at once, but for those that wait, and those that nobody has begun
 * and a sweeper has enqueued before. Only for a moment at which no worker can be alive, such as the
 * start of the one machine that executes them all.
 */
export async function recoverAll(deps: SweepDeps): Promise<SweepReport> {
  const reports: SweepReport[] = [];
  // No claimed run is due later than this, and what was recovered always is: it is not met twice.
  const end = deps.clock.now() + GRACE_MS;
  const before = new Date(end).toISOString();
  const later = new Date(end + 1).toISOString();
  const visitor: Visitor = {
    run: (run) => recover(run, later, deps),
    schedule: (schedule) => recoverSchedule(schedule, deps),
  };
  for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
    let after: string | undefined;
    do {
      const page = await deps.runs.due(shard, before, { limit: PAGE, after });
      reports.push(await visitAll(page.items, visitor, deps));
      after = page.next;
    } while (after !== undefined);
  }
  return total(reports);
}

/** What is done with each thing that is due. */
type Visitor = {
  /** @returns whether it was enqueued */
  readonly run: (run: Run) => Promise<boolean>;
  /** @returns how many of its times were dealt with */
  readonly schedule: (schedule: StoredSchedule) => Promise<number>;
};

async function tendShard(
  shard: number,
  before: string,
  isMeant: (ref: DueRef) => boolean,
  deps: SweepDeps,
): Promise<SweepReport> {
  const reports: SweepReport[] = [];
  const stopAt = deps.clock.now() + SWEEP_MS;
  const visitor: Visitor = {
    run: (run) => tend(run, deps),
    schedule: (schedule) => tendSchedule(schedule, deps),
  };
  let after: string | undefined;
  do {
    const page = await deps.runs.due(shard, before, { limit: PAGE, after });
    reports.push(await visitAll(page.items.filter(isMeant), visitor, deps));
    after = page.next;
  } while (after !== undefined && deps.clock.now() < stopAt);
  return total(reports);
}

async function visitAll(
  refs: readonly DueRef[],
  visitor: Visitor,
  deps: SweepDeps,
): Promise<SweepReport> {
  let enqueued = 0;
  for (let first = 0; first < refs.length; first += AT_ONCE) {
    const together = refs.slice(first, first + AT_ONCE).map((ref) => visitOne(ref, visitor, deps));
    for (const count of await Promise.all(together)) enqueued += count;
  }
  return { looked: refs.length, enqueued };
}

function total(reports: readonly SweepReport[]): SweepReport {
  const sum = (pick: (report: SweepReport) => number) =>
    reports.reduce((all, report) => all + pick(report), 0);
  return { looked: sum((one) => one.looked), enqueued: sum((one) => one.enqueued) };
}

/** What cannot be tended must not keep the others waiting. @returns how many runs were enqueued */
async function visitOne(ref: DueRef, visitor: Visitor, deps: SweepDeps): Promise<number> {
  try {
    if (ref.kind === 'schedule') {
      const schedule = await deps.schedules.find(ref.userId, ref.agentId);
      return schedule === undefined ? 0 : await visitor.schedule(schedule);
    }
    if (ref.kind === 'health') {
      await deps.tendHealth(ref);
      return 0;
    }
    if (ref.kind === 'warning') {
      await deps.tendWarning(ref.userId);
      return 0;
    }
    if (ref.kind === 'usage') {
      await deps.tendUsage(ref);
      return 0;
    }
    if (ref.kind === 'approval') {
      await tendApproval(ref, deps);
      return 0;
    }
    const run = await deps.runs.find(ref);
    if (run === undefined || isFinal(run.status)) return 0;
    return (await visitor.run(run)) ? 1 : 0;
  } catch (error) {
    deps.log.error('not swept', { ref, error });
    return 0;
  }
}

async function tend(run: Run, deps: SweepDeps): Promise<boolean> {
  if (run.claim !== undefined) return enqueueIf(await freeIfDead(run, deps), run, deps);
  // It may still be in a long queue: each further message for it comes later than the last.
  const now = deps.clock.now();
  const age = now - Date.parse(run.triggeredAt);
  const wait = Math.min(Math.max(age, LOOK_AGAIN_MS), 15 * LOOK_AGAIN_MS);
  return enqueueIf(await deps.runs.watch(run, new Date(now + wait).toISOString()), run, deps);
}

async function recover(run: Run, later: string, deps: SweepDeps): Promise<boolean> {
  // Its message is in the queue, or it stands in a line, unless the machine died in between. So it gets one more, once:
  // with thousands of runs that wait, each start would else add thousands of messages.
  if (run.epoch === 0 && wasLookedAt(run)) return false;
  const { waitingFor: wait } = run;
  const until = wait !== undefined && 'until' in wait ? Date.parse(wait.until) : 0;
  if (until > deps.clock.now()) return false;
  const moved = run.claim
    ? await deps.runs.breakClaim(run, later, false)
    : await deps.runs.watch(run, later);
  return enqueueIf(moved, run, deps);
}

/** Whether a sweeper has dealt with a run since it was written. */
function wasLookedAt({ dueAt = '', triggeredAt }: Run): boolean {
  return Date.parse(dueAt) > Date.parse(triggeredAt) + FIRST_LOOK_MS;
}

async function enqueueIf(moved: boolean, run: Run, deps: SweepDeps): Promise<boolean> {
  if (moved) await deps.queue.enqueue({ userId: run.userId, runId: run.runId });
  return moved;
}
