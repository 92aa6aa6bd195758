import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Refund, takeFurtherCredits } from '#adapters/dynamo-charges';
import { keys } from '#adapters/dynamo-keys';
import { dynamoLoopItems, itemStates } from '#adapters/dynamo-loop-items';
import { dynamoRunClaim } from '#adapters/dynamo-run-claim';
import { dynamoRunCreation } from '#adapters/dynamo-run-creation';
import { dynamoRunLists } from '#adapters/dynamo-run-lists';
import { dynamoRunLog, expireParts } from '#adapters/dynamo-run-log';
import { dynamoRunReads } from '#adapters/dynamo-run-reads';
import {
  endingChange,
  refusalOf,
  runWrites,
  statesChange,
  waitChange,
} from '#adapters/dynamo-run-writes';
import type { Run } from '#core/runs/run';
import type { RunEnding, RunStore } from '#core/runs/run-store';

/**
 * Runs in the table. One item holds a run's whole state, so that a checkpoint is one conditional
 * write; what is large, and what happens inside of loops, lives beside it.
 */
export function dynamoRuns(table: DynamoDBDocumentClient, tableName: string): RunStore {
  const TableName = tableName;
  const { tryUpdate, asOwner, goingOn, goingOnWith } = runWrites(table, TableName);

  const read = dynamoRunReads(table, TableName);

  /** Changes what the sweeper saw, unless the run has moved since. @returns whether it did */
  async function changeSeen(run: Run, change: Parameters<typeof tryUpdate>[1]): Promise<boolean> {
    const { when, values } = run.claim
      ? {
          when: 'claim_owner = :owner AND beat = :beat',
          values: { ':owner': run.claim.owner, ':beat': run.claim.beat },
        }
      : { when: 'attribute_not_exists(claim_owner)', values: {} };
    const seen = { when: `due_at = :seen AND ${when}`, values: { ':seen': run.dueAt, ...values } };
    return (await tryUpdate(run, change, seen)) === undefined;
  }

  return {
    ...dynamoRunLists(table, TableName),
    ...dynamoRunLog(table, TableName),
    ...dynamoRunCreation(table, TableName),
    ...dynamoLoopItems(table, TableName),
    ...dynamoRunClaim(table, TableName, read),

    find: read,

    async renew(claim, beat) {
      await asOwner(claim, { set: ['beat = :beat'], values: { ':beat': beat } });
    },

    async reserve(claim, admission, itemPath, records, at) {
      const states = statesChange(itemPath === '' ? records : []);
      const inItem = { Update: itemStates(TableName, claim, itemPath, records) };
      const change = {
        set: [
          ...states.set,
          'credits_reserved = credits_reserved + :credits',
          'claims = :zero',
          'faults = :zero',
        ],
        names: states.names,
        values: { ...states.values, ':credits': admission.credits, ':zero': 0 },
      };
      const charge = takeFurtherCredits(TableName, admission, claim.runId, at);
      const others = [charge, ...(itemPath === '' ? [] : [inItem])];
      const isWritten = await goingOnWith(claim, change, others);
      return { outcome: isWritten ? 'reserved' : 'outdated' };
    },

    async checkpoint(claim, records) {
      const states = statesChange(records);
      await goingOn(claim, {
        set: [...states.set, 'claims = :zero', 'faults = :zero'],
        names: states.names,
        values: { ...states.values, ':zero': 0 },
      });
    },

    async finish(claim, ending) {
      if (ending.scattered) await expireParts(table, TableName, claim, ending.expiresAt);
      const { refund } = ending.credits;
      const write = ending.status === 'cancelled' ? asOwner : goingOn;
      // What was used to the last credit needs no write of the account: see `settledOf`.
      await write(claim, endingChange(ending), refund > 0 ? refundOf(ending) : undefined);
    },

    async close(run, ending) {
      if (ending.scattered) await expireParts(table, TableName, run, ending.expiresAt);
      // A run that was taken up and left again meanwhile has another epoch; one that is over, no due time.
      const owned = run.claim ? 'claim_owner = :owner' : 'attribute_not_exists(claim_owner)';
      const seen = {
        when: `epoch = :epoch AND ${owned} AND attribute_exists(due_at) AND credits_reserved = :reserved`,
        values: {
          ':epoch': run.epoch,
          ':reserved': run.creditsReserved,
          ...(run.claim && { ':owner': run.claim.owner }),
        },
      };
      // It may have no slot that would note what it settles; one that it has must not note it again.
      const refund = run.creditsReserved > 0 ? refundOf(ending) : undefined;
      const change = endingChange(ending);
      const settling = {
        ...change,
        set: [...change.set, 'settled = :settled'],
        values: { ...change.values, ':settled': true },
      };
      return (await tryUpdate(run, settling, seen, refund)) === undefined;
    },

    async requestCancel(run, at) {
      const change = { set: ['cancel_requested_at = :at'], values: { ':at': at } };
      const worked = { when: 'attribute_exists(claim_owner)', values: {} };
      return (await tryUpdate(run, change, worked)) === undefined;
    },

    async check(claim) {
      const found = await table.send(
        new GetCommand({
          TableName,
          Key: keys.run(claim),
          ConsistentRead: true,
          ProjectionExpression: 'claim_owner, epoch, cancel_requested_at',
        }),
      );
      const { claim_owner: owner, epoch, cancel_requested_at: askedAt } = found.Item ?? {};
      const isOurs = owner === claim.owner && epoch === claim.epoch;
      if (!isOurs || askedAt !== undefined) throw refusalOf(isOurs);
    },

    async markReplayed(ref, by) {
      const change = { set: ['replayed_by = :by'], values: { ':by': by } };
      await tryUpdate(ref, change, { when: 'attribute_exists(pk)', values: {} });
    },

    async release(claim, { workedMs, waitingFor, dueAt, records, isFault = false }) {
      const states = statesChange(records);
      const wait = waitingFor && waitChange(waitingFor);
      const change = {
        set: [
          // Given back on purpose: this claim does not count as one that killed its worker.
          'claims = :zero',
          ...(isFault ? ['faults = faults + :one'] : []),
          'worked_ms = :worked',
          ...states.set,
          ...(wait ? ['#status = :waiting', 'waits = waits + :one', ...wait.set] : []),
          ...(dueAt === undefined ? [] : ['due_at = :due']),
        ],
        remove: ['claim_owner'],
        names: { ...states.names, ...(wait && { '#status': 'status' }) },
        values: {
          ':zero': 0,
          ...((isFault || wait) && { ':one': 1 }),
          ':worked': workedMs,
          ...states.values,
          ...(dueAt !== undefined && { ':due': dueAt }),
          ...wait?.values,
        },
      };
      // A worker that gives up after a fault does not care whether the run is to be cancelled.
      await (isFault ? asOwner : goingOn)(claim, change);
    },

    async park(run, waitingFor) {
      const wait = waitChange(waitingFor);
      const change = {
        set: ['#status = :waiting', ...wait.set],
        names: { '#status': 'status' },
        values: wait.values,
      };
      const untouched = {
        when: 'attribute_not_exists(claim_owner) AND epoch = :epoch AND #status = :queued',
        values: { ':epoch': run.epoch, ':queued': 'queued' },
      };
      await tryUpdate(run, change, untouched);
    },

    async watch(run, dueAt) {
      const watched = run.claim && { epoch: run.claim.epoch, beat: run.claim.beat };
      return changeSeen(run, {
        set: ['due_at = :due', 'watched = :watched'],
        values: { ':due': dueAt, ':watched': watched ?? null },
      });
    },

    async breakClaim(run, dueAt, isCounted) {
      return changeSeen(run, {
        set: ['due_at = :due', ...(isCounted ? [] : ['claims = :claims'])],
        remove: ['claim_owner', 'watched'],
        values: { ':due': dueAt, ...(!isCounted && { ':claims': Math.max(0, run.claims - 1) }) },
      });
    },
  };
}

function refundOf({ credits, finishedAt }: RunEnding): Refund {
  const { charged, refund } = credits;
  return { amount: refund, reserved: charged + refund, at: Date.parse(finishedAt) };
}
