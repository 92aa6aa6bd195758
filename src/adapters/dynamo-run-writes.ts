import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { type Refund, refundCredits } from '#adapters/dynamo-charges';
import { keys } from '#adapters/dynamo-keys';
import { storeRecord } from '#adapters/dynamo-run-item';
import { cancellationReasons, transact, type Write } from '#adapters/dynamo-transaction';
import { pack } from '#adapters/packed-text';
import { ClaimLostError, RunCancelledError } from '#core/errors';
import type { Claim, RunRef, StepRecord, WaitingFor } from '#core/runs/run';
import type { RunEnding } from '#core/runs/run-store';

/** Whether a claim still counts. */
const HELD = 'epoch = :epoch AND claim_owner = :owner';

/** Whether nobody has asked to cancel the run. */
const WANTED = 'attribute_not_exists(cancel_requested_at)';

/** A change of a run's own item. */
export type Change = {
  /** Parts of the SET clause. */
  readonly set: readonly string[];
  readonly remove?: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
};

/** When a change may be made. */
type Condition = { readonly when: string; readonly values: Readonly<Record<string, unknown>> };

/** What stood in the way of a write: an item, or that there is none. */
type Refusal = { readonly item: Record<string, AttributeValue> | undefined };

/** Conditional writes of runs' own items. */
export function runWrites(table: DynamoDBDocumentClient, TableName: string) {
  const expression = (ref: RunRef, change: Change, { when, values }: Condition) => {
    const remove = change.remove?.length ? ` REMOVE ${change.remove.join(', ')}` : '';
    const names = change.names ?? {};
    return {
      TableName,
      Key: keys.run(ref),
      UpdateExpression: `SET ${change.set.join(', ')}${remove}`,
      ConditionExpression: when,
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: { ...names } }),
      ExpressionAttributeValues: { ...change.values, ...values },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  };

  /** @throws ConditionalCheckFailedException, with what stood in the way */
  async function update(
    ref: RunRef,
    change: Change,
    condition: Condition,
    ReturnValues: UpdateCommandInput['ReturnValues'] = 'NONE',
  ) {
    return table.send(new UpdateCommand({ ...expression(ref, change, condition), ReturnValues }));
  }

  /** @returns what stood in the way; nothing when it was done */
  async function tryUpdate(
    ref: RunRef,
    change: Change,
    condition: Condition,
    refund?: Refund,
  ): Promise<Refusal | undefined> {
    if (refund !== undefined) {
      return tryRefund(ref, change, condition, refund);
    }
    try {
      await update(ref, change, condition);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { item: error.Item };
    }
  }

  async function tryRefund(
    ref: RunRef,
    change: Change,
    condition: Condition,
    refund: Refund,
  ): Promise<Refusal | undefined> {
    const Update = expression(ref, change, condition);
    try {
      await transact(table, [{ Update }, refundCredits(TableName, ref, refund)]);
      return undefined;
    } catch (error) {
      const [own, account] = cancellationReasons(error);
      if (own?.Code === 'ConditionalCheckFailed') return { item: own.Item };
      // The account was deleted meanwhile: nobody is there to be given anything.
      if (account?.Code === 'ConditionalCheckFailed') return tryUpdate(ref, change, condition);
      throw error;
    }
  }

  /** Writes under a claim, or says that it is lost or no longer wanted. */
  async function writeAs(claim: Claim, change: Change, more: string, refund?: Refund) {
    const refused = await tryUpdate(claim, change, ownedBy(claim, more), refund);
    if (refused !== undefined) throw whyRefused(claim, refused);
  }

  /**
   * Writes under a claim what lets the run go on, together with other items.
   *
   * @returns false, and nothing is written, when the condition of the first of them does not hold
   */
  async function goingOnWith(claim: Claim, change: Change, others: Write[]): Promise<boolean> {
    const Update = expression(claim, change, ownedBy(claim, ` AND ${WANTED}`));
    try {
      await transact(table, [{ Update }, ...others]);
      return true;
    } catch (error) {
      const [own, first] = cancellationReasons(error);
      if (own?.Code === 'ConditionalCheckFailed') throw whyRefused(claim, { item: own.Item });
      if (first?.Code === 'ConditionalCheckFailed') return false;
      throw error;
    }
  }

  return {
    update,
    tryUpdate,
    goingOnWith,
    /** Writes under a claim. */
    asOwner: (claim: Claim, change: Change, refund?: Refund) => writeAs(claim, change, '', refund),
    /** Writes under a claim what lets the run go on: not once somebody has asked to cancel it. */
    goingOn: (claim: Claim, change: Change, refund?: Refund) =>
      writeAs(claim, change, ` AND ${WANTED}`, refund),
  };
}

function ownedBy({ epoch, owner }: Claim, more: string): Condition {
  return { when: `${HELD}${more}`, values: { ':epoch': epoch, ':owner': owner } };
}

/** Somebody else has the run, or it is to go no further. */
function whyRefused(claim: Claim, { item }: Refusal): ClaimLostError | RunCancelledError {
  const { claim_owner: owner, epoch } = item ?? {};
  return refusalOf(owner?.S === claim.owner && epoch?.N === String(claim.epoch));
}

/** Why a run does not go on. */
export function refusalOf(isOurs: boolean): ClaimLostError | RunCancelledError {
  return isOurs
    ? new RunCancelledError('Somebody asked to cancel this run.')
    : new ClaimLostError('Another worker owns this run now.');
}

/** States of steps as parts of a change. */
export function statesChange(records: readonly StepRecord[]) {
  const entries = [...records.entries()];
  return {
    set: entries.map(([index]) => `steps.#step${index} = :step${index}`),
    names: Object.fromEntries(entries.map(([index, { path }]) => [`#step${index}`, path])),
    values: Object.fromEntries(
      entries.map(([index, record]) => [`:step${index}`, storeRecord(record)]),
    ),
  };
}

/** A wait as parts of a change. */
export function waitChange(waitingFor: WaitingFor | 'approval') {
  if (waitingFor === 'approval') return { set: [], values: { ':waiting': 'waiting_approval' } };
  if (waitingFor.kind === 'slot') {
    return {
      set: ['waiting_for = :for'],
      values: { ':waiting': 'waiting', ':for': waitingFor },
    };
  }
  return {
    set: ['waiting_for = :for', 'wait_until = :until'],
    values: { ':waiting': 'waiting', ':for': waitingFor, ':until': waitingFor.until },
  };
}

/** The end of a run: it leaves the due index, and nobody owns it. */
export function endingChange(ending: RunEnding): Change {
  const values = {
    status: ending.status,
    finished_at: ending.finishedAt,
    expires_at: ending.expiresAt,
    credits_charged: ending.credits.charged,
    cost_usd: ending.costUsd === 0 ? undefined : ending.costUsd,
    error: ending.error,
    output_summary: ending.outputSummary,
    log_tail: ending.logTail.length > 0 ? pack(JSON.stringify(ending.logTail)) : undefined,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const states = statesChange(ending.records);
  return {
    set: [...given.map(([name]) => `#${name} = :${name}`), ...states.set],
    remove: ['claim_owner', 'due_shard', 'due_at', 'watched', 'waiting_for', 'wait_until'],
    names: { ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])), ...states.names },
    values: {
      ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
      ...states.values,
    },
  };
}
