import type { ActionStep } from '#core/agents/agent';
import { type Condition, holds } from '#core/conditions/conditions';
import { ActionRejectedError } from '#core/errors';
import type { Execution, Frame, StepPlace, Stepped, Walk } from '#core/runs/execution';
import type { StepRecord } from '#core/runs/run';
import { keep } from '#core/steps/attempt-step';
import { endOfWaits, failedState, resolveConfig, stateOf } from '#core/steps/control-records';
import { type BranchConfig, DelayConfig } from '#core/steps/control-steps';
import { approvalPath } from '#core/steps/step-path';
import { stepScope } from '#core/steps/step-scope';
import { nestedLists } from '#core/steps/step-tree';

/**
 * The end of a step whose condition does not hold or cannot be evaluated; undefined when the step
 * is to be run. A step that has begun is not asked again.
 */
export async function whenSkips(
  at: StepPlace,
  execution: Execution,
): Promise<StepRecord | undefined> {
  const { step, path } = at;
  const { records, deps, log } = execution;
  const hasBegun = records.has(path) || records.has(approvalPath(path));
  if (step.when === undefined || hasBegun) return undefined;
  const startedAt = deps.clock.now();
  try {
    if (await isTrue(step.when, at.frame, execution)) return undefined;
  } catch (error) {
    return { ...failedState(at, startedAt, error, execution), attempts: 0 };
  }
  log.add('info', path, 'Skipped: its condition does not hold.');
  return stateOf(at, startedAt, { status: 'skipped', attempts: 0 }, execution);
}

async function isTrue(when: Condition, frame: Frame, execution: Execution) {
  return holds(when, await stepScope(when, frame, execution));
}

/** Waits for a while or until a time. A wait that was begun keeps its end. */
export async function runDelay(at: StepPlace, execution: Execution): Promise<Stepped> {
  const known = execution.records.get(at.path);
  const { deps, log } = execution;
  const startedAt = known ? Date.parse(known.startedAt) : deps.clock.now();
  try {
    const { until, input } = known?.waitUntil
      ? { until: Date.parse(known.waitUntil), input: known.input }
      : await beginDelay(at, execution);
    const waitUntil = new Date(until).toISOString();
    const begun = { attempts: 1, ...(input && { input }) };
    if (deps.clock.now() < until) {
      const record = stateOf(at, startedAt, { ...begun, status: 'waiting', waitUntil }, execution);
      if (known === undefined) log.add('info', at.path, `Waits until ${waitUntil}.`);
      return { record, pause: { next: 'wait', kind: 'delay', until } };
    }
    const output = await keep({ until: waitUntil }, at.path, 'output', execution);
    return { record: stateOf(at, startedAt, { ...begun, status: 'success', output }, execution) };
  } catch (error) {
    return { record: failedState(at, startedAt, error, execution) };
  }
}

async function beginDelay(at: StepPlace, execution: Execution) {
  const config = await resolveConfig(at, at.step.config, DelayConfig, execution);
  const now = execution.deps.clock.now();
  const until = config.until ? Date.parse(config.until) : now + (config.seconds ?? 0) * 1_000;
  if (until > endOfWaits(execution)) {
    throw new ActionRejectedError(
      'The delay would end too late: all waits of a run together may take 360 days. Choose an earlier time, or let another agent go on later.',
    );
  }
  return { until, input: await keep(config, at.path, 'input', execution) };
}

/**
 * Runs the first branch whose condition holds. The data that conditions see never changes, so that
 * asking again after a pause gives the same branch.
 */
export async function runBranch(at: StepPlace, execution: Execution, walk: Walk): Promise<Stepped> {
  const { step, path, frame } = at;
  const known = execution.records.get(path);
  const startedAt = known ? Date.parse(known.startedAt) : execution.deps.clock.now();
  let taken: string | null;
  try {
    taken = await chooseBranch(step, (when) => isTrue(when, frame, execution));
  } catch (error) {
    return { record: failedState(at, startedAt, error, execution) };
  }
  const list = nestedLists(step).find((one) => one.name === taken);
  const after = { list: at.list, first: at.index + 1, frame };
  const end = list
    ? await walk(list.steps, { ...frame, prefix: `${path}.${list.name}.`, after }, execution)
    : ({ next: 'end' } as const);
  if (end.next !== 'end') {
    return { record: stateOf(at, startedAt, { status: 'running' }, execution), pause: end };
  }
  const { error } = end;
  if (error) {
    return { record: stateOf(at, startedAt, { status: 'failed', error }, execution) };
  }
  const result = 'last' in end && end.last?.output;
  const json = result ? await execution.deps.payloads.get(execution.claim, result) : 'null';
  const branch = taken?.startsWith('branches.') ? Number(taken.split('.')[1]) : taken;
  const output = await keep({ branch, result: JSON.parse(json) }, path, 'output', execution);
  return { record: stateOf(at, startedAt, { status: 'success', output }, execution) };
}

/**
 * Name of the list inside a branch step that is taken; null for none.
 *
 * @param test whether a condition holds; once it cannot tell, neither can this: it gives undefined
 */
export async function chooseBranch<Truth extends boolean | undefined>(
  { config }: ActionStep,
  test: (when: Condition) => Promise<Truth>,
): Promise<string | null | Exclude<Truth, boolean>> {
  const { branches, otherwise } = config as BranchConfig;
  for (const [index, { when }] of branches.entries()) {
    const holds = await test(when);
    if (holds === undefined) return holds as Exclude<Truth, boolean>;
    if (holds) return `branches.${index}`;
  }
  return otherwise === undefined ? null : 'otherwise';
}
