import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { Gate, GateState, ParkedRun, SlotStore } from '#core/limits/slots';

/**
 * Slots in the table: one item a gate with the set of runs behind it, below a kilobyte with the 25
 * of the largest plan, and one item for each run that waits, in the order of their ids.
 */
export function dynamoSlots(table: DynamoDBDocumentClient, TableName: string): SlotStore {
  /** @returns the item afterwards, or before when the condition did not hold */
  async function change(
    gate: Gate,
    update: Pick<
      UpdateCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<{ readonly isMade: boolean; readonly item: Record<string, unknown> }> {
    try {
      const made = await table.send(
        new UpdateCommand({
          TableName,
          Key: keys.slots(gate),
          ...update,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { isMade: true, item: made.Attributes ?? {} };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isMade: false, item: { suspended: error.Item?.['suspended']?.BOOL } };
    }
  }

  return {
    async take(gate, runId, isAnew) {
      const isFree = 'attribute_not_exists(holders) OR size(holders) < :limit';
      const mayTake = isAnew ? `(${isFree}) AND attribute_not_exists(parkings)` : isFree;
      const { isMade, item } = await change(gate, {
        UpdateExpression: 'ADD holders :runs',
        ConditionExpression: `attribute_not_exists(suspended) AND (contains(holders, :run) OR ${mayTake})`,
        ExpressionAttributeValues: {
          ':run': short(runId),
          ':runs': new Set([short(runId)]),
          ':limit': gate.limit,
        },
      });
      if (isMade) return 'taken';
      return item['suspended'] === true ? 'suspended' : 'full';
    },

    async give(gate, runId, settledCredits) {
      const { isMade, item } = await change(gate, {
        UpdateExpression: 'DELETE holders :runs ADD settled :credits',
        ConditionExpression: 'contains(holders, :run)',
        ExpressionAttributeValues: {
          ':run': short(runId),
          ':runs': new Set([short(runId)]),
          ':credits': settledCredits,
        },
      });
      return isMade ? stateOf(item) : undefined;
    },

    async park(gate, { runId, token }) {
      const Item = { ...keys.parked(gate, runId), ...(token !== undefined && { token }) };
      await table.send(new PutCommand({ TableName, Item }));
      const { isMade } = await change(gate, {
        UpdateExpression: 'ADD parkings :one',
        ConditionExpression: 'attribute_exists(holders) AND size(holders) >= :limit',
        ExpressionAttributeValues: { ':one': 1, ':limit': gate.limit },
      });
      return isMade;
    },

    async keepToken(gate, runId, token) {
      try {
        await table.send(
          new UpdateCommand({
            TableName,
            Key: keys.parked(gate, runId),
            UpdateExpression: 'SET #token = :token',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#token': 'token' },
            ExpressionAttributeValues: { ':token': token },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async oldest(gate, count) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': keys.parked(gate, '').pk },
          Limit: count,
          ConsistentRead: true,
        }),
      );
      return (page.Items ?? []).map(parkedOf);
    },

    async unpark(gate, runId) {
      const Key = keys.parked(gate, runId);
      const gone = await table.send(new DeleteCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
      return gone.Attributes && parkedOf(gone.Attributes);
    },

    async clear(gate, parkings) {
      const { isMade } = await change(gate, {
        UpdateExpression: 'REMOVE parkings',
        ConditionExpression: 'parkings = :seen',
        ExpressionAttributeValues: { ':seen': parkings },
      });
      return isMade;
    },

    async read(gate) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.slots(gate), ConsistentRead: true }),
      );
      return stateOf(found.Item ?? {});
    },

    async suspend(userId, isSuspended) {
      const { item } = await change(
        { userId, limit: 0 },
        isSuspended
          ? {
              UpdateExpression: 'SET suspended = :yes',
              ExpressionAttributeValues: { ':yes': true },
            }
          : { UpdateExpression: 'REMOVE suspended' },
      );
      return stateOf(item).holders;
    },

    async placeOf(gate, runId) {
      const counted = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk < :run',
          ExpressionAttributeValues: { ':pk': keys.parked(gate, '').pk, ':run': runId },
          Select: 'COUNT',
        }),
      );
      return counted.Count ?? 0;
    },
  };
}

function parkedOf({ sk, token }: Record<string, unknown>): ParkedRun {
  return { runId: String(sk), ...(token !== undefined && { token: String(token) }) };
}

/** Ids without their prefix: 25 of them, and the item stays below a kilobyte. */
function short(runId: string): string {
  return runId.slice('run_'.length);
}

function stateOf(item: Record<string, unknown>): GateState {
  const { holders, parkings, settled } = item;
  const ids = holders instanceof Set ? [...holders].map((id) => `run_${id}`) : [];
  return {
    holders: ids,
    settled: Number(settled ?? 0),
    ...(parkings !== undefined && { parkings: Number(parkings) }),
  };
}
