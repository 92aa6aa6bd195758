import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
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
import type {
  Exchange,
  Exchanged,
  Gate,
  GateState,
  ParkedRun,
  SlotStore,
} from '#core/limits/slots';

/** A change of a gate's item. */
type GateUpdate = Pick<
  UpdateCommandInput,
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

/**
 * Slots in the table: one item a gate with a map of the runs behind it, below a kilobyte with the 25
 * of the largest plan, and one item for each run that waits, in the order of their ids. A map, because
 * one write can take one run out of it and put another one in, which it cannot with a set.
 */
export function dynamoSlots(table: DynamoDBDocumentClient, TableName: string): SlotStore {
  async function change(gate: Gate, update: GateUpdate): Promise<Exchanged> {
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
      return { isMade: true, state: stateOf(made.Attributes ?? {}) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isMade: false, state: rawStateOf(error.Item ?? {}) };
    }
  }

  /** The first run ever that comes to a gate brings the map along. */
  async function changeOrBegin(gate: Gate, update: GateUpdate, runId: string): Promise<Exchanged> {
    try {
      return await change(gate, update);
    } catch (error) {
      if (!(error instanceof DynamoDBServiceException && error.name === 'ValidationException')) {
        throw error;
      }
      const begun = await change(gate, {
        UpdateExpression: 'SET behind = :first',
        ConditionExpression: 'attribute_not_exists(behind) AND attribute_not_exists(suspended)',
        ExpressionAttributeValues: { ':first': { [short(runId)]: true } },
      });
      return begun.isMade || begun.state.isSuspended ? begun : change(gate, update);
    }
  }

  return {
    async take(gate, runId) {
      const update = {
        UpdateExpression: 'SET behind.#run = :yes',
        ConditionExpression:
          'attribute_not_exists(suspended) AND (attribute_exists(behind.#run) OR ' +
          '((attribute_not_exists(behind) OR size(behind) < :limit) AND attribute_not_exists(parkings)))',
        ExpressionAttributeNames: { '#run': short(runId) },
        ExpressionAttributeValues: { ':yes': true, ':limit': gate.limit },
      };
      const { isMade, state } = await changeOrBegin(gate, update, runId);
      if (isMade) return 'taken';
      return state.isSuspended ? 'suspended' : 'full';
    },

    exchange: (gate, exchange) => change(gate, updateFor(exchange, gate.limit)),

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

    // Half the price of a consistent read, and what it misses costs a write.
    async hasSlot(gate, runId) {
      const found = await table.send(new GetCommand({ TableName, Key: keys.slots(gate) }));
      return stateOf(found.Item ?? {}).holders.includes(runId);
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

function updateFor({ out, into, line }: Exchange, limit: number): GateUpdate {
  const removed: string[] = [];
  const conditions: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  if (out) {
    removed.push('behind.#out');
    conditions.push('attribute_exists(behind.#out)');
    names['#out'] = short(out.runId);
    values[':credits'] = out.settledCredits;
  }
  if (into !== undefined) {
    const isRoom = out ? 'size(behind) <= :limit' : 'size(behind) < :limit';
    conditions.push(
      'attribute_not_exists(suspended)',
      'attribute_not_exists(behind.#into)',
      isRoom,
    );
    names['#into'] = short(into);
    Object.assign(values, { ':yes': true, ':limit': limit });
  }
  if (line === 'unmarked') conditions.push('attribute_not_exists(parkings)');
  if (typeof line === 'number') {
    removed.push('parkings');
    conditions.push('parkings = :seen');
    values[':seen'] = line;
  }
  const clauses = [
    ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ...(into !== undefined ? ['SET behind.#into = :yes'] : []),
    ...(out ? ['ADD settled :credits'] : []),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** Ids without their prefix: 25 of them, and the item stays below a kilobyte. */
function short(runId: string): string {
  return runId.slice('run_'.length);
}

function stateOf({ behind, parkings, settled, suspended }: Record<string, unknown>): GateState {
  return {
    holders: Object.keys(behind ?? {}).map((id) => `run_${id}`),
    settled: Number(settled ?? 0),
    ...(parkings !== undefined && { parkings: Number(parkings) }),
    isSuspended: suspended === true,
  };
}

/** The same of an item as DynamoDB gives it with a refusal. */
function rawStateOf({ behind, parkings, settled, suspended }: Record<string, AttributeValue>) {
  return stateOf({
    behind: behind?.M,
    parkings: parkings?.N,
    settled: settled?.N,
    suspended: suspended?.BOOL,
  });
}

function parkedOf({ sk, token }: Record<string, unknown>): ParkedRun {
  return { runId: String(sk), ...(token !== undefined && { token: String(token) }) };
}
