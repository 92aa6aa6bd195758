import type { ActionStep } from '#core/agents/agent';
import { type BranchConfig, type ForEachConfig, isControl } from '#core/steps/control-steps';

/** A list of steps inside another step. */
export type NestedList = {
  /** Where it stands: `branches.0`, `otherwise`, or nothing for the body of a loop. */
  readonly name: string;
  readonly steps: readonly ActionStep[];
  /** Whether it runs once for each item of a loop. */
  readonly isLoop: boolean;
};

/** The lists of steps inside a checked step; none for all but `branch` and `for_each`. */
export function nestedLists(step: ActionStep): NestedList[] {
  if (step.type === 'for_each') {
    const { actions } = step.config as ForEachConfig;
    return [{ name: '', steps: actions as ActionStep[], isLoop: true }];
  }
  if (step.type !== 'branch') return [];
  const { branches, otherwise } = step.config as BranchConfig;
  const lists = branches.map(({ actions }, index) => listOf(`branches.${index}`, actions));
  return otherwise ? [...lists, listOf('otherwise', otherwise)] : lists;
}

function listOf(name: string, steps: readonly unknown[]): NestedList {
  return { name, steps: steps as ActionStep[], isLoop: false };
}

/** Every step of a list and all that is nested in them, in the order of the definition. */
export function* allSteps(steps: readonly ActionStep[]): Generator<ActionStep> {
  for (const step of steps) {
    yield step;
    for (const list of nestedLists(step)) yield* allSteps(list.steps);
  }
}

/**
 * Whether a run of these steps is carried by the state machine: it has several, or one that waits
 * or takes long. A single action is finished where it was taken off the queue.
 */
export function needsMachine(steps: readonly ActionStep[]): boolean {
  const [only] = steps;
  if (only === undefined || steps.length > 1) return true;
  return isLong(only) || isControl(only.type) || only.approval_required === true;
}

/** Whether any of the steps, also of those inside of others, takes too long for the queue's worker. */
export function hasLongStep(steps: readonly ActionStep[]): boolean {
  return [...allSteps(steps)].some(isLong);
}

function isLong({ timeout_seconds }: ActionStep): boolean {
  return timeout_seconds > LONGEST_INLINE_SECONDS;
}

/** Longest time-out of a step that is executed outside of the state machine, in seconds. */
const LONGEST_INLINE_SECONDS = 120;
