import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { Caller } from '#adapters/tokens';
import type { Profiles } from '#core/mail/profiles';
import type { Log } from '#core/ports';

/** What is kept of users besides what they made. */
export type ProfileStore = Profiles & {
  /** Keeps the address that sign-in has verified. Never throws: nobody waits for it. */
  remember(caller: Caller): Promise<void>;
};

/** Profiles in the table. */
export function dynamoProfiles(
  table: DynamoDBDocumentClient,
  TableName: string,
  log: Log,
): ProfileStore {
  // Callers come often, and their addresses change hardly ever.
  const known = new Map<string, string>();

  async function emailOf(userId: string): Promise<string | undefined> {
    const found = await table.send(new GetCommand({ TableName, Key: keys.profile(userId) }));
    return found.Item?.['email'];
  }

  return {
    emailOf,
    async remember({ userId, email }) {
      if (email === undefined || known.get(userId) === email) return;
      try {
        if ((await emailOf(userId)) !== email) {
          const Item = { ...keys.profile(userId), email };
          await table.send(new PutCommand({ TableName, Item }));
        }
        if (known.size >= MOST_KNOWN) known.clear();
        known.set(userId, email);
      } catch (error) {
        log.warn('profile not kept', { error });
      }
    },
  };
}

const MOST_KNOWN = 10_000;
