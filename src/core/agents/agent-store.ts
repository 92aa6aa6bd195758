import type { Agent, AgentVersion, WebhookDoor } from '#core/agents/agent';
import type { Slice } from '#core/ports';
import type { StoredSchedule } from '#core/schedules/timetable';

/** Where agents live. Every method is scoped by owner, but for the webhook door. */
export type AgentStore = {
  /** Writes the agent, its first version and its webhook door, or nothing. */
  create(agent: Agent, schedule: StoredSchedule | undefined): Promise<void>;
  find(userId: string, agentId: string): Promise<Agent | undefined>;
  list(userId: string, page: { limit: number; after: string | undefined }): Promise<Slice<Agent>>;
  /**
   * Replaces the agent whole, its webhook door and its schedule with it.
   *
   * @returns false, and writes nothing, when the stored revision is not the expected one.
   */
  replace(
    agent: Agent,
    expectedRevision: number,
    schedule: StoredSchedule | undefined,
  ): Promise<boolean>;
  /**
   * Removes the agent, and replaces its schedule.
   *
   * @returns false, and writes nothing, when the stored revision is not the agent's.
   */
  remove(agent: Agent, schedule: StoredSchedule | undefined): Promise<boolean>;
  /** Whether this user once had the agent, so that deleting twice is fine. */
  wasRemoved(userId: string, agentId: string): Promise<boolean>;
  /** What a run executes: an immutable snapshot. */
  version(userId: string, agentId: string, version: number): Promise<AgentVersion | undefined>;
  /** Newest first; positions are version numbers. */
  versions(
    userId: string,
    agentId: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<AgentVersion>>;
  /** The only look-up without an owner: a webhook caller knows nothing but the agent's id. */
  webhookDoor(agentId: string): Promise<WebhookDoor | undefined>;
};
