import { expect } from 'vitest';
import { client, type Flow } from '#test/contract/flow-steps';
import { deletions, putIntoRunQueue } from '#test/contract/run-queue';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';

/** Long enough for a message to come back once. */
const PATIENCE_SECONDS = 15;

/** A run enters Step Functions only to wait, and its message is delivered once more while it does. */
export const handedOver: Flow = {
  before: async () => temporaryDirectory(),
  change(template) {
    const { Parameters } = template as unknown as { Parameters: Record<string, object> };
    Parameters['EnterStepFunctions'] = { Type: 'String', Default: 'waits-only' };
  },
  async go(machine, isDenied) {
    const dora = await client(machine, { user: 'dora' });
    const agent = await dora.create({
      name: 'Waits twice',
      trigger_config: { type: 'manual' },
      actions: [pause(1), pause(3_600)],
    });
    const { run_id: runId } = (await dora.post(`/api/agents/${agent.id}/run`, {})).body;
    await eventually(async () => {
      const run = (await dora.get(`/api/agents/runs/${runId}`)).body;
      expect(run).toMatchObject({ status: 'waiting', steps: [{ status: 'success' }, {}] });
    });

    const before = deletions(machine);
    await putIntoRunQueue(machine, [{ user_id: 'dora', run_id: runId }]);

    await eventually(() => {
      if (isDenied()) throw new Error('A call was denied.');
      expect(deletions(machine)).toBeGreaterThan(before);
    }, PATIENCE_SECONDS);
    const run = (await dora.get(`/api/agents/runs/${runId}`)).body;
    expect(run.status, 'it is carried, so nothing is wrong with it').toBe('waiting');
  },
};

const pause = (seconds: number) => ({ type: 'delay', config: { seconds } });
