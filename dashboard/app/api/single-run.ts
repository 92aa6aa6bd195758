/**
 * The agent that runs of one built-in agent name as theirs. It is the same for everybody and has no page:
 * such runs were started by `POST /api/agents/run/{agent_name}`.
 */
const SINGLE_RUN_AGENT_ID = 'agt_00000000000000000000000001';

export function isSingleRun({ agent_id }: { readonly agent_id: string }): boolean {
  return agent_id === SINGLE_RUN_AGENT_ID;
}
