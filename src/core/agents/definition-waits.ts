import type { ActionStep } from '#core/agents/agent';
import type { FieldProblem } from '#core/errors';
import { LONGEST_WAIT_SECONDS } from '#core/steps/control-steps';
import { type NestedList, nestedLists } from '#core/steps/step-tree';

const DAY_SECONDS = 86_400;

/** What a walk over steps found, and how many seconds a run has waited behind them at least. */
type Waits = { readonly problems: readonly FieldProblem[]; readonly least: number };

/**
 * Delays that no run could wait for: those that certainly come before them have used up its life. What
 * only data can tell (a placeholder, a condition, how long an approval takes) is left to the run.
 *
 * @param steps whose configs are in order
 */
export function delayProblems(steps: readonly ActionStep[]): readonly FieldProblem[] {
  return waitsOf(steps, 'actions', 0).problems;
}

function waitsOf(steps: readonly ActionStep[], path: string, before: number): Waits {
  const problems: FieldProblem[] = [];
  let least = before;
  for (const [index, step] of steps.entries()) {
    const waits = waitsOfStep(step, `${path}[${index}].config`, least);
    problems.push(...waits.problems);
    if (step.when === undefined) least = waits.least;
  }
  return { problems, least };
}

/** @param path of the step's config */
function waitsOfStep(step: ActionStep, path: string, before: number): Waits {
  if (step.type === 'delay') return waitsOfDelay(step.config['seconds'], path, before);
  const lists = nestedLists(step);
  const inside = lists.map((list) => waitsOf(list.steps, `${path}.${fieldOf(list)}`, before));
  const problems = inside.flatMap((waits) => waits.problems);
  // A loop may have no items, and a branch step may take no branch.
  const isCertain = lists.some(({ name }) => name === 'otherwise');
  const least = isCertain ? Math.min(...inside.map((waits) => waits.least)) : before;
  return { problems, least };
}

function waitsOfDelay(seconds: unknown, path: string, before: number): Waits {
  const least = before + (typeof seconds === 'number' ? seconds : 0);
  if (least <= LONGEST_WAIT_SECONDS) return { problems: [], least };
  const days = Math.floor(before / DAY_SECONDS);
  const message = `The delays before it take ${days} days, and all of a run's together may take 360. Shorten them, or let another agent go on later.`;
  return { problems: [{ path: `${path}.seconds`, message }], least: before };
}

function fieldOf({ name, isLoop }: NestedList): string {
  return isLoop ? 'actions' : name.replace(/^branches\.(\d+)$/, 'branches[$1].actions');
}
