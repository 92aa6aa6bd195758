import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Charge, takeCredits } from '#adapters/dynamo-charges';
import { keys } from '#adapters/dynamo-keys';
import { storeRun } from '#adapters/dynamo-run-item';
import { advanceSchedule } from '#adapters/dynamo-schedules';
import { conditionFailed, isRefused, transact, type Write } from '#adapters/dynamo-transaction';
import { gathered } from '#adapters/gathered';
import type { Admission } from '#core/limits/admission';
import type { Run } from '#core/runs/run';
import type { Created, Duplicate, RunStore } from '#core/runs/run-store';

/** What a new run is made of. */
type Creation = {
  readonly run: Run;
  readonly dedupe: Parameters<RunStore['create']>[1];
  readonly admission: Admission;
};

/** Most runs of one transaction, which has an end at 4 MB: ten items of the largest kind. */
const MOST_TOGETHER = 10;

/** How runs come into the table: each with what it takes from its owner's account, or as a row that says why not. */
export function dynamoRunCreation(
  table: DynamoDBDocumentClient,
  TableName: string,
): Pick<RunStore, 'create' | 'findDuplicate' | 'createScheduled' | 'reject'> {
  const newRun = (run: Run, further: Readonly<Record<string, unknown>> = {}) => ({
    Put: {
      TableName,
      Item: { ...storeRun(run), ...further },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  });

  /** A run, and its dedupe key if it has one: two of the same must not be there. */
  function newItems({ run, dedupe }: Creation): Write[] {
    if (dedupe === undefined) return [newRun(run)];
    const first = {
      Put: {
        TableName,
        Item: {
          ...keys.dedupe(run.userId, dedupe.digest),
          run_id: run.runId,
          body_digest: dedupe.bodyDigest,
          expires_at: dedupe.expiresAt,
        },
        // The table deletes expired items late: one that is over counts as gone.
        ConditionExpression: 'attribute_not_exists(pk) OR expires_at <= :now',
        ExpressionAttributeValues: { ':now': Math.floor(Date.parse(run.triggeredAt) / 1_000) },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    };
    return [newRun(run, { dedupe_digest: dedupe.digest }), first];
  }

  async function createOne(creation: Creation): Promise<Created> {
    const charge = takeCredits(TableName, [chargeOf(creation)]);
    return created(transact(table, [charge, ...newItems(creation)]));
  }

  /** All in one transaction, or each by itself. */
  async function createAll(creations: readonly Creation[]): Promise<(Created | Error)[]> {
    const charges = creations.map(chargeOf) as [Charge, ...Charge[]];
    try {
      const items = [takeCredits(TableName, charges), ...creations.flatMap(newItems)];
      await transact(table, items);
      return creations.map(() => ({ outcome: 'created' }));
    } catch (error) {
      if (!wasRefused(error)) throw error;
    }
    const results: (Created | Error)[] = [];
    for (const creation of creations) {
      results.push(await createOne(creation).catch((error: Error) => error));
    }
    return results;
  }

  const create = gathered<Creation, Created>({
    keyOf: ({ admission: { account } }) =>
      `${account.userId} ${account.plan} ${account.hour} ${account.month}`,
    most: MOST_TOGETHER,
    call: createAll,
    alone: createOne,
  });

  return {
    create: (run, dedupe, admission) => create({ run, dedupe, admission }),

    async findDuplicate(userId, { digest }, now) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.dedupe(userId, digest), ConsistentRead: true }),
      );
      const { run_id: runId, body_digest: bodyDigest, expires_at: until } = found.Item ?? {};
      return runId !== undefined && until > now / 1_000 ? { runId, bodyDigest } : undefined;
    },

    async createScheduled(run, move, admission) {
      const charge = takeCredits(TableName, [chargeOf({ run, admission })]);
      const advance = move && advanceSchedule(TableName, move.schedule, move.nextAt);
      const items = [charge, newRun(run), ...(advance ? [{ Update: advance }] : [])];
      try {
        await transact(table, items);
      } catch (error) {
        const failed = conditionFailed(error);
        // The run is there, or the schedule has moved: only what is left of it is done.
        if (!failed.includes(1) && !failed.includes(2)) return outdated(error);
        if (advance) await unlessRefused(table.send(new UpdateCommand(advance)));
      }
      return { outcome: 'created' };
    },

    async reject(run, move) {
      const schedule: Write[] = move
        ? [{ Update: advanceSchedule(TableName, move.schedule, move.nextAt) }]
        : [];
      const write = (row: Write) => transact(table, [row, ...schedule]);
      try {
        if (schedule.length > 0) await write(newRun(run));
        else await table.send(new PutCommand(newRun(run).Put));
        return;
      } catch (error) {
        if (!isRefused(error)) throw error;
        if (conditionFailed(error).includes(1)) return;
      }
      const count: Write = {
        Update: {
          TableName,
          Key: keys.run(run),
          UpdateExpression: 'SET rejection.#count = rejection.#count + :count',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#count': 'count' },
          ExpressionAttributeValues: { ':count': run.rejection?.count ?? 1 },
        },
      };
      if (schedule.length > 0) await unlessRefused(write(count));
      else await unlessRefused(table.send(new UpdateCommand(count.Update as never)));
    },
  };
}

function chargeOf({ run, admission }: Pick<Creation, 'run' | 'admission'>): Charge {
  return { admission, runId: run.runId, at: Date.parse(run.triggeredAt) };
}

/** Nothing was written, for what one of the items asks for: two of one dedupe key are refused as invalid. */
function wasRefused(error: unknown): boolean {
  return (
    error instanceof TransactionCanceledException ||
    (error as Error | undefined)?.name === 'ValidationException'
  );
}

/** The outcome of a transaction of an account, a run, and perhaps a dedupe key. */
async function created(write: Promise<void>) {
  try {
    await write;
    return { outcome: 'created' as const };
  } catch (error) {
    const earlier = earlierDelivery(error);
    return earlier ? { outcome: 'duplicate' as const, ...earlier } : outdated(error);
  }
}

/** The account, which comes first, stood in the way; anything else is thrown. */
function outdated(error: unknown): { readonly outcome: 'outdated' } {
  if (conditionFailed(error).includes(0)) return { outcome: 'outdated' };
  throw error;
}

function earlierDelivery(error: unknown): Duplicate | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const item = error.CancellationReasons?.[2]?.Item;
  const runId = item?.['run_id']?.S;
  const bodyDigest = item?.['body_digest']?.S;
  if (runId === undefined || bodyDigest === undefined) return undefined;
  return { runId, bodyDigest };
}

/** For writes that somebody else may have made before. */
async function unlessRefused(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || isRefused(error)) return;
    throw error;
  }
}
