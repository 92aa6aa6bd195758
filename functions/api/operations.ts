import type { ApiDeps } from '#functions/api/deps';
import type { Operation } from '#functions/api/operation';
import { aboutOperations } from '#functions/api/operations/about';
import { accountOperations } from '#functions/api/operations/account';
import { adminOperations } from '#functions/api/operations/admin';
import { agentOperations } from '#functions/api/operations/agents';
import { apiKeyOperations } from '#functions/api/operations/api-keys';
import { approvalOperations } from '#functions/api/operations/approvals';
import { auditOperations } from '#functions/api/operations/audit';
import { builtInAgentOperations } from '#functions/api/operations/built-in-agents';
import { connectionOperations } from '#functions/api/operations/connections';
import { insightOperations } from '#functions/api/operations/insight';
import { oneTimeAgentOperations } from '#functions/api/operations/one-time-agents';
import { pauseOperations } from '#functions/api/operations/pause';
import { redriveOperations } from '#functions/api/operations/redrive';
import { runOperations } from '#functions/api/operations/runs';
import { suppressionOperations } from '#functions/api/operations/suppressions';
import { systemOperations } from '#functions/api/operations/system';
import { templateOperations } from '#functions/api/operations/templates';
import { triggerOperations } from '#functions/api/operations/triggers';
import { usageOperations } from '#functions/api/operations/usage';
import { versionOperations } from '#functions/api/operations/versions';

/** Every operation that the function answers, in the order in which they are documented. */
export function allOperations(deps: ApiDeps): readonly Operation[] {
  const operations: readonly Operation[] = [
    ...agentOperations(deps),
    ...templateOperations(deps),
    ...versionOperations(deps),
    ...oneTimeAgentOperations(deps),
    ...builtInAgentOperations(deps),
    ...runOperations(deps),
    ...approvalOperations(deps),
    ...triggerOperations(deps),
    ...insightOperations(deps),
    ...usageOperations(deps),
    ...connectionOperations(deps),
    ...suppressionOperations(deps),
    ...apiKeyOperations(deps),
    ...accountOperations(deps),
    ...adminOperations(deps),
    ...pauseOperations(deps),
    ...auditOperations(deps),
    ...redriveOperations(deps),
    ...systemOperations(deps),
    ...aboutOperations(deps, () => operations),
  ];
  return operations;
}
