import type { ActionStep } from '#core/agents/agent';
import type { PreviewedAction } from '#core/approvals/approval';
import { type Condition, holds } from '#core/conditions/conditions';
import { ActionRejectedError } from '#core/errors';
import type { Execution, Frame, StepPlace } from '#core/runs/execution';
import { chooseBranch } from '#core/steps/control-flow';
import { isControl } from '#core/steps/control-steps';
import { stepScope } from '#core/steps/step-scope';
import { nestedLists } from '#core/steps/step-tree';
import { resolveTemplates } from '#core/templates/templates';

/** What comes after an approval, for the approver to see. */
export type Preview = {
  readonly shown: readonly PreviewedAction[];
  /** The resolved config of the next action, to be executed as it is. */
  readonly covers?: { readonly path: string; readonly config: unknown };
  /** Path of the next action, when it can only be shown with placeholders and must be approved again. */
  readonly asksAgain?: string;
};

type Next = {
  readonly step: ActionStep;
  readonly path: string;
  /** Absent for an action of a loop: for each item it is another one. */
  readonly frame?: Frame;
};

/**
 * The next action behind an approval with its placeholders filled in, as far as the data is there.
 *
 * @param first place in the list at which to look first
 */
export async function previewNext(
  { list, frame }: Pick<StepPlace, 'list' | 'frame'>,
  first: number,
  execution: Execution,
): Promise<Preview> {
  const next = await nextAction({ list, first, frame }, execution);
  if (next === undefined || next === 'stop') return { shown: [] };
  const { step, path } = next;
  const { id, type, name } = step;
  const outline = { stepPath: path, id, type, ...(name !== undefined && { name }) };
  const config = await tryResolve(next, execution);
  if (config === undefined) {
    const template = { ...outline, isResolved: false, config: masked(step.config) };
    return { shown: [template], asksAgain: path };
  }
  const shown = { ...outline, isResolved: true, config: masked(config.value) };
  return { shown: [shown], covers: { path, config: config.value } };
}

async function tryResolve({ step, frame }: Next, execution: Execution) {
  if (frame === undefined) return undefined;
  const scope = await stepScope(step.config, frame, execution);
  try {
    const embed = execution.deps.catalog.find(step.type)?.embed;
    return { value: resolveTemplates(step.config, scope, undefined, embed) };
  } catch (error) {
    if (error instanceof ActionRejectedError) return undefined;
    throw error;
  }
}

/** A list from a place on. */
type Rest = NonNullable<Frame['after']>;

/**
 * The first action of a list from a place on, or of what follows the list; undefined for none, and
 * `stop` where another approval comes first.
 */
async function nextAction(
  { list, first, frame }: Rest,
  execution: Execution,
  isBehind = false,
): Promise<Next | 'stop' | undefined> {
  for (const [index, step] of list.entries()) {
    if (index < first) continue;
    const isLater = isBehind || index > first;
    if (step.type === 'approval' || (step.approval_required && isLater)) return 'stop';
    const path = `${frame.prefix}${index}`;
    if (!(await runsFor(step.when, frame, execution)) || step.type === 'delay') continue;
    if (!isControl(step.type)) return { step, path, frame };
    const inner = await insideOf(step, path, frame, execution);
    if (inner !== undefined) return inner;
  }
  return frame.after && nextAction(frame.after, execution, true);
}

async function insideOf(
  step: ActionStep,
  path: string,
  frame: Frame,
  execution: Execution,
): Promise<Next | 'stop' | undefined> {
  const lists = nestedLists(step);
  if (step.type === 'for_each') return firstOfItem(lists[0]?.steps ?? [], `${path}[*].`);
  const name = await chooseBranch(step, frame, execution);
  const taken = lists.find((list) => list.name === name);
  if (taken === undefined) return undefined;
  const { after: _, ...around } = frame;
  const inside = { ...around, prefix: `${path}.${taken.name}.` };
  return nextAction({ list: taken.steps, first: 0, frame: inside }, execution, true);
}

/** The first action for each item of a loop, as long as no data decides which one that is. */
function firstOfItem(steps: readonly ActionStep[], prefix: string): Next | 'stop' | undefined {
  for (const [index, step] of steps.entries()) {
    if (step.type === 'approval' || step.approval_required) return 'stop';
    if (!isControl(step.type)) return { step, path: `${prefix}${index}` };
    if (step.type === 'for_each') {
      return firstOfItem(nestedLists(step)[0]?.steps ?? [], `${prefix}${index}[*].`);
    }
    if (step.type === 'branch') return 'stop';
  }
  return undefined;
}

/** Whether a step will run, as far as one can tell; one that cannot be told yet is shown. */
async function runsFor(when: Condition | undefined, frame: Frame, execution: Execution) {
  if (when === undefined) return true;
  try {
    return holds(when, await stepScope(when, frame, execution));
  } catch (error) {
    if (error instanceof ActionRejectedError) return true;
    throw error;
  }
}

const SECRET_NAME = /authorization|cookie|secret|token|password|api[-_]?key/i;

/** A config for the eyes of others: what is called like a secret is not shown. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === 'string' && SECRET_NAME.test(name) ? '****' : masked(inner),
    ]),
  );
}
