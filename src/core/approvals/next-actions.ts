import type { ActionStep } from '#core/agents/agent';
import {
  holdsSoFar,
  type Lookout,
  nearest,
  type Rest,
  scopeSoFar,
} from '#core/approvals/known-so-far';
import { ActionRejectedError } from '#core/errors';
import type { Frame } from '#core/runs/execution';
import { chooseBranch } from '#core/steps/control-flow';
import { nestedLists } from '#core/steps/step-tree';
import { resolveTemplates } from '#core/templates/templates';

/** An action that may come next. */
export type Next = {
  readonly step: ActionStep;
  readonly path: string;
  /** Absent for an action of a loop: for each item it is another one. */
  readonly frame?: Frame | undefined;
};

/** The actions of which one comes first, and whether it may be none of them. */
type First = { readonly actions: readonly Next[]; readonly mayPass: boolean };

/** Where steps stand; without a frame nothing of their data is known. */
type Spot = { readonly prefix: string; readonly frame?: Frame | undefined };

/** Another approval comes first, which shows what follows it. */
const STOPS: First = { actions: [], mayPass: false };
const PASSES: First = { actions: [], mayPass: true };

/**
 * The actions of which one comes next once an approval is given: several where it is not known yet
 * which; none at the end of the run, or where another approval comes first.
 */
export async function nextActions(lookout: Lookout): Promise<readonly Next[]> {
  const actions: Next[] = [];
  for (let rest: Rest | undefined = lookout.rest; rest; rest = rest.frame.after) {
    const { list, first, frame } = rest;
    const found = await firstOf(list, { prefix: frame.prefix, frame }, lookout, first);
    // For another item of a loop they are the same ones.
    actions.push(...found.actions.filter((one) => !isAmong(actions, one)));
    if (!found.mayPass) break;
  }
  return actions;
}

function isAmong(actions: readonly Next[], { step }: Next): boolean {
  return actions.some((one) => one.step === step);
}

/** @param from place in the list at which to look first */
async function firstOf(
  list: readonly ActionStep[],
  { prefix, frame }: Spot,
  lookout: Lookout,
  from = 0,
): Promise<First> {
  const actions: Next[] = [];
  for (const [index, step] of list.entries()) {
    if (index < from) continue;
    const runs = await willRun(step, frame, lookout);
    if (runs === false) continue;
    const first = await firstOfStep(step, { prefix: `${prefix}${index}`, frame }, lookout);
    actions.push(...first.actions);
    if (runs && !first.mayPass) return { actions, mayPass: false };
  }
  return { actions, mayPass: true };
}

async function willRun({ when }: ActionStep, frame: Frame | undefined, lookout: Lookout) {
  if (when === undefined) return true;
  return frame && holdsSoFar(when, frame, lookout);
}

/** @param at the step's own path */
async function firstOfStep(step: ActionStep, at: Spot, lookout: Lookout): Promise<First> {
  const asksItself = step.approval_required && step !== nearest(lookout);
  if (step.type === 'approval' || asksItself) return STOPS;
  switch (step.type) {
    case 'delay':
      return PASSES;
    case 'for_each':
      return firstInLoop(step, at, lookout);
    case 'branch':
      return firstInBranch(step, at, lookout);
    default:
      return { actions: [{ step, path: at.prefix, frame: at.frame }], mayPass: false };
  }
}

/** Which action comes first for an item, the item's data decides. */
async function firstInLoop(step: ActionStep, at: Spot, lookout: Lookout): Promise<First> {
  const count = at.frame && (await itemCount(step, at.frame, lookout));
  if (count === 0) return PASSES;
  const body = nestedLists(step)[0]?.steps ?? [];
  const first = await firstOf(body, { prefix: `${at.prefix}[*].` }, lookout);
  return count === undefined ? { ...first, mayPass: true } : first;
}

/** How many items a loop has; undefined when that is not known yet. */
async function itemCount({ config }: ActionStep, frame: Frame, lookout: Lookout) {
  const { items = null } = config as { readonly items?: unknown };
  const scope = await scopeSoFar(items, frame, lookout);
  try {
    const list = scope && resolveTemplates(items, scope);
    return Array.isArray(list) ? list.length : undefined;
  } catch (error) {
    if (error instanceof ActionRejectedError) return undefined;
    throw error;
  }
}

async function firstInBranch(step: ActionStep, at: Spot, lookout: Lookout): Promise<First> {
  const { frame } = at;
  const taken = frame && (await chooseBranch(step, (when) => holdsSoFar(when, frame, lookout)));
  if (taken === null) return PASSES;
  const lists = nestedLists(step);
  const possible = lists.filter(({ name }) => taken === undefined || name === taken);
  const firsts = await Promise.all(
    possible.map(({ name, steps }) => {
      const prefix = `${at.prefix}.${name}.`;
      return firstOf(steps, { prefix, frame: frame && inside(frame, prefix) }, lookout);
    }),
  );
  const isCertain = taken !== undefined || lists.some(({ name }) => name === 'otherwise');
  return {
    actions: firsts.flatMap(({ actions }) => actions),
    mayPass: !isCertain || firsts.some(({ mayPass }) => mayPass),
  };
}

/** The frame of a list inside of a step, behind which the walk goes on by itself. */
function inside({ after: _, ...around }: Frame, prefix: string): Frame {
  return { ...around, prefix };
}
