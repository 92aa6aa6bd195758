import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { storeRun } from '#adapters/dynamo-run-item';
import { dynamoRuns } from '#adapters/dynamo-runs';
import type { Run } from '#core/runs/run';
import { DUE_SHARDS } from '#core/runs/sweep';
import { openProductTable } from '#test/contract/product-table';
import { queuedRun } from '#test/helpers/memory-ports';

const opened = await openProductTable();
afterAll(() => opened.close());
const runs = dynamoRuns(opened.table, opened.name);

const AT = '2026-11-22T09:00:30.000Z';
const LOOK_BY = '2026-11-22T09:01:30.000Z';
const NEXT_WEEK = '2026-11-29T09:00:00.000Z';
let count = 0;

/** A run as it is stored. */
async function stored(change: Partial<Run>): Promise<Run> {
  count += 1;
  const run = queuedRun({ runId: `run_${count}`, ...change });
  await opened.table.send(new PutCommand({ TableName: opened.name, Item: storeRun(run) }));
  return run;
}

async function dueBy(before: string): Promise<string[]> {
  const page = { limit: 100, after: undefined };
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => runs.due(shard, before, page));
  const items = (await Promise.all(shards)).flatMap((one) => one.items);
  return items.flatMap((one) => (one.kind === 'run' ? [one.runId] : []));
}

describe('a claim', () => {
  it('of a run that has waited long has it looked at soon, although its worker does nothing more', async () => {
    const run = await stored({ status: 'waiting_approval', dueAt: NEXT_WEEK });
    expect(await dueBy(LOOK_BY)).not.toContain(run.runId);

    const claimed = await runs.claim(run, 'worker', AT, LOOK_BY);

    expect(claimed).toMatchObject({ outcome: 'claimed', run: { dueAt: LOOK_BY, epoch: 1 } });
    expect(await dueBy(LOOK_BY)).toContain(run.runId);
  });

  it('leaves a due time alone that is near, so that it costs no writes of the index', async () => {
    const run = await stored({ dueAt: AT });

    const claimed = await runs.claim(run, 'worker', AT, LOOK_BY);

    expect(claimed).toMatchObject({ outcome: 'claimed', run: { dueAt: AT } });
  });

  it.each([AT, NEXT_WEEK])('is given to one of many who ask at once, due %s', async (dueAt) => {
    const run = await stored({ dueAt });
    const workers = Array.from({ length: 10 }, (_, n) => `worker ${n}`);

    const claims = await Promise.all(workers.map((one) => runs.claim(run, one, AT, LOOK_BY)));

    expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ outcome }) => outcome === 'held')).toHaveLength(9);
  });

  it('is given again to the same worker, whose answer was lost', async () => {
    const run = await stored({ status: 'waiting_approval', dueAt: NEXT_WEEK });
    await runs.claim(run, 'worker', AT, LOOK_BY);

    const again = await runs.claim(run, 'worker', AT, LOOK_BY);

    expect(again).toMatchObject({ outcome: 'claimed', claim: { epoch: 1 } });
  });

  it('is not given before the end of a wait, for a run that is over, or for none', async () => {
    const waitingFor = { kind: 'delay', until: NEXT_WEEK } as const;
    const waiting = await stored({ dueAt: AT });
    const claimed = await runs.claim(waiting, 'first', AT, LOOK_BY);
    if (claimed.outcome !== 'claimed') throw new Error('The run is not free.');
    const pause = { workedMs: 0, records: [], waitingFor, dueAt: NEXT_WEEK };
    await runs.release(claimed.claim, pause);
    const { dueAt: _, ...ended } = queuedRun({ runId: 'run_over', status: 'success' });
    await opened.table.send(new PutCommand({ TableName: opened.name, Item: storeRun(ended) }));
    const none = queuedRun({ runId: 'run_none' });

    const answers = [waiting, ended, none].map((run) => runs.claim(run, 'worker', AT, LOOK_BY));

    expect(await Promise.all(answers)).toEqual([
      { outcome: 'held', until: Date.parse(NEXT_WEEK) },
      { outcome: 'over' },
      { outcome: 'missing' },
    ]);
  });
});

it('runs that are asked for at the same moment are each their own user’s', async () => {
  const mine = await stored({});
  const others = await stored({ userId: 'usr_other' });
  const notMine = { userId: mine.userId, runId: others.runId };
  const none = { userId: mine.userId, runId: 'run_none' };

  const found = await Promise.all([mine, others, notMine, none, mine].map(runs.find));

  expect(found.map((run) => run && [run.userId, run.runId])).toEqual([
    [mine.userId, mine.runId],
    ['usr_other', others.runId],
    undefined,
    undefined,
    [mine.userId, mine.runId],
  ]);
});
