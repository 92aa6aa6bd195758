import { storeEntry } from '#adapters/dynamo-account-item';
import { keys } from '#adapters/dynamo-keys';
import type { Write } from '#adapters/dynamo-transaction';
import type { Admission } from '#core/limits/admission';
import type { LedgerEntry } from '#core/limits/credits';
import { plans } from '#core/limits/plans';
import type { RunRef } from '#core/runs/run';

/**
 * The change of the account that goes with a new run. Its condition fails when the run may not fit
 * any more: credits or quota are used up, an hour or a month has begun, the plan is another one.
 */
export function takeCredits(
  TableName: string,
  { account, credits }: Admission,
  runId: string,
  at: number,
): Write {
  const { runsPerHour, runsPerMonth } = plans[account.plan];
  const entry: LedgerEntry = { at, kind: 'reserve', amount: -credits, runId };
  return {
    Update: {
      TableName,
      Key: keys.account(account.userId),
      UpdateExpression:
        'SET balance = balance - :credits, reserved = reserved + :credits, hour_runs = hour_runs + :one, month_runs = month_runs + :one, version = version + :one, recent = list_append(recent, :entries)',
      ConditionExpression:
        'balance >= :credits AND #plan = :plan AND #hour = :hour AND #month = :month AND hour_runs < :per_hour AND month_runs < :per_month AND attribute_not_exists(suspended)',
      ExpressionAttributeNames: { '#plan': 'plan', '#hour': 'hour', '#month': 'month' },
      ExpressionAttributeValues: {
        ':credits': credits,
        ':one': 1,
        ':entries': credits === 0 ? [] : [storeEntry(entry)],
        ':plan': account.plan,
        ':hour': account.hour,
        ':month': account.month,
        ':per_hour': runsPerHour,
        ':per_month': runsPerMonth,
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
