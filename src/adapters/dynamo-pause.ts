import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { PauseState, PauseStore } from '#core/pause';

/** The pause of all dispatch in the table: one item. */
export function dynamoPause(table: DynamoDBDocumentClient, TableName: string): PauseStore {
  return {
    async find() {
      const found = await table.send(new GetCommand({ TableName, Key: keys.pause() }));
      const { paused, reason, since, by } = (found.Item ?? {}) as Partial<PauseState>;
      if (paused === undefined) return undefined;
      return { paused, reason: reason ?? '', since: since ?? '', by: by ?? '' };
    },

    async put(state) {
      await table.send(new PutCommand({ TableName, Item: { ...keys.pause(), ...state } }));
    },
  };
}
