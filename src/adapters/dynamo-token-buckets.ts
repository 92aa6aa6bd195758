import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { BucketSize, Taken, TokenBuckets } from '#core/limits/rates';

/** A worker takes this share of a bucket at once, so that not every request is a write. */
const SHARE = 1 / 20;

/** Tokens that a worker took and did not use are gone after this, in milliseconds. */
const HELD_MS = 10_000;

/** Names that a worker knows at most. */
const MOST_NAMES = 1_000;

/**
 * Workers' clocks differ by less than this, in milliseconds. A bucket that is to be full later than any
 * can be was written by a clock that has been set back since: it must not stay closed for so long.
 */
const CLOCKS_DIFFER_MS = 10_000;

const KEEP_SECONDS = 3_600;

/** An idle bucket is looked at this often when others take from it at the same instant. */
const TRIES = 3;

/**
 * Token buckets in the table. What is stored of one is the instant at which it will be full: taking
 * tokens moves it on by the time in which they come back.
 */
export function dynamoTokenBuckets(table: DynamoDBDocumentClient, TableName: string): TokenBuckets {
  const held = new Map<string, { left: number; until: number }>();
  const empty = new Map<string, number>();
  const asking = new Map<string, Promise<void>>();

  /** @returns undefined when the tokens were taken, else when the bucket will be full */
  async function move(
    name: string,
    set: string,
    condition: string,
    values: Readonly<Record<string, number>>,
  ): Promise<{ readonly fullAt: number } | undefined> {
    try {
      await table.send(
        new UpdateCommand({
          TableName,
          Key: keys.bucket(name),
          UpdateExpression: `SET full_at = ${set}, expires_at = :expires`,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { fullAt: Number(error.Item?.['full_at']?.N ?? 0) };
    }
  }

  /** @returns milliseconds to wait; 0 when the tokens were taken */
  async function takeMany(
    name: string,
    count: number,
    { burst, perSecond }: BucketSize,
    now: number,
  ): Promise<number> {
    const cost = (count * 1_000) / perSecond;
    const depthMs = (burst * 1_000) / perSecond;
    const latest = now + depthMs - cost;
    const never = now + depthMs + CLOCKS_DIFFER_MS;
    const expires = Math.ceil(latest / 1_000) + KEEP_SECONDS;
    const own = { ':cost': cost, ':now': now, ':expires': expires };
    const busy = 'full_at > :now AND full_at <= :latest';
    const idle = 'attribute_not_exists(full_at) OR full_at <= :now OR full_at > :never';
    // Others may fill an idle bucket in between, or an instant empty a busy one: it is looked at again.
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const refused = await move(name, 'full_at + :cost', busy, { ...own, ':latest': latest });
      if (refused === undefined) return 0;
      if (refused.fullAt <= never) {
        if (refused.fullAt > latest) return refused.fullAt - latest;
        if (refused.fullAt > now) continue;
      }
      const anew = await move(name, ':now + :cost', idle, { ...own, ':never': never });
      if (anew === undefined) return 0;
    }
    return 1;
  }

  /** What this worker knows without asking the table; undefined when it must ask. */
  function known(name: string, size: BucketSize, now: number): Taken | undefined {
    const mine = held.get(name);
    if (mine && mine.left > 0 && mine.until > now) {
      mine.left -= 1;
      return { isTaken: true };
    }
    const until = empty.get(name) ?? 0;
    const isNear = until - now <= (size.burst * 1_000) / size.perSecond + CLOCKS_DIFFER_MS;
    return until > now && isNear ? { isTaken: false, waitMs: until - now } : undefined;
  }

  async function ask(name: string, size: BucketSize, now: number): Promise<Taken> {
    const count = Math.max(1, Math.floor(size.burst * SHARE));
    const waitMs = await takeMany(name, count, size, now);
    for (const names of [held, empty]) if (names.size >= MOST_NAMES) names.clear();
    if (waitMs > 0) {
      empty.set(name, now + waitMs);
      return { isTaken: false, waitMs };
    }
    held.set(name, { left: count - 1, until: now + HELD_MS });
    return { isTaken: true };
  }

  return {
    async take(name, size, now) {
      for (;;) {
        const taken = known(name, size, now);
        if (taken) return taken;
        // Calls that come at once share what one of them takes: a share for each would empty the bucket.
        const other = asking.get(name);
        if (other === undefined) break;
        await other;
      }
      const asked = ask(name, size, now);
      const settled = asked.then(nothing, nothing).finally(() => asking.delete(name));
      asking.set(name, settled);
      return asked;
    },
  };
}

function nothing(): void {}
