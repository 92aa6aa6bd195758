import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import {
  loadAccount,
  loadEntry,
  loadTotals,
  storeAccount,
  storeEntry,
} from '#adapters/dynamo-account-item';
import { keys } from '#adapters/dynamo-keys';
import { transact } from '#adapters/dynamo-transaction';
import { dynamoWarnings } from '#adapters/dynamo-warnings';
import { sharedRead } from '#adapters/gathered';
import { isTransient } from '#adapters/transient';
import type { CreditStore, OnceDone } from '#core/limits/credit-store';
import { type CreditAccount, type LedgerEntry, MOST_RECENT } from '#core/limits/credits';

/** Accounts of which a worker knows the newest page. */
const REMEMBERED = 1_000;

/** Accounts in the table: one item each, and pages for what their ledgers held before. */
export function dynamoCredits(table: DynamoDBDocumentClient, TableName: string): CreditStore {
  const warnings = dynamoWarnings(table, TableName);
  /** For each account the page that this worker made last, or is making, and the entry that it begins with. */
  const folded = new Map<string, { readonly first: string; readonly made: Promise<void> }>();

  // Entries are only ever added behind the oldest, so that the account may change meanwhile.
  async function fold({ userId, recent, settled }: CreditAccount): Promise<void> {
    const oldest = recent.slice(0, MOST_RECENT);
    // The highest place first, so that it does not matter whether the others move up meanwhile.
    const places = oldest.map((_, place) => `recent[${place}]`).toReversed();
    const Update = {
      TableName,
      Key: keys.account(userId),
      UpdateExpression: `SET settled = :after, version = version + :one REMOVE ${places.join(', ')}`,
      ConditionExpression: 'settled = :before',
      ExpressionAttributeValues: {
        ':before': settled,
        ':after': settled + oldest.length,
        ':one': 1,
      },
    };
    const Item = { ...keys.ledgerPage(userId, settled), entries: oldest.map(storeEntry) };
    await isMade(transact(table, [{ Update }, { Put: { TableName, Item } }]));
  }

  return {
    find: sharedRead(async (userId: string) => {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.account(userId), ConsistentRead: true }),
      );
      return found.Item && loadAccount(userId, found.Item);
    }),

    async findClosed(userId) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.closedAccount(userId), ConsistentRead: true }),
      );
      return found.Item && loadTotals(userId, found.Item);
    },

    async open(account) {
      // First, so that no account is missing from the list; an entry without one counts nothing.
      const Item = keys.accountEntry(account.userId);
      await table.send(new PutCommand({ TableName, Item }));
      return isMade(
        table.send(
          new PutCommand({
            TableName,
            Item: storeAccount(account),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },

    async replace(account, once) {
      const { version } = account;
      const stored = { ...account, version: version + 1 };
      const Put = {
        TableName,
        Item: storeAccount(stored),
        ConditionExpression: 'version = :seen',
        ExpressionAttributeValues: { ':seen': version },
      };
      // A transaction, though of one item: it waits out the transactions of runs that begin.
      const items = [{ Put }, ...(once ? [firstTime(TableName, once)] : [])];
      return (await isMade(transact(table, items))) ? stored : undefined;
    },

    noteLow: ({ userId, month }, level, now) => warnings.note(userId, month, level, now),

    async findDone(digest, now) {
      const Key = keys.adjustment(digest);
      const found = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      const done = found.Item?.['done'];
      const isOver = Number(found.Item?.['expires_at'] ?? 0) <= now / 1_000;
      return done === undefined || isOver ? undefined : (JSON.parse(String(done)) as OnceDone);
    },

    // Runs that begin at once see the same full ledger: one of them is enough to make its page.
    async fold(account) {
      const { userId, settled, recent } = account;
      // An account that was deleted and comes back begins to count anew, but not at the same time.
      const first = `${settled} ${recent[0]?.at}`;
      const last = folded.get(userId);
      if (last?.first === first) return last.made;
      const made = fold(account);
      if (folded.size >= REMEMBERED) folded.clear();
      folded.set(userId, { first, made });
      made.catch(() => folded.delete(userId));
      return made;
    },

    async paged(userId, before, limit) {
      const found: LedgerEntry[] = [];
      let end = before;
      while (found.length < limit && end > 0) {
        const page = await table.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND sk < :end',
            ExpressionAttributeValues: {
              ':pk': keys.ledgerPage(userId, 0).pk,
              ':end': keys.ledgerPage(userId, end).sk,
            },
            ScanIndexForward: false,
            Limit: Math.ceil(limit / MOST_RECENT) + 1,
            ConsistentRead: true,
          }),
        );
        if (page.Items === undefined || page.Items.length === 0) break;
        for (const item of page.Items) {
          const first = Number(String(item['sk']).slice('PAGE#'.length));
          const entries = (item['entries'] as string[]).slice(0, end - first);
          found.push(...entries.map(loadEntry).toReversed());
          end = first;
        }
      }
      return found.slice(0, limit);
    },
  };
}

/** Notes what is done with a key, unless that was done before. */
function firstTime(TableName: string, once: OnceDone) {
  const { digest, expiresAt } = once;
  return {
    Put: {
      TableName,
      Item: { ...keys.adjustment(digest), done: JSON.stringify(once), expires_at: expiresAt },
      // The table deletes expired items late: one that is over counts as gone.
      ConditionExpression: 'attribute_not_exists(pk) OR expires_at <= :now',
      ExpressionAttributeValues: { ':now': once.doneAt },
    },
  };
}

/** Whether a write was made; not when its condition did not hold. */
async function isMade(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionCanceledException && !isTransient(error)) return false;
    throw error;
  }
}
