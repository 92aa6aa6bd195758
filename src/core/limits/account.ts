import { type AgentDeps, deleteAgent } from '#core/agents/agents';
import { SINGLE_RUN_AGENT_ID } from '#core/agents/single-run';
import { failure } from '#core/failure';
import type { Slice } from '#core/ports';
import { type Failure, isFinal, type Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';
import { applySchedule } from '#core/schedules/schedule-changes';

/** What only the removal of an account needs of the table and the bucket. */
export type AccountStore = {
  /** Ids of deleted agents of which something is still kept. */
  removedAgents(
    userId: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<string>>;
  /** Deletes what is left of a deleted agent: versions, schedule, refused calls, the memory of it. */
  forgetAgent(userId: string, agentId: string): Promise<void>;
  /** Deletes a user's connections, and the memory of those that were there. */
  forgetConnections(userId: string): Promise<void>;
  /** Deletes a user's API keys, so that they are refused from then on, and the memory of others. */
  forgetApiKeys(userId: string): Promise<void>;
  /** Deletes a user's suppression list. */
  forgetSuppressions(userId: string): Promise<void>;
  /**
   * Ends a run as cancelled, so that nobody takes it up and its worker loses it.
   *
   * @returns whether a worker had it
   */
  endRun(run: Run, error: Failure, finishedAt: string): Promise<boolean>;
  /**
   * Deletes a run with its payloads, its log and its dedupe key.
   *
   * @param isUnfinished whether a step may have been stopped half-way
   */
  forgetRun(run: Run, isUnfinished: boolean): Promise<void>;
  /** Deletes the user's account and ledger, but for what coming back must not renew. */
  forgetCredits(userId: string): Promise<void>;
};

/** What removing an account works with. */
export type AccountDeps = AgentDeps & {
  readonly account: AccountStore;
  readonly runs: Pick<RunStore, 'list'>;
};

/** How far the removal got. */
export type Removal =
  | { readonly status: 'deleted' }
  | { readonly status: 'deleting'; readonly retryAfterSeconds: number };

/** A worker that has lost its run notices within this time: its beat, and one write. */
const WORKER_SILENT_MS = 30_000;

/** Time that is kept for the answer, in milliseconds. */
const RESERVE_MS = 5_000;

const PAGE = 100;
const AT_ONCE = 10;

const ENDED = failure('account_deleted', 'The account was deleted while this run was open.');

/**
 * Removes everything that a user has: API keys first, so that no program makes anything new, then
 * agents, so that nothing starts any more, then runs, then what is left of agents. Each call goes on where the last one stopped; repeating it is fine.
 *
 * A run that a worker has is ended, and deleted only once that worker must have noticed: what it
 * writes until then would otherwise stay for ever.
 *
 * @param msLeft milliseconds that the invocation still has
 */
export async function deleteAccount(
  userId: string,
  deps: AccountDeps,
  msLeft: () => number,
): Promise<Removal> {
  const hasTime = () => msLeft() > RESERVE_MS;
  const stages = [
    forgetApiKeys,
    removeAgents,
    forgetConnections,
    forgetRuns,
    forgetAgents,
    forgetCredits,
    forgetSuppressions,
  ];
  for (const stage of stages) {
    const wait = await stage(userId, deps, hasTime);
    if (wait !== undefined) return { status: 'deleting', retryAfterSeconds: wait };
  }
  return { status: 'deleted' };
}

/** @returns seconds after which to go on, or undefined when the stage is done */
type Stage = (
  userId: string,
  deps: AccountDeps,
  hasTime: () => boolean,
) => Promise<number | undefined>;

const forgetApiKeys: Stage = async (userId, { account }) => {
  await account.forgetApiKeys(userId);
  return undefined;
};

const removeAgents: Stage = async (userId, deps, hasTime) => {
  for (;;) {
    const page = await deps.agents.list(userId, { limit: PAGE, after: undefined });
    if (page.items.length === 0) return undefined;
    for (const agent of page.items) {
      if (!hasTime()) return 1;
      await deleteAgent(userId, agent.id, deps);
    }
  }
};

/** Early, so that runs that are still open cannot use them any more. */
const forgetConnections: Stage = async (userId, { account }) => {
  await account.forgetConnections(userId);
  return undefined;
};

const forgetRuns: Stage = async (userId, deps, hasTime) => {
  let after: string | undefined;
  let kept = 0;
  do {
    const page = await deps.runs.list({ userId }, { limit: PAGE, after });
    for (let start = 0; start < page.items.length; start += AT_ONCE) {
      if (!hasTime()) return 1;
      const some = page.items.slice(start, start + AT_ONCE);
      const gone = await Promise.all(some.map((run) => forgetRun(run, deps)));
      kept += gone.filter((isGone) => !isGone).length;
    }
    after = page.next;
  } while (after !== undefined);
  return kept > 0 ? WORKER_SILENT_MS / 1_000 : undefined;
};

/** @returns false while a worker may still write to the run */
async function forgetRun(run: Run, { account, clock }: AccountDeps): Promise<boolean> {
  const now = clock.now();
  const isOpen = !isFinal(run.status);
  const wasEnded = run.error?.code === ENDED.code;
  if (isOpen && (await account.endRun(run, ENDED, new Date(now).toISOString()))) return false;
  if (wasEnded && now < Date.parse(run.finishedAt ?? '') + WORKER_SILENT_MS) return false;
  await account.forgetRun(run, isOpen || wasEnded);
  return true;
}

const forgetAgents: Stage = async (userId, deps, hasTime) => {
  // No agent of the user's, so it is on no list; its steps may remember something all the same.
  await deps.account.forgetAgent(userId, SINGLE_RUN_AGENT_ID);
  for (;;) {
    const page = await deps.account.removedAgents(userId, { limit: PAGE, after: undefined });
    if (page.items.length === 0) return undefined;
    for (const agentId of page.items) {
      if (!hasTime()) return 1;
      const schedule = await deps.schedules.find(userId, agentId);
      // Forgotten before the fast path knows, the schedule would go on there for ever.
      if (schedule && !schedule.isApplied) await applySchedule(schedule, deps);
      await deps.account.forgetAgent(userId, agentId);
    }
  }
};

const forgetCredits: Stage = async (userId, { account }) => {
  await account.forgetCredits(userId);
  return undefined;
};

/** Last: no bounce is taken note of for a user without an account. */
const forgetSuppressions: Stage = async (userId, { account }) => {
  await account.forgetSuppressions(userId);
  return undefined;
};
