import type { ApiDeps } from '#functions/api/deps';
import type { Operation } from '#functions/api/operation';
import { aboutOperations } from '#functions/api/operations/about';
import { accountOperations } from '#functions/api/operations/account';
import { agentOperations } from '#functions/api/operations/agents';
import { insightOperations } from '#functions/api/operations/insight';
import { runOperations } from '#functions/api/operations/runs';
import { triggerOperations } from '#functions/api/operations/triggers';
import { versionOperations } from '#functions/api/operations/versions';

/** Every operation that the function answers, in the order in which they are documented. */
export function allOperations(deps: ApiDeps): readonly Operation[] {
  const operations: readonly Operation[] = [
    ...agentOperations(deps),
    ...versionOperations(deps),
    ...runOperations(deps),
    ...triggerOperations(deps),
    ...insightOperations(deps),
    ...accountOperations(deps),
    ...aboutOperations(deps, () => operations),
  ];
  return operations;
}
