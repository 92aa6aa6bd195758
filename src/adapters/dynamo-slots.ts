import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { dynamoGates, stateOf } from '#adapters/dynamo-gates';
import { keys } from '#adapters/dynamo-keys';
import { sharedRead } from '#adapters/gathered';
import type { Gate, ParkedRun, SlotStore } from '#core/limits/slots';

/**
 * Slots in the table: one item a gate with a map of the runs behind it, below a kilobyte with the 25
 * of the largest plan, and one item for each run that waits, in the order of their ids. A map, because
 * one write can take one run out of it and put another one in, which it cannot with a set.
 */
export function dynamoSlots(table: DynamoDBDocumentClient, TableName: string): SlotStore {
  const { change, ...passing } = dynamoGates(table, TableName);

  // Half the price of a consistent read, and what it misses costs a write.
  const lately = sharedRead(
    async (gate: Gate) => {
      const found = await table.send(new GetCommand({ TableName, Key: keys.slots(gate) }));
      return stateOf(found.Item ?? {});
    },
    (gate) => keys.slots(gate).pk,
  );

  return {
    ...passing,

    async park(gate, { runId, token }) {
      const Item = { ...keys.parked(gate, runId), ...(token !== undefined && { token }) };
      await table.send(new PutCommand({ TableName, Item }));
      const { state } = await change(gate, {
        UpdateExpression: 'ADD parkings :one',
        ExpressionAttributeValues: { ':one': 1 },
      });
      return state;
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

    async read(gate) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.slots(gate), ConsistentRead: true }),
      );
      return stateOf(found.Item ?? {});
    },

    async hasSlot(gate, runId) {
      return (await lately(gate)).holders.includes(runId);
    },

    async suspend(userId, isSuspended) {
      const { state } = await change(
        { userId, limit: 0 },
        isSuspended
          ? {
              UpdateExpression: 'SET suspended = :yes',
              ExpressionAttributeValues: { ':yes': true },
            }
          : { UpdateExpression: 'REMOVE suspended' },
      );
      return state.holders;
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
