import type { ActionStep } from '#core/agents/agent';
import { type Condition, holds } from '#core/conditions/conditions';
import { ActionRejectedError } from '#core/errors';
import type { Execution, Frame } from '#core/runs/execution';
import { isOver } from '#core/runs/run';
import { stepScope } from '#core/steps/step-scope';
import { placeholdersIn, type TemplateScope } from '#core/templates/templates';

/** What follows a place: a list from one of its steps on, and then what follows the list. */
export type Rest = NonNullable<Frame['after']>;

/** An approval that is about to ask, and what it looks ahead to. */
export type Lookout = {
  /** Path of the approval, if it is a step of its own. */
  readonly own: string | undefined;
  readonly rest: Rest;
  readonly execution: Execution;
};

/** The step that an approval asks about, or the one right behind it. */
export function nearest({ rest }: Lookout): ActionStep | undefined {
  return rest.list[rest.first];
}

/** What an approval looks ahead to that: it was given. Who gave it, and why, is open. */
const ONCE_GIVEN = { output: { decision: 'approved' }, status: 'success', error: null };
const FORESEEN: ReadonlySet<string> = new Set(['output.decision', 'status', 'error']);

/**
 * What the placeholders of a value can reach already; undefined when one of them names what is not
 * there before the approval is given. Such a value must not be taken for one that is missing.
 */
export async function scopeSoFar(
  value: unknown,
  frame: Frame,
  lookout: Lookout,
): Promise<TemplateScope | undefined> {
  const { execution, own } = lookout;
  const foreseen: Record<string, unknown> = {};
  for (const { parts } of placeholdersIn(value)) {
    const [root, name, ...rest] = parts;
    const path = root === 'steps' && name ? execution.find(name, frame.prefix) : undefined;
    if (name === undefined || path === undefined || !isYetToEnd(path, lookout)) continue;
    if (path !== own || !FORESEEN.has(rest.join('.'))) return undefined;
    foreseen[name] = ONCE_GIVEN;
  }
  const scope = await stepScope(value, frame, execution);
  return { ...scope, steps: { ...(scope['steps'] as object | undefined), ...foreseen } };
}

/** Whether a condition holds; undefined when that is not known yet, or cannot be told. */
export async function holdsSoFar(
  when: Condition,
  frame: Frame,
  lookout: Lookout,
): Promise<boolean | undefined> {
  const scope = await scopeSoFar(when, frame, lookout);
  try {
    return scope && holds(when, scope);
  } catch (error) {
    if (error instanceof ActionRejectedError) return undefined;
    throw error;
  }
}

/** Steps of a branch that was not taken never will be: their results are missing for good. */
function isYetToEnd(path: string, { rest, execution }: Lookout): boolean {
  const record = execution.records.get(path);
  if (record !== undefined && isOver(record)) return false;
  for (let around: Rest | undefined = rest; around; around = around.frame.after) {
    const { first, frame } = around;
    const place = path.startsWith(frame.prefix) ? path.slice(frame.prefix.length) : '';
    if (place === `${first - 1}` || Number.parseInt(place, 10) >= first) return true;
  }
  return false;
}
