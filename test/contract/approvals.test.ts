import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalTraces, dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoRuns } from '#adapters/dynamo-runs';
import type { Approval, ApprovalStore, Decision } from '#core/approvals/approval';
import { DUE_SHARDS } from '#core/runs/sweep';
import { memoryApprovals } from '#test/helpers/memory-approvals';
import { openProductTable, type ProductTable } from './product-table.ts';

const OWNER = { kind: 'owner', userId: 'alice' } as const;
const ADA = { kind: 'named', email: 'ada@example.com' } as const;

let opened: ProductTable;
beforeAll(async () => {
  opened = await openProductTable();
});
afterAll(() => opened.close());

let numbers = 0;
/** One more approval, of a run of its own. */
function approval(change: Partial<Approval> = {}): Approval {
  numbers += 1;
  return {
    userId: 'alice',
    runId: `run_${String(numbers).padStart(3, '0')}`,
    stepPath: '1',
    agentId: 'agt_1',
    agentName: 'Invoices',
    stepId: 'ask',
    approvers: [],
    content: { kind: 'inline', json: '{}' },
    contentHash: 'hash',
    onTimeout: 'reject',
    requestedAt: '2026-11-22T09:00:00.000Z',
    expiresAt: '2126-11-22T09:00:00.000Z',
    taskToken: 'task-1',
    ...change,
  };
}

function decision(change: Partial<Decision> = {}): Decision {
  return { outcome: 'approved', by: OWNER, via: 'api', at: '2026-11-22T10:00:00.000Z', ...change };
}

const SOON = '2026-11-22T10:00:30.000Z';
const page = { limit: 100, after: undefined };

describe.each([
  ['in memory', () => memoryApprovals().store],
  ['in the table', () => dynamoApprovals(opened.table, opened.name)],
])('approvals %s', (_, make: () => ApprovalStore) => {
  let store: ApprovalStore;
  beforeAll(() => {
    store = make();
  });

  it('are found by their place, by a token, and among those of their run', async () => {
    const one = approval();
    const door = { approver: OWNER, digest: `digest-${one.runId}` };
    const ref = { userId: 'alice', runId: one.runId, stepPath: '1' };

    expect(await store.open(one, [door])).toEqual(one);

    expect(await store.find(ref)).toEqual(one);
    expect(await store.findDoor(door.digest)).toEqual({ ref, approver: OWNER });
    expect(await store.ofRun(ref)).toEqual([one]);
    expect(await store.find({ ...ref, userId: 'bob' })).toBeUndefined();
    expect(await store.findDoor('digest')).toBeUndefined();
  });

  it('keep what was asked first, and the newest task token', async () => {
    const one = approval();
    await store.open(one, []);

    const again = await store.open({ ...one, agentName: 'Renamed', taskToken: 'task-2' }, []);

    expect(again).toEqual({ ...one, taskToken: 'task-2' });
  });

  it('take exactly one of a hundred decisions made at once', async () => {
    const one = approval();
    await store.open(one, []);
    const made = Array.from({ length: 100 }, (_, n) =>
      decision({ outcome: n % 2 === 0 ? 'approved' : 'rejected' }),
    );

    const outcomes = await Promise.all(made.map((it) => store.decide(one, it, SOON)));

    const won = outcomes.findIndex(({ outcome }) => outcome === 'decided');
    expect(outcomes.filter(({ outcome }) => outcome === 'decided')).toHaveLength(1);
    for (const result of outcomes)
      expect(result).toMatchObject({ approval: { decision: made[won] } });
  });

  it('are missing where there is none, and stay so', async () => {
    const none = approval();
    expect(await store.decide(none, decision(), SOON)).toEqual({ outcome: 'missing' });
    await store.markTold(none, SOON);
    await store.postpone(none, SOON);
    expect(await store.find(none)).toBeUndefined();
  });

  it('say when the workflow was told', async () => {
    const [later, atOnce] = [approval(), approval()];
    for (const one of [later, atOnce]) await store.open(one, []);

    await store.decide(later, decision(), SOON);
    expect(await store.find(later)).not.toHaveProperty('toldAt');
    await store.markTold(later, SOON);
    await store.decide(atOnce, decision(), undefined);

    expect(await store.find(later)).toMatchObject({ toldAt: SOON });
    expect(await store.find(atOnce)).toMatchObject({ toldAt: decision().at });
  });

  it('wait in the inbox of those who decide, newest first, page by page', async () => {
    const email = `inbox-${numbers}@example.com`;
    const approver = { kind: 'named', email } as const;
    const all = Array.from({ length: 5 }, () => approval({ approvers: [email] }));
    for (const one of all) await store.open(one, [{ approver, digest: `d-${one.runId}` }]);
    await store.decide(all[3] as Approval, decision({ by: approver }), SOON);

    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await store.inbox(approver, { limit: 2, after });
      seen.push(...items.map(({ runId }) => runId));
      after = next;
    } while (after !== undefined);

    expect(seen).toEqual([4, 2, 1, 0].map((n) => all[n]?.runId));
    expect((await store.askedFor(approver, all[3]?.runId ?? '')).length, 'decided, too').toBe(1);
    expect(await store.askedFor(approver, 'run_none')).toEqual([]);
    expect((await store.inbox(ADA, page)).items).toEqual([]);
  });
});

describe('approvals in the table', () => {
  const dueRefs = async (before: string) => {
    const runs = dynamoRuns(opened.table, opened.name);
    const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => runs.due(shard, before, page));
    return (await Promise.all(shards)).flatMap(({ items }) => items);
  };

  it('are due at their end, then soon after a decision, then never', async () => {
    const store = dynamoApprovals(opened.table, opened.name);
    const one = approval({ expiresAt: '2025-01-01T00:00:00.000Z', stepPath: '4[17].1' });
    const ref = { kind: 'approval', userId: 'alice', runId: one.runId, stepPath: '4[17].1' };

    await store.open(one, []);
    expect(await dueRefs('2025-01-01T00:00:00.001Z')).toContainEqual(ref);

    await store.decide(one, decision(), SOON);
    expect(await dueRefs('2025-12-31T00:00:00.000Z')).not.toContainEqual(ref);
    expect(await dueRefs(SOON)).toContainEqual(ref);

    await store.markTold(one, SOON);
    expect(await dueRefs('2999-01-01T00:00:00.000Z')).not.toContainEqual(ref);
  });

  it('name everything that leads to them, so that it can be removed', async () => {
    const store = dynamoApprovals(opened.table, opened.name);
    const one = approval({ approvers: ['carol@example.com', ADA.email] });
    const carol = { kind: 'named', email: 'carol@example.com' } as const;
    const doors = [carol, ADA].map((approver) => ({ approver, digest: `gone-${approver.email}` }));
    await store.open(one, doors);
    await store.open({ ...one, taskToken: 'task-2' }, [{ approver: ADA, digest: 'gone-again' }]);

    const traces = await approvalTraces(opened.table, opened.name, one);

    const { Items = [] } = await opened.table.send(new ScanCommand({ TableName: opened.name }));
    const outside = Items.filter((item) => item['run_id'] === one.runId);
    const keyOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
    expect([...new Set(traces.map(keyOf))].toSorted()).toEqual(outside.map(keyOf).toSorted());
    expect(outside).toHaveLength(5);
    for (const item of outside) expect(item['expires_at']).toBeGreaterThan(0);
  });
});
