import type { WebhookDoor } from '#core/agents/agent';
import type { TriggerPayload } from '#core/runs/run';
import type { AcceptDeps } from '#core/runs/webhook-trigger';
import {
  handClock,
  inlinePayloads,
  memoryCredits,
  memoryMetrics,
} from '#test/helpers/memory-ports';

/** A webhook that asks for no proof. */
export const OPEN_DOOR: WebhookDoor = {
  userId: 'alice',
  agentId: `agt_${'0'.repeat(26)}`,
  version: 1,
  enabled: true,
  auth: 'none',
  ratePerMinute: 60_000,
  secrets: [],
  dedupeWindowSeconds: 60,
  retentionDays: 90,
  mostCredits: 0,
};

/** What accepting deliveries at that door works with, and the triggers of the runs that it made. */
export function deliveryDeps() {
  const made: TriggerPayload[] = [];
  const deps: AcceptDeps = {
    agents: { webhookDoor: async () => OPEN_DOOR },
    runs: {
      findDuplicate: async () => undefined,
      create: async ({ trigger }) => {
        if (trigger?.kind === 'inline') made.push(JSON.parse(trigger.json));
        return { outcome: 'created' };
      },
      reject: async () => {},
    },
    credits: memoryCredits().store,
    metrics: memoryMetrics().metrics,
    secrets: { open: async (sealed) => sealed },
    rates: { take: async () => true },
    deliveries: { note: async () => {} },
    payloads: inlinePayloads,
    queue: { enqueue: async () => {} },
    clock: handClock(),
    randomBytes: (count) => new Uint8Array(count),
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  return { deps, triggers: () => made };
}
