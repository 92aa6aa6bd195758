import { describe, expect, it } from 'vitest';
import {
  alreadyDecided,
  approvalOfRun,
  decisionWords,
  waitingFor,
} from '#core/approvals/approval-inbox';
import {
  decideApproval,
  settledDecision,
  tendApproval,
  type Verdict,
  withdrawApprovals,
} from '#core/approvals/decide-approval';
import { type ApprovalRequest, openApproval, tokenDigest } from '#core/approvals/open-approval';
import { ActionRejectedError } from '#core/errors';
import type { Mail } from '#core/mail/mail';
import type { RunRef, RunStatus } from '#core/runs/run';
import { memoryApprovals } from '#test/helpers/memory-approvals';
import { handClock, inlinePayloads, memoryRuns, queuedRun } from '#test/helpers/memory-ports';

const HOUR = 3_600_000;
const OWNER = { kind: 'owner', userId: 'alice' } as const;
const ADA = { kind: 'named', email: 'ada@example.com' } as const;
const ref = { userId: 'alice', runId: 'run_1', stepPath: '1' };
const yes: Verdict = { outcome: 'approved', by: OWNER, via: 'api' };
const no: Verdict = { outcome: 'rejected', by: ADA, via: 'link', comment: 'Not today.' };

function world(status: RunStatus = 'waiting_approval') {
  const clock = handClock();
  const { store, due } = memoryApprovals();
  const sent: Mail[] = [];
  const woken: string[] = [];
  const faults = { mail: undefined as Error | undefined, wake: undefined as Error | undefined };
  let minted = 0;
  const runs = memoryRuns([queuedRun({ status })]).store;
  const deps = {
    approvals: store,
    payloads: inlinePayloads,
    runs: {
      find: async (one: RunRef) => (one.userId === 'alice' ? runs.find(one) : undefined),
    },
    profiles: {
      emailOf: async (userId: string) => (userId === 'alice' ? 'alice@example.com' : undefined),
    },
    mail: {
      async send(mail: Mail) {
        // Whoever is told must find it: everything is stored by now.
        const token = /approve#(\S+)/.exec(mail.text)?.[1] ?? '';
        expect(await store.findDoor(tokenDigest(token))).toBeDefined();
        if (faults.mail) throw faults.mail;
        sent.push(mail);
        return { messageId: `m${sent.length}` };
      },
    },
    workflow: {
      async wake(taskToken: string) {
        expect((await store.find(ref))?.decision, 'decided before it is told').toBeDefined();
        if (faults.wake) throw faults.wake;
        woken.push(taskToken);
      },
    },
    randomBytes(count: number) {
      minted += 1;
      return new Uint8Array(count).fill(minted);
    },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    publicUrl: 'https://agents.example.com',
  };
  const request: ApprovalRequest = {
    run: { userId: 'alice', runId: 'run_1' },
    agentId: 'agt_1',
    agentName: 'Invoices',
    stepPath: '1',
    stepId: 'ask',
    content: { message: 'Pay <b>100 €</b>?', preview: [] },
    contentHash: 'hash',
    approvers: [],
    expiresAt: clock.now() + HOUR,
    onTimeout: 'reject',
    taskToken: 'task-1',
  };
  return { deps, clock, due, sent, woken, faults, request };
}

describe('openApproval', () => {
  it.each(['cancelled', 'failed'] as const)(
    'asks nobody about a run that is %s meanwhile',
    async (status) => {
      const { deps, request, sent } = world(status);

      await openApproval(request, deps);

      expect(sent).toEqual([]);
      expect(await deps.approvals.find(ref)).toMatchObject({ decision: { outcome: 'withdrawn' } });
      const reader = { userId: 'alice' };
      expect((await waitingFor(reader, { limit: 10, after: undefined }, deps)).items).toEqual([]);
    },
  );

  it('mails the owner one link whose token is stored only as a digest', async () => {
    const { deps, request, sent } = world();

    const opened = await openApproval(request, deps);

    expect(opened).toEqual({ notices: [{ to: 'alice@example.com' }] });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.to).toEqual(['alice@example.com']);
    const token = /https:\/\/agents\.example\.com\/approve#([\w-]{43})\b/.exec(sent[0]?.text ?? '');
    expect(await deps.approvals.findDoor(tokenDigest(token?.[1] ?? ''))).toMatchObject({
      approver: OWNER,
      ref,
    });
    expect(JSON.stringify(sent)).not.toContain('task-1');
  });

  it('shows text as text in the e-mail', async () => {
    const { deps, request, sent } = world();
    await openApproval(request, deps);
    expect(sent[0]?.html).toContain('Pay &lt;b&gt;100 €&lt;/b&gt;?');
  });

  it('gives each named approver a token of their own, and the owner none', async () => {
    const { deps, request, sent } = world();
    const approvers = ['Ada@Example.com', 'ada@example.com', 'bob@example.com'];

    await openApproval({ ...request, approvers }, deps);

    expect(sent.map(({ to }) => to)).toEqual([['ada@example.com'], ['bob@example.com']]);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(2);
    expect((await deps.approvals.inbox(OWNER, { limit: 9, after: undefined })).items).toEqual([]);
  });

  it('waits in the inbox when the e-mail cannot be sent', async () => {
    const { deps, request, faults } = world();
    faults.mail = new ActionRejectedError('E-mail is not set up.');

    const opened = await openApproval(request, deps);

    expect(opened.notices).toEqual([{ to: 'alice@example.com', problem: 'E-mail is not set up.' }]);
    const page = { limit: 25, after: undefined };
    expect((await waitingFor({ userId: 'alice' }, page, deps)).items).toHaveLength(1);
  });

  it('wakes the workflow at once when it asks again after the decision', async () => {
    const { deps, request, woken } = world();
    await openApproval(request, deps);
    await decideApproval(ref, yes, deps);

    const again = await openApproval({ ...request, taskToken: 'task-2' }, deps);

    expect(again.decision?.outcome).toBe('approved');
    expect(woken).toEqual(['task-1', 'task-2']);
  });
});

describe('decideApproval', () => {
  it('tells the workflow once, and keeps who, when, how and the comment', async () => {
    const { deps, request, woken, due } = world();
    await openApproval(request, deps);

    expect((await decideApproval(ref, no, deps)).outcome).toBe('decided');

    expect(woken).toEqual(['task-1']);
    expect(due(ref)).toBeUndefined();
    expect((await deps.approvals.find(ref))?.decision).toEqual({
      ...no,
      at: '2026-11-22T09:00:00.000Z',
    });
  });

  it('lets the first decision win', async () => {
    const { deps, request, woken } = world();
    await openApproval(request, deps);
    await decideApproval(ref, no, deps);

    const second = await decideApproval(ref, yes, deps);

    expect(second).toMatchObject({ outcome: 'already', approval: { decision: no } });
    const decision = second.outcome === 'already' && second.approval.decision;
    expect(decision && alreadyDecided(decision)).toMatchObject({
      code: 'conflict',
      message: 'It was rejected by ada@example.com at 2026-11-22 09:00 UTC. Nothing was changed.',
    });
    expect(woken).toEqual(['task-1']);
  });

  it('counts a time-out that is due as the decision, although nobody has written it yet', async () => {
    const { deps, request, clock } = world();
    await openApproval({ ...request, onTimeout: 'reject' }, deps);
    clock.advance(HOUR);

    const late = await decideApproval(ref, yes, deps);

    expect(late.outcome).toBe('already');
    const { decision } = (await deps.approvals.find(ref)) ?? {};
    expect(decision).toMatchObject({ outcome: 'rejected', via: 'timeout', by: { kind: 'nobody' } });
    expect(decision && decisionWords(decision)).toBe(
      'Nobody decided in time: it counted as rejected at 2026-11-22 10:00 UTC.',
    );
  });

  it('is repaired by the sweeper when the workflow could not be told', async () => {
    const { deps, request, clock, faults, woken, due } = world();
    await openApproval(request, deps);
    faults.wake = new Error('no connection');
    expect((await decideApproval(ref, yes, deps)).outcome).toBe('decided');
    expect(woken).toEqual([]);
    expect(due(ref)).toBe(new Date(clock.now() + 30_000).toISOString());

    faults.wake = undefined;
    await tendApproval(ref, deps);
    await tendApproval(ref, deps);

    expect(woken).toEqual(['task-1']);
  });
});

describe('the end of the time', () => {
  it.each([
    { onTimeout: 'reject', outcome: 'rejected' },
    { onTimeout: 'approve', outcome: 'approved' },
  ] as const)('is a decision: $onTimeout', async ({ onTimeout, outcome }) => {
    const { deps, request, clock, woken } = world();
    await openApproval({ ...request, onTimeout }, deps);
    await tendApproval(ref, deps);
    expect(woken).toEqual([]);
    clock.advance(HOUR);

    await tendApproval(ref, deps);

    expect(woken).toEqual(['task-1']);
    expect(await settledDecision(ref, deps)).toMatchObject({ outcome, via: 'timeout' });
  });

  it('is written by the workflow itself when that notices first', async () => {
    const { deps, request, clock, woken } = world();
    await openApproval(request, deps);
    expect(await settledDecision(ref, deps)).toBeUndefined();
    clock.advance(HOUR);

    expect(await settledDecision(ref, deps)).toMatchObject({ outcome: 'rejected' });
    await tendApproval(ref, deps);

    expect(woken, 'it knows').toEqual([]);
  });
});

describe('withdrawApprovals', () => {
  it('closes what an ended run asks for', async () => {
    const { deps, request } = world();
    await openApproval(request, deps);

    await withdrawApprovals(ref, deps);

    expect(await decideApproval(ref, yes, deps)).toMatchObject({
      outcome: 'already',
      approval: { decision: { outcome: 'withdrawn', via: 'run_ended' } },
    });
  });

  it('leaves a decision as it is', async () => {
    const { deps, request } = world();
    await openApproval(request, deps);
    await decideApproval(ref, yes, deps);
    await withdrawApprovals(ref, deps);
    expect((await settledDecision(ref, deps))?.outcome).toBe('approved');
  });
});

describe('approvalOfRun', () => {
  it('is for the owner, unless others were named', async () => {
    const { deps, request } = world();
    await openApproval(request, deps);
    expect((await approvalOfRun({ userId: 'alice' }, 'run_1', deps)).approver).toEqual(OWNER);
    await expect(approvalOfRun({ userId: 'bob' }, 'run_1', deps)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is for whoever was named, by their verified address only', async () => {
    const { deps, request } = world();
    await openApproval({ ...request, approvers: [ADA.email] }, deps);

    const asAda = await approvalOfRun({ userId: 'u2', email: ADA.email }, 'run_1', deps);

    expect(asAda.approver).toEqual(ADA);
    await expect(approvalOfRun({ userId: 'alice' }, 'run_1', deps)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Only ada@example.com may decide this.',
    });
    const eve = { userId: 'eve', email: 'eve@example.com' };
    await expect(approvalOfRun(eve, 'run_1', deps)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('asks to come back for a run whose approval is not open yet', async () => {
    const { deps } = world();
    await expect(approvalOfRun({ userId: 'alice' }, 'run_1', deps)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 1,
    });
  });

  it('is a conflict for a run that asks for nothing', async () => {
    const { deps } = world('success');
    await expect(approvalOfRun({ userId: 'alice' }, 'run_1', deps)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('waitingFor', () => {
  it('shows fewer on a page when they show much, and all of them in the end', async () => {
    const { deps, request } = world();
    const content = { message: 'x'.repeat(1_000_000), preview: [] };
    for (const n of [1, 2, 3]) {
      const run = { userId: 'alice', runId: `run_${n}` };
      const runs = { find: async () => queuedRun({ ...run, status: 'waiting_approval' }) };
      await openApproval({ ...request, run, content }, { ...deps, runs });
    }
    const read = (after?: string) => waitingFor({ userId: 'alice' }, { limit: 25, after }, deps);

    const first = await read();
    const second = await read(first.next);

    const ids = [first, second].map(({ items }) => items.map(({ approval }) => approval.runId));
    expect(ids).toEqual([['run_3', 'run_2'], ['run_1']]);
    expect(second.next).toBeUndefined();
  });

  it('lists newest first over both identities, page by page, and nothing that was decided', async () => {
    const { deps, request } = world();
    for (const n of [1, 2, 3, 4, 5]) {
      const approvers = n % 2 === 0 ? [ADA.email] : [];
      const run = { userId: n % 2 === 0 ? 'bob' : 'alice', runId: `run_${n}` };
      const runs = { find: async () => queuedRun({ ...run, status: 'waiting_approval' }) };
      await openApproval({ ...request, run, approvers }, { ...deps, runs });
    }
    await decideApproval({ ...ref, runId: 'run_3' }, yes, {
      ...deps,
      workflow: { wake: async () => {} },
    });
    const reader = { userId: 'alice', email: ADA.email };

    const first = await waitingFor(reader, { limit: 2, after: undefined }, deps);
    const second = await waitingFor(reader, { limit: 2, after: first.next }, deps);

    const ids = [...first.items, ...second.items].map(({ approval }) => approval.runId);
    expect(ids).toEqual(['run_5', 'run_4', 'run_2', 'run_1']);
  });
});
