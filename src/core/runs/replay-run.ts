import * as z from 'zod';
import type { ActionStep, AgentVersion } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { invalidRequest, notFound, RequestError } from '#core/errors';
import { INLINE_BYTES, inlineBytes, type Payload } from '#core/payload';
import { type OpenedRun, type OpenRunDeps, openRun } from '#core/runs/open-run';
import type { PayloadStore } from '#core/runs/payload-store';
import { isFinal, isOver, type Run, type RunRef, type StepRecord } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';
import { versionOf } from '#core/runs/run-version';
import { approvalPath, stepFinder } from '#core/steps/step-path';
import { nestedLists } from '#core/steps/step-tree';

/** Most bytes of the reused results that stay inside the new run's own item. */
const ROOM_BYTES = 16 * 1_024;

/** Body of `POST /api/agents/runs/{run_id}/replay`. */
export const Replay = z.strictObject({
  from_step: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'Id, place or path of the first step to run; those before it keep their outputs. Default: the first one.',
    ),
  agent_version: z
    .enum(['same', 'newest'])
    .default('same')
    .describe('Whether the definition of then is run, or that of today.'),
});
export type Replay = z.infer<typeof Replay>;

/** What replaying takes. */
export type ReplayDeps = OpenRunDeps & {
  readonly agents: Pick<AgentStore, 'find' | 'version'>;
  readonly runs: Pick<RunStore, 'markReplayed'>;
  readonly payloads: PayloadStore;
};

/**
 * Runs once more what a run did, with the same trigger, from one of its steps on. Steps before that
 * are not executed: their outputs are taken over. A past approval among them counts only if the
 * definition is the same one.
 *
 * @param depth how many runs started each other up to this request
 * @throws RequestError `conflict` for a run that is not over or never began, `invalid_request` for
 *   a step that cannot be the first one, and whatever refuses a new run
 */
export async function replayRun(
  run: Run,
  body: Replay,
  deps: ReplayDeps,
  depth = 0,
): Promise<OpenedRun> {
  if (!isFinal(run.status)) {
    throw new RequestError('conflict', 'This run is not over. Cancel it, or wait for its end.');
  }
  if (run.status === 'rejected') {
    throw new RequestError('conflict', 'This run never began, so there is nothing to replay.');
  }
  const original = await versionOf(run, deps.agents);
  const agent = await deps.agents.find(run.userId, run.agentId);
  const version = body.agent_version === 'newest' ? agent : original;
  if (original === undefined || version === undefined) throw notFound('agent');
  const reused = reusedSteps(run, original, version, body.from_step);
  const opened = await openRun(
    {
      userId: run.userId,
      agentId: run.agentId,
      agentVersion: version.version,
      retentionDays: version.settings.log_retention_days,
      mostCredits: version.mostCredits,
      triggeredBy: 'replay',
      depth,
      trigger: JSON.parse(await deps.payloads.get(run, run.trigger)),
      replay: { of: run.runId, steps: (ref) => copied(reused, run, ref, deps.payloads) },
    },
    deps,
  );
  await deps.runs.markReplayed(run, opened.runId);
  return opened;
}

/** States of the steps before the first one to run, under their paths in the new definition. */
function reusedSteps(
  run: Run,
  original: AgentVersion,
  version: AgentVersion,
  from: string | undefined,
): StepRecord[] {
  if (from === undefined) return [];
  const first = stepFinder(version.actions)(from, '') ?? from;
  const before = stepsBefore(version.actions, first, '');
  if (before === undefined) throw badStep(`There is no step "${from}" outside of loops.`);
  const findOld = stepFinder(original.actions);
  const isSame = original.version === version.version;
  if (isSame && isBesideTaken(first, run)) {
    throw badStep(
      `The step "${from}" is in a branch that this run did not take, and would not take again. Start from the branch, or from a step that ran.`,
    );
  }
  return before.flatMap(({ step, path, index }) => {
    const old = run.steps[findOld(step.id, '') ?? ''];
    const asked = isSame ? (run.steps[approvalPath(path)] ?? []) : [];
    if (step.type === 'approval' && !isSame) return [];
    if (old?.error !== undefined && step.on_error === 'fail') {
      throw badStep(
        `The step "${step.id}" before it ended this run: ${old.error.message} Start from it, or from an earlier one.`,
      );
    }
    if (old !== undefined && isOver(old) && old.type === step.type) {
      return [asked, { ...old, path, index }].flat();
    }
    // A step in a branch that was not taken has no output either.
    if (path.includes('.')) return [];
    throw badStep(
      `The step "${step.id}" before it has no output in this run. Start from it, or from an earlier one.`,
    );
  });
}

/** Whether a step stands in a list of a branch step that went on with another one, or with none. */
function isBesideTaken(path: string, { steps }: Run): boolean {
  const ran = Object.keys(steps);
  return [...path.matchAll(/\.(?:branches\.\d+|otherwise)\./g)].some(({ index, 0: list }) => {
    const branch = path.slice(0, index);
    const hasBegun = ran.some((one) => one === branch || one.startsWith(`${branch}.`));
    return hasBegun && !ran.some((one) => one.startsWith(`${branch}${list}`));
  });
}

function badStep(message: string): RequestError {
  return invalidRequest([{ path: 'from_step', message }]);
}

type Placed = { readonly step: ActionStep; readonly path: string; readonly index: number };

/** All steps that come before a path and do not hold it; undefined when nothing stands there. */
function stepsBefore(
  steps: readonly ActionStep[],
  first: string,
  prefix: string,
): Placed[] | undefined {
  const before: Placed[] = [];
  for (const [index, step] of steps.entries()) {
    const path = `${prefix}${index}`;
    if (path === first) return before;
    const inside: Placed[] = [];
    for (const list of nestedLists(step)) {
      if (list.isLoop) continue;
      const start = `${path}.${list.name}.`;
      const found = stepsBefore(list.steps, first, start);
      if (first.startsWith(start)) return found && [...before, ...found];
      inside.push(...everyStep(list.steps, start));
    }
    before.push({ step, path, index }, ...inside);
  }
  return undefined;
}

function everyStep(steps: readonly ActionStep[], prefix: string): Placed[] {
  return steps.flatMap((step, index) => {
    const path = `${prefix}${index}`;
    const lists = nestedLists(step).filter((list) => !list.isLoop);
    const inside = lists.flatMap((list) => everyStep(list.steps, `${path}.${list.name}.`));
    return [{ step, path, index }, ...inside];
  });
}

/** The states with payloads of the new run's own: the old run may expire first. */
async function copied(
  records: readonly StepRecord[],
  from: RunRef,
  to: RunRef,
  payloads: PayloadStore,
): Promise<Record<string, StepRecord>> {
  let room = ROOM_BYTES;
  const copy = async (payload: Payload | undefined, name: string) => {
    if (payload === undefined) return undefined;
    const json = await payloads.get(from, payload);
    const kept = await payloads.put(to, name, json, Math.min(room, INLINE_BYTES));
    room -= inlineBytes(kept);
    return kept;
  };
  const steps: Record<string, StepRecord> = {};
  for (const { costUsd: _, credits: __, input, output, covers, ...record } of records) {
    const { path } = record;
    const newInput = await copy(input, `${path}.input`);
    const newOutput = await copy(output, `${path}.output`);
    const config = await copy(covers?.config, `${path}.approved`);
    steps[path] = {
      ...record,
      isReused: true,
      ...(newInput && { input: newInput }),
      ...(newOutput && { output: newOutput }),
      ...(covers && config && { covers: { ...covers, config } }),
    };
  }
  return steps;
}
