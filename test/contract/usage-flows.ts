import { expect } from 'vitest';
import { client, type Flow, succeeds, unlessDenied } from '#test/contract/flow-steps';
import { type ApiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import type { TestMachine } from '#test/helpers/machine';
import { forbid } from '#test/helpers/policies';

const onUsageBus = { on: 'usageBus', action: 'events:PutEvents' };
const pause = { type: 'delay', config: { seconds: 3_600 } };

/** The usage of runs is told by whoever ends them, without the sweeper's help. */
export function meteredFlow(action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    change: (template) => forbid(template, { name: 'sweep', ...onUsageBus }),
    async go(machine, isDenied) {
      const mina = await client(machine, { user: 'mina' });
      const single = await started(mina, [action]);
      const several = await started(mina, [action, action]);
      for (const runId of [single, several]) await succeeds(mina, runId, isDenied);
      const waiting = await started(mina, [pause]);
      const isWaiting = async () => (await mina.get(`/api/agents/runs/${waiting}`)).body.status;
      await unlessDenied(
        async () => ((await isWaiting()) === 'waiting' ? true : undefined),
        isDenied,
      );
      expect((await mina.post(`/api/agents/runs/${waiting}/cancel`, undefined)).status).toBe(202);
      for (const runId of [single, several, waiting]) await told(machine, runId, isDenied);
    },
  };
}

/** The usage of a run that could not be told when it ended is told by the sweeper. */
export function meteredLateFlow(action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    change: (template) => forbid(template, { name: 'dispatch', ...onUsageBus }),
    async go(machine, isDenied) {
      const mina = await client(machine, { user: 'mina' });
      const runId = await started(mina, [action]);
      await succeeds(mina, runId, () => false);
      await told(machine, runId, isDenied);
      expect(machine.log('DispatchFunction')).toContain('usage event kept for later');
    },
  };
}

async function started(api: ApiClient, actions: readonly object[]): Promise<string> {
  const agent = { name: 'Metered', trigger_config: { type: 'manual' }, actions };
  const { id } = await api.create(agent);
  return (await api.post(`/api/agents/${id}/run`, {})).body.run_id;
}

async function told({ url }: TestMachine, runId: string, isDenied: () => boolean): Promise<void> {
  await unlessDenied(async () => {
    const { items } = (await send(`${url}/local/events`, 'GET')).body;
    return items.find(({ detail }: { detail: { id: string } }) => detail.id === runId);
  }, isDenied);
}
