import type { Agent, RunDetail } from '#dashboard/app/api/generated/api.ts';
import { draftOf } from '#dashboard/app/pages/editor/draft.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';

/** What a run's steps are called. */
export type StepNames = {
  /** By the step's id. */
  of(id: string): string;
  /** By the path that the log says; inside of a loop, the loop and the item. */
  at(path: string): string;
};

/** @param agent as it is now: its steps may have been renamed since the run; undefined when it is gone. */
export function stepNames(run: RunDetail, agent: Agent | undefined): StepNames {
  const steps = agent ? [...walk(draftOf(agent).steps)] : [];
  const names = new Map(steps.map(({ step }) => [step.id, step.name ?? step.id]));
  const ids = new Map(run.steps.map(({ path, id }) => [path, id]));
  const of = (id: string) => names.get(id) ?? id;
  const at = (path: string): string => {
    const id = ids.get(path);
    if (id !== undefined) return of(id);
    const [, loop, item] = /^(.*)\[(\d+)\]/.exec(path) ?? [];
    return loop === undefined ? path : `${at(loop)}, item ${Number(item) + 1}`;
  };
  return {
    of,
    at,
  };
}
