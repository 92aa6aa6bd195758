import type { ActionStep } from '#core/agents/agent';
import type { PreviewedAction } from '#core/approvals/approval';
import { type Condition, holds } from '#core/conditions/conditions';
import { connectionIds } from '#core/connections/references';
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
  readonly covers?: {
    readonly path: string;
    readonly config: unknown;
    /** Versions of the connections that it uses, by id. */
    readonly connections?: Readonly<Record<string, number>>;
  };
  /**
   * Paths of what may come next, when it can only be shown with placeholders: whichever comes must
   * be approved again.
   */
  readonly asksAgain?: readonly string[];
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
  if (Array.isArray(next)) return templates(next, execution);
  const config = await tryResolve(next, execution);
  if (config === undefined) return templates([next], execution);
  const { value } = config;
  const shown = await showNext(next, { isResolved: true, config: value }, execution);
  const used = shown.connections?.map(({ id, version }) => [id, version] as const);
  const connections = used && { connections: Object.fromEntries(used) };
  return { shown: [shown], covers: { path: next.path, config: value, ...connections } };
}

/** What may come next, with its placeholders. */
async function templates(next: readonly Next[], execution: Execution): Promise<Preview> {
  const shown = await Promise.all(
    next.map((one) => showNext(one, { isResolved: false, config: one.step.config }, execution)),
  );
  return { shown, asksAgain: next.map(({ path }) => path) };
}

async function showNext(
  { step, path }: Next,
  { isResolved, config }: { readonly isResolved: boolean; readonly config: unknown },
  { deps, claim }: Execution,
): Promise<PreviewedAction> {
  const { id, type, name } = step;
  const ids = connectionIds(config, deps.catalog.find(type) ?? {});
  const found = await Promise.all(
    ids.map((one) => deps.world.connections.version(claim.userId, one)),
  );
  const connections = found.filter((one) => one !== undefined);
  return {
    stepPath: path,
    id,
    type,
    ...(name !== undefined && { name }),
    isResolved,
    config: masked(config),
    ...(connections.length > 0 && { connections }),
  };
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

/**
 * What comes next: one action, or those of which data decides; undefined for none, and `stop` where
 * another approval comes first.
 */
type Reached = Next | Next[] | 'stop' | undefined;

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
): Promise<Reached> {
  for (const [index, step] of list.entries()) {
    if (index < first) continue;
    const isLater = isBehind || index > first;
    if (step.type === 'approval' || (step.approval_required && isLater)) return 'stop';
    const path = `${frame.prefix}${index}`;
    if (!(await runsFor(step.when, frame, execution)) || step.type === 'delay') continue;
    if (!isControl(step.type)) return { step, path, frame };
    const inner =
      step.type === 'for_each'
        ? await insideLoop(step, path, { list, first: index + 1, frame }, execution)
        : await insideBranch(step, path, frame, execution);
    if (inner !== undefined) return inner;
  }
  return frame.after && nextAction(frame.after, execution, true);
}

/** @param behind what follows the loop, which comes first where no item does anything */
async function insideLoop(
  step: ActionStep,
  path: string,
  behind: Rest,
  execution: Execution,
): Promise<Reached> {
  if (await hasNoItems(step, behind.frame, execution)) return undefined;
  const { actions, mayPass } = firstOfItem(nestedLists(step)[0]?.steps ?? [], `${path}[*].`);
  if (!mayPass) return actions.length > 0 ? actions : 'stop';
  if (actions.length === 0) return undefined;
  const later = await nextAction(behind, execution, true);
  return typeof later === 'object' ? [...actions, later].flat() : actions;
}

async function hasNoItems({ config }: ActionStep, frame: Frame, execution: Execution) {
  const { items } = config as { readonly items?: unknown };
  try {
    const list = resolveTemplates(items ?? null, await stepScope(items, frame, execution));
    return Array.isArray(list) && list.length === 0;
  } catch (error) {
    if (error instanceof ActionRejectedError) return false;
    throw error;
  }
}

async function insideBranch(
  step: ActionStep,
  path: string,
  frame: Frame,
  execution: Execution,
): Promise<Reached> {
  const lists = nestedLists(step);
  const name = await chooseBranch(step, frame, execution);
  const taken = lists.find((list) => list.name === name);
  if (taken === undefined) return undefined;
  const { after: _, ...around } = frame;
  const inside = { ...around, prefix: `${path}.${taken.name}.` };
  return nextAction({ list: taken.steps, first: 0, frame: inside }, execution, true);
}

/** What may come first for an item of a loop, and whether what follows may come first instead. */
type First = { readonly actions: Next[]; readonly mayPass: boolean };

/** The actions of which one comes first for an item of a loop: which one, the item's data decides. */
function firstOfItem(steps: readonly ActionStep[], prefix: string): First {
  const actions: Next[] = [];
  for (const [index, step] of steps.entries()) {
    const first = firstOfStep(step, `${prefix}${index}`);
    actions.push(...first.actions);
    if (!first.mayPass && step.when === undefined) return { actions, mayPass: false };
  }
  return { actions, mayPass: true };
}

function firstOfStep(step: ActionStep, path: string): First {
  if (step.type === 'approval' || step.approval_required) return { actions: [], mayPass: false };
  if (!isControl(step.type)) return { actions: [{ step, path }], mayPass: false };
  const lists = nestedLists(step);
  const firsts = lists.map(({ name, steps, isLoop }) =>
    firstOfItem(steps, isLoop ? `${path}[*].` : `${path}.${name}.`),
  );
  const isCertain = step.type === 'for_each' || lists.some(({ name }) => name === 'otherwise');
  return {
    actions: firsts.flatMap(({ actions }) => actions),
    mayPass: !isCertain || firsts.some(({ mayPass }) => mayPass),
  };
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
