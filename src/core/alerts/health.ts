import type { Notice } from '#core/alerts/notice';

/** Names an agent. */
export type AgentRef = { readonly userId: string; readonly agentId: string };

/** Where a notice is still to go. */
export type Channel = 'email' | 'slack';

/** A notice that is on its way. */
export type PendingNotice = {
  readonly notice: Notice;
  /** Where it has not arrived yet. */
  readonly left: readonly Channel[];
  readonly tries: number;
  /** Until then somebody is sending it, or it waits for its next try: epoch milliseconds. */
  readonly heldUntil: number;
};

/** What an agent's owner has been told of, and is still true. Times are epoch milliseconds. */
export type HealthState = {
  /** A streak of failures: its first run as far as it was looked at, and when it was told. */
  readonly failing?: { readonly firstRunId: string; readonly at: number };
  /** The failures in a row at the last look, newest first: by the next one the history may have lost them. */
  readonly failed?: readonly string[];
  /** When the agent was switched off for its failures. */
  readonly disabledAt?: number;
  /** When it was told that no run succeeds any more. */
  readonly absentAt?: number;
  /** Runs before this id do not count any more: they were triggered before the agent was switched off. */
  readonly countAfter?: string;
  readonly pending?: PendingNotice;
};

/** How an agent is doing, as far as its owner may have to be told. */
export type AgentHealth = AgentRef & {
  /** Counts the changes of `state`. */
  readonly revision: number;
  readonly state: HealthState;
  /** The newest run that has failed. */
  readonly lastFailed?: string;
  /** When a run failed or the agent was changed, ISO 8601. */
  readonly stirredAt: string;
  /** When the agent was last changed, ISO 8601; absent unless it is watched for absence. */
  readonly watchedFrom?: string;
};

/** Where the health of agents lives. Agents that are well and not watched have none. */
export type HealthStore = {
  /** Notes that a run has failed, so that the sweeper looks at its agent. @param at ISO 8601 */
  noteFailure(agent: AgentRef, runId: string, at: string): Promise<void>;
  find(agent: AgentRef): Promise<AgentHealth | undefined>;
  /**
   * Writes the state and when to look again, unless somebody else has since it was read. What has
   * happened meanwhile is looked at as soon as before.
   *
   * @param dueAt epoch milliseconds; undefined until something happens
   * @returns what is stored now, or undefined when nothing was written
   */
  save(
    health: AgentHealth,
    state: HealthState,
    dueAt: number | undefined,
  ): Promise<AgentHealth | undefined>;
};
