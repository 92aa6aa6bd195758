import { storeEntry } from '#adapters/dynamo-account-item';
import { keys } from '#adapters/dynamo-keys';
import type { Write } from '#adapters/dynamo-transaction';
import type { Admission } from '#core/limits/admission';
import type { LedgerEntry } from '#core/limits/credits';
import { plans } from '#core/limits/plans';
import type { RunRef } from '#core/runs/run';

/** A new run, and what it takes. */
export type Charge = {
  readonly admission: Admission;
  readonly runId: string;
  /** Epoch milliseconds. */
  readonly at: number;
};

/**
 * The change of the account that goes with new runs of the same hour, month and plan. Its condition
 * fails when they may not all fit any more: credits or quota are used up, an hour or a month has
 * begun, the plan is another one.
 */
export function takeCredits(TableName: string, charges: readonly [Charge, ...Charge[]]): Write {
  const [{ admission }] = charges;
  const { account } = admission;
  const { runsPerHour, runsPerMonth } = plans[account.plan];
  const entries = charges.map(({ admission: { credits }, runId, at }): LedgerEntry => {
    return { at, kind: 'reserve', amount: -credits, runId };
  });
  return {
    Update: {
      TableName,
      Key: keys.account(account.userId),
      UpdateExpression:
        'SET balance = balance - :credits, reserved = reserved + :credits, hour_runs = hour_runs + :runs, month_runs = month_runs + :runs, version = version + :runs, recent = list_append(recent, :entries)',
      ConditionExpression:
        'balance >= :credits AND #plan = :plan AND #hour = :hour AND #month = :month AND hour_runs <= :hour_room AND month_runs <= :month_room AND attribute_not_exists(suspended)',
      ExpressionAttributeNames: { '#plan': 'plan', '#hour': 'hour', '#month': 'month' },
      ExpressionAttributeValues: {
        ':credits': charges.reduce((sum, { admission: { credits } }) => sum + credits, 0),
        ':runs': charges.length,
        ':entries': entries.filter(({ amount }) => amount !== 0).map(storeEntry),
        ':plan': account.plan,
        ':hour': account.hour,
        ':month': account.month,
        ':hour_room': runsPerHour - charges.length,
        ':month_room': runsPerMonth - charges.length,
      },
    },
  };
}

/**
 * The change of the account that goes with a further reservation of a run. Its condition fails when
 * the credits are not there any more.
 */
export function takeFurtherCredits(
  TableName: string,
  { account, credits }: Admission,
  runId: string,
  at: number,
): Write {
  const entry: LedgerEntry = { at, kind: 'reserve', amount: -credits, runId };
  return {
    Update: {
      TableName,
      Key: keys.account(account.userId),
      UpdateExpression:
        'SET balance = balance - :credits, reserved = reserved + :credits, version = version + :one, recent = list_append(recent, :entries)',
      ConditionExpression: 'balance >= :credits',
      ExpressionAttributeValues: {
        ':credits': credits,
        ':one': 1,
        ':entries': [storeEntry(entry)],
      },
    },
  };
}

/** What is given back when a run ends. */
export type Refund = {
  readonly amount: number;
  /** All that the run had reserved; it is not held any more. */
  readonly reserved: number;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** The change of the account that gives back what a run reserved and did not use. */
export function refundCredits(
  TableName: string,
  { userId, runId }: RunRef,
  { amount, reserved, at }: Refund,
): Write {
  const entry: LedgerEntry = { at, kind: 'refund', amount, runId };
  return {
    Update: {
      TableName,
      Key: keys.account(userId),
      UpdateExpression:
        'SET balance = balance + :amount, reserved = reserved - :reserved, version = version + :one, recent = list_append(recent, :entries)',
      // An account that was deleted gets nothing back.
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: {
        ':amount': amount,
        ':reserved': reserved,
        ':one': 1,
        ':entries': amount === 0 ? [] : [storeEntry(entry)],
      },
    },
  };
}
