import * as z from 'zod';
import { defineAction } from '#core/action';
import type { AgentVersion } from '#core/agents/agent';
import type { CarryDirective } from '#core/runs/carry-directive';
import type { DispatchDeps } from '#core/runs/dispatch-run';
import type { Run } from '#core/runs/run';
import { memoryApprovals } from '#test/helpers/memory-approvals';
import {
  handClock,
  inlinePayloads,
  memoryCredits,
  memoryMetrics,
  memoryRuns,
  memorySlots,
  queuedRun,
} from '#test/helpers/memory-ports';
import { worldWith } from '#test/helpers/world';

/** The run that {@link engineWorld} has. */
export const ref = { userId: 'alice', runId: 'run_1' };

/** An invocation that has all the time of a Lambda. */
export const plenty = () => 900_000;

type Seen = { readonly config: unknown; readonly key: string };

/** A worker's world in which the `echo` action gives back its config. */
export function engineWorld(version: AgentVersion | undefined, run: Partial<Run> = {}) {
  const runs = memoryRuns([queuedRun(run)]);
  const clock = handClock();
  const seen: Seen[] = [];
  const queued: string[] = [];
  const delays: (number | undefined)[] = [];
  const buried: string[] = [];
  const errors: unknown[] = [];
  let act: (config: unknown) => unknown = () => undefined;
  const echo = defineAction({
    type: 'echo',
    title: 'Echo',
    description: 'Gives its config back.',
    config: z.strictObject({ value: z.unknown() }),
    output: z.unknown(),
    credits: 1,
    idempotency: 'Harmless.',
    async run({ config, idempotencyKey }) {
      seen.push({ config, key: idempotencyKey });
      await act(config.value);
      return { output: config.value, summary: 'echoed' };
    },
  });
  const started: string[] = [];
  const begun: (CarryDirective | undefined)[] = [];
  let carried: 'carried' | 'ended' = 'carried';
  const approvals = memoryApprovals();
  const credits = memoryCredits();
  const deps: DispatchDeps = {
    agents: { version: async () => version },
    runs: runs.store,
    slots: memorySlots().store,
    credits: credits.store,
    rates: { take: async () => true },
    payloads: inlinePayloads,
    approvals: approvals.store,
    audit: { add: async () => {} },
    workflow: {
      start: async ({ runId }, begin) => {
        started.push(runId);
        begun.push(begin);
        return carried;
      },
      wake: async () => {},
    },
    enterWorkflow: 'always',
    pausesFor: ({ until }) => until,
    queue: {
      enqueue: async ({ runId }, delaySeconds) => {
        queued.push(runId);
        delays.push(delaySeconds);
      },
      call: async ({ runId }) => {
        queued.push(runId);
        delays.push(undefined);
      },
      bury: async ({ runId }) => void buried.push(runId),
    },
    catalog: { actions: [echo], find: (type) => (type === 'echo' ? echo : undefined) },
    world: worldWith(),
    clock,
    log: { info: () => {}, warn: () => {}, error: (_message, fields) => errors.push(fields) },
    metrics: memoryMetrics().metrics,
    random: () => 1,
    beatEveryMs: 60_000,
    announce: async () => {},
    newOwner: () => 'worker-1',
  };
  const onAct = (next: typeof act) => {
    act = next;
  };
  const onStart = (outcome: typeof carried) => {
    carried = outcome;
  };
  return {
    deps,
    runs,
    clock,
    approvals,
    credits,
    seen,
    queued,
    delays,
    buried,
    errors,
    started,
    begun,
    onAct,
    onStart,
  };
}
