import { conditionsHold } from '#local/iam/conditions';
import { matchesPattern } from '#local/iam/pattern';
import type { Call, PolicyContext, PolicyStatement } from '#local/types';

/** What identity-based policies say about a call. */
export type Verdict = 'allowed' | 'explicitly denied' | 'not allowed';

/** An explicit Deny wins; what nothing allows is refused. */
export function judge(
  statements: readonly PolicyStatement[],
  { action, resource }: Pick<Call, 'action' | 'resource'>,
  context: PolicyContext = {},
): Verdict {
  const lowerAction = action.toLowerCase();
  const applies = (statement: PolicyStatement) =>
    statement.actions.some((pattern) => matchesPattern(pattern.toLowerCase(), lowerAction)) &&
    statement.resources.some((pattern) => matchesPattern(pattern, resource)) &&
    conditionsHold(statement.conditions, context);
  const applicable = statements.filter(applies);
  if (applicable.some(({ effect }) => effect === 'Deny')) return 'explicitly denied';
  return applicable.length > 0 ? 'allowed' : 'not allowed';
}
