import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { loadRun } from '#adapters/dynamo-run-item';
import { type Change, runWrites } from '#adapters/dynamo-run-writes';
import { isFinal, type Run, type RunRef } from '#core/runs/run';
import type { ClaimOutcome, RunStore } from '#core/runs/run-store';

/** Whether nobody works on a run, and it has nothing to wait for. */
const FREE =
  'attribute_not_exists(claim_owner) AND #status IN (:queued, :running, :waiting, :awaiting) AND (attribute_not_exists(wait_until) OR wait_until <= :at)';

/** Gives runs to workers. */
export function dynamoRunClaim(
  table: DynamoDBDocumentClient,
  tableName: string,
  read: RunStore['find'],
): Pick<RunStore, 'claim'> {
  const { update } = runWrites(table, tableName);

  /** @returns undefined when only a due time that is too late stood in the way */
  async function attempt(
    ref: RunRef,
    owner: string,
    at: string,
    due: Due,
  ): Promise<ClaimOutcome | undefined> {
    try {
      const claimed = await update(ref, changeFor(owner, at, due), free(due), 'ALL_NEW');
      return claimedBy(owner, loadRun(claimed.Attributes ?? {}));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { Item: item } = error;
      if (item === undefined) return { outcome: 'missing' };
      // The same call was made before and its answer was lost: the claim is ours.
      if (item['claim_owner']?.S === owner) return claimedBy(owner, await read(ref));
      return refusalOf(item, at);
    }
  }

  return {
    async claim(ref, owner, at, lookBy) {
      // A new due time costs writes of the index, and only a run that has waited long needs one.
      // It is part of the claim: a worker may die right after it.
      const usual = await attempt(ref, owner, at, { isBy: lookBy });
      const late = usual ?? (await attempt(ref, owner, at, { becomes: lookBy }));
      return late ?? { outcome: 'held' };
    },
  };
}

/** When the sweeper looks at a run that is claimed. */
type Due =
  /** When it was to be looked at before, which must not be later than this. */
  { readonly isBy: string } | { readonly becomes: string };

function changeFor(owner: string, at: string, due: Due): Change {
  return {
    set: [
      'claim_owner = :owner',
      'beat = :zero',
      'epoch = epoch + :one',
      'claims = claims + :one',
      '#status = :running',
      'started_at = if_not_exists(started_at, :at)',
      ...('becomes' in due ? ['due_at = :due'] : []),
    ],
    remove: ['waiting_for', 'wait_until'],
    names: { '#status': 'status' },
    values: { ':owner': owner, ':zero': 0, ':one': 1, ':running': 'running', ':at': at },
  };
}

function free(due: Due) {
  return {
    when: 'becomes' in due ? FREE : `${FREE} AND due_at <= :due`,
    values: {
      ':queued': 'queued',
      ':waiting': 'waiting',
      ':awaiting': 'waiting_approval',
      ':due': 'becomes' in due ? due.becomes : due.isBy,
    },
  };
}

/** Why a run is given to nobody now; undefined when nothing but its due time says so. */
function refusalOf(item: Record<string, AttributeValue>, at: string): ClaimOutcome | undefined {
  if (isFinal(item['status']?.S as Run['status'])) return { outcome: 'over' };
  const until = item['wait_until']?.S ?? '';
  if (until > at) return { outcome: 'held', until: Date.parse(until) };
  return item['claim_owner'] === undefined ? undefined : { outcome: 'held' };
}

function claimedBy(owner: string, run: Run | undefined): ClaimOutcome {
  if (run?.claim === undefined) return { outcome: 'missing' };
  const { userId, runId } = run;
  return { outcome: 'claimed', run, claim: { userId, runId, owner, epoch: run.claim.epoch } };
}
