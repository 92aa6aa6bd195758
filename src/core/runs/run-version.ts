import type { AgentVersion } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { productVersion } from '#core/agents/single-run';
import type { Run } from '#core/runs/run';

/** What a run executes: the definition that its agent had when it began; undefined once it is gone. */
export async function versionOf(
  { userId, agentId, agentVersion }: Run,
  agents: Pick<AgentStore, 'version'>,
): Promise<AgentVersion | undefined> {
  return productVersion(agentId) ?? agents.version(userId, agentId, agentVersion);
}
