import type { ActionStep } from '#core/agents/agent';
import type { Coming } from '#core/approvals/approval';
import { nestedLists } from '#core/steps/step-tree';

/**
 * Where a step stands in a run: places in lists from 0, joined by what they are inside of. `3` is
 * the fourth action, `3.branches.0.1` the second action of its first branch, `3.otherwise.0` the
 * first one of what it does otherwise, `4[17].1` the second action for the item 17 of a loop, and
 * `2.approval` the approval that the third action requires.
 */
export type StepPath = string;

/** The item of a loop that a step belongs to, such as `4[17]`; empty outside of loops. */
export function itemOf(path: StepPath): string {
  return path.slice(0, path.lastIndexOf(']') + 1);
}

/** When an action comes, as seen from an approval before it. */
export function comingOf(path: string, from: string): Coming {
  const item = itemOf(from);
  if (item === '' || path.startsWith(`${item}.`)) return 'next';
  return path.startsWith(item.slice(0, item.lastIndexOf('[') + 1)) ? 'next_item' : 'after_loop';
}

/** Path of the approval that a step requires. */
export function approvalPath(path: StepPath): StepPath {
  return `${path}.approval`;
}

/** Finds the step that a placeholder names, as seen from a list of steps. */
export type StepFinder = (name: string, prefix: string) => StepPath | undefined;

/**
 * A finder for one definition. A number names one of the agent's own actions. An id names a step
 * wherever it stands; inside of a loop it means the one of the same item.
 */
export function stepFinder(actions: readonly ActionStep[]): StepFinder {
  const places = new Map<string, StepPath>();
  const learn = (steps: readonly ActionStep[], prefix: string) => {
    for (const [index, step] of steps.entries()) {
      const path = `${prefix}${index}`;
      places.set(step.id, path);
      for (const { name, steps: inner, isLoop } of nestedLists(step)) {
        learn(inner, isLoop ? `${path}[].` : `${path}.${name}.`);
      }
    }
  };
  learn(actions, '');
  return (name, prefix) => {
    if (/^\d+$/.test(name)) return name;
    const place = places.get(name);
    return place === undefined ? undefined : inSameItem(place, prefix);
  };
}

/** Fills in the items of the loops around a place; undefined for a loop that one is not in. */
function inSameItem(place: string, prefix: string): StepPath | undefined {
  let path = '';
  for (const [index, part] of place.split('[]').entries()) {
    if (index > 0) {
      const item = /^\[\d+\]/.exec(prefix.startsWith(path) ? prefix.slice(path.length) : '');
      if (item === null) return undefined;
      path += item[0];
    }
    path += part;
  }
  return path;
}
