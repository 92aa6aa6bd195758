import type { WebhookDoor } from '#core/agents/agent';
import type { Slice } from '#core/ports';

/** A webhook call that led to no run. */
export type RefusedDelivery = {
  /** ISO 8601 */
  readonly at: string;
  readonly status: number;
  readonly reason: string;
  /** How many like it came since the last one that was written down, itself included. */
  readonly count: number;
};

/** Where refused webhook calls are written down for the agent's owner. */
export type DeliveryStore = {
  /** Writes it down, unless many like it were lately. Never throws: it must not change the answer. */
  note(
    door: Pick<WebhookDoor, 'userId' | 'agentId'>,
    status: number,
    reason: string,
    now: number,
  ): Promise<void>;
  /** Newest first. */
  list(
    userId: string,
    agentId: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<RefusedDelivery>>;
};
