import { expect } from 'vitest';
import { client, type Flow, succeeds, unlessDenied } from '#test/contract/flow-steps';
import type { ApiClient } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { executionsOf } from '#test/helpers/executions';

/** Starts a run that asks a person before its action. */
export async function askingRun(
  alice: ApiClient,
  action: object,
  config: object = {},
): Promise<string> {
  const approval = { type: 'approval', config: { message: 'Go on?', ...config } };
  const { id } = await alice.create({
    name: 'Asking',
    trigger_config: { type: 'manual' },
    actions: [approval, action],
  });
  return (await alice.post(`/api/agents/${id}/run`, {})).body.run_id;
}

/** Runs that wait for a person: one is approved, one is cancelled. */
export function approvedFlow(action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    async go(machine, isDenied) {
      const alice = await client(machine);
      const runId = await askingRun(alice, action);
      await isAsked(alice);
      expect((await alice.post(`/api/agents/runs/${runId}/approve`, {})).status).toBe(200);
      await succeeds(alice, runId, isDenied);

      const other = await askingRun(alice, action);
      await isAsked(alice);
      expect((await alice.post(`/api/agents/runs/${other}/cancel`, undefined)).status).toBe(202);
      const executions = executionsOf(machine);
      await unlessDenied(async () => {
        const execution = await executions.of(other);
        return execution?.status === 'ABORTED' ? execution : undefined;
      }, isDenied);
      expect(machine.log('ApiFunction')).not.toContain('not authorized');
    },
  };
}

/** A run that waits for a person, who does not decide in time. */
export function timedOutFlow(action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    async go(machine, isDenied) {
      const alice = await client(machine);
      const runId = await askingRun(alice, action, { timeout_seconds: 1, on_timeout: 'approve' });
      await succeeds(alice, runId, isDenied);
      expect(machine.log('SweepFunction')).not.toContain('not authorized');
    },
  };
}

/** One approval is in the inbox: its run waits, and nobody works on it. */
export async function isAsked(alice: ApiClient): Promise<void> {
  await eventually(async () => {
    expect((await alice.get('/api/agents/approvals')).body.items).toHaveLength(1);
  });
}
