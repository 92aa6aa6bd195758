import { expect } from 'vitest';
import { askingRun, isAsked } from '#test/contract/approval-flows';
import { client, type Flow, succeeds } from '#test/contract/flow-steps';
import { eventually } from '#test/helpers/eventually';
import { temporaryDirectory } from '#test/helpers/machine';

/** Enough to keep the two slots of a free plan in use for a while. */
const HOLDERS = 8;

/**
 * A run that a person lets go on when all slots are in use: it has left its token in line, and is called by
 * the run that ends.
 *
 * @param holders actions of the runs that use the slots; the first must take a while
 * @param action of the run that is let in
 */
export function letInFlow(holders: readonly object[], action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    async go(machine, isDenied) {
      const erin = await client(machine, { user: 'erin', plan: 'free' });
      const asking = await askingRun(erin, action);
      await isAsked(erin);
      const { id } = await erin.create({
        name: 'Holders',
        trigger_config: { type: 'manual' },
        actions: holders,
      });
      const started: string[] = [];
      for (let n = 0; n < HOLDERS; n += 1) {
        const reply = await erin.post(`/api/agents/${id}/run`, {});
        expect(reply.status).toBe(202);
        started.push(reply.body.run_id);
      }
      await eventually(async () => {
        const { running, limit } = (await erin.get('/api/usage')).body.concurrency;
        expect(running).toBe(limit);
      });
      expect((await erin.post(`/api/agents/runs/${asking}/approve`, {})).status).toBe(200);
      for (const runId of [...started, asking]) await succeeds(erin, runId, isDenied);
    },
  };
}
