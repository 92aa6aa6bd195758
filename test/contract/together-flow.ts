import { expect } from 'vitest';
import { client, type Flow } from '#test/contract/flow-steps';
import { putIntoRunQueue, sizeOfRunQueue } from '#test/contract/run-queue';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';

/** Several messages come to a worker at the same moment. */
export const together: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const finn = await client(machine, { user: 'finn' });
    const agent = await finn.create({
      name: 'Waits for an hour',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'delay', config: { seconds: 3_600 } }],
    });
    const { run_id: runId } = (await finn.post(`/api/agents/${agent.id}/run`, {})).body;
    await eventually(async () => {
      const run = (await finn.get(`/api/agents/runs/${runId}`)).body;
      expect(run.status).toBe('waiting');
    });

    await putIntoRunQueue(
      machine,
      Array.from({ length: 10 }, () => ({ user_id: 'finn', run_id: runId })),
    );

    // The first may be read alone: all of them must have been worked off.
    await eventually(async () => {
      if (isDenied()) throw new Error('A call was denied.');
      expect(await sizeOfRunQueue(machine)).toBe(0);
    });
    if (isDenied()) throw new Error('A call was denied.');
  },
};
