import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { keys } from '#adapters/dynamo-keys';
import { askingRun, isAsked } from '#test/contract/approval-flows';
import { heldStep } from '#test/contract/flow-machine';
import {
  client,
  type Flow,
  isInLine,
  slotsAreTaken,
  succeeds,
  unlessDenied,
} from '#test/contract/flow-steps';
import { temporaryDirectory } from '#test/helpers/directories';
import type { TestMachine } from '#test/helpers/machine';

/**
 * A run that a person lets go on when all slots are in use: it has left its token in line, and is called by
 * the run that ends.
 *
 * @param then what the runs that use the slots do after they have been held
 * @param action of the run that is let in
 */
export function letInFlow(then: readonly object[], action: object): Flow {
  return {
    before: async () => temporaryDirectory(),
    async go(machine, isDenied) {
      const erin = await client(machine, { user: 'erin', plan: 'free' });
      const asking = await askingRun(erin, action);
      await isAsked(erin);
      const { step, letGo } = heldStep();
      const { id } = await erin.create({
        name: 'Holders',
        trigger_config: { type: 'manual' },
        actions: [step, ...then],
      });
      const holders: string[] = [];
      for (let n = 0; n < 2; n += 1) {
        const reply = await erin.post(`/api/agents/${id}/run`, {});
        expect(reply.status).toBe(202);
        holders.push(reply.body.run_id);
      }
      await slotsAreTaken(erin);
      expect((await erin.post(`/api/agents/runs/${asking}/approve`, {})).status).toBe(200);
      await isInLine(erin, asking, isDenied);
      await hasLeftToken(machine, { userId: 'erin', runId: asking }, isDenied);
      letGo();
      for (const runId of [...holders, asking]) await succeeds(erin, runId, isDenied);
    },
  };
}

/** Waits until a state machine waits for a run's slot, and its token is where the run is called from. */
async function hasLeftToken(
  { endpoints }: TestMachine,
  { userId, runId }: { readonly userId: string; readonly runId: string },
  isDenied: () => boolean,
): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const table = DynamoDBDocumentClient.from(client);
  try {
    const { TableNames: [TableName = ''] = [] } = await client.send(new ListTablesCommand({}));
    const Key = keys.parked({ userId }, runId);
    await unlessDenied(async () => {
      const { Item } = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item?.['token'];
    }, isDenied);
  } finally {
    table.destroy();
    client.destroy();
  }
}
