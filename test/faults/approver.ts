import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '#test/helpers/api-client';
import { decisionAbout } from './workloads.ts';

/** A person who decides what waits, until told to stop; nothing is decided again once it was acknowledged. */
export type Approver = {
  /** Decisions that were answered with 200. */
  readonly decided: readonly string[];
  stop(): Promise<void>;
};

const LOOK_EVERY_MS = 300;

/** @param api gives the client of a product that may be dead just now. */
export function startApprover(api: () => ApiClient | undefined): Approver {
  const decided: string[] = [];
  let hasStopped = false;
  const over = work();

  async function work(): Promise<void> {
    while (!hasStopped) {
      // Who is dead is asked again.
      await look(api()).catch(() => undefined);
      await delay(LOOK_EVERY_MS);
    }
  }

  async function look(client: ApiClient | undefined): Promise<void> {
    const waiting = await client?.get('/api/agents/approvals?limit=100');
    for (const { run_id: runId, message } of waiting?.body.items ?? []) {
      const decision = decisionAbout(Number(message.split(' ').at(-1)));
      const answer = await client?.post(`/api/agents/runs/${runId}/${decision}`, {});
      if (answer?.status !== 200) continue;
      decided.push(runId);
    }
  }

  return {
    decided,
    async stop() {
      hasStopped = true;
      await over;
    },
  };
}
