import { expect } from 'vitest';
import { client, type Flow, succeeds } from '#test/contract/flow-steps';
import { temporaryDirectory } from '#test/helpers/machine';

/** A builder has five slots. */
const MORE_THAN_AT_ONCE = 7;

/**
 * More runs of several steps than may be at once: the one that waits for a slot has left its token, and
 * is called by the one that ends.
 *
 * @param actions the first must take long enough for all of them to be there
 */
export function letInFlow(actions: readonly object[]): Flow {
  return {
    before: async () => temporaryDirectory(),
    async go(machine, isDenied) {
      const erin = await client(machine, { user: 'erin', plan: 'builder' });
      const { id } = await erin.create({
        name: 'Several',
        trigger_config: { type: 'manual' },
        actions,
      });
      const started: string[] = [];
      for (let n = 0; n < MORE_THAN_AT_ONCE; n += 1) {
        const reply = await erin.post(`/api/agents/${id}/run`, {});
        expect(reply.status).toBe(202);
        started.push(reply.body.run_id);
      }
      for (const runId of started) await succeeds(erin, runId, isDenied);
    },
  };
}
