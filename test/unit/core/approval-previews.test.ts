import { describe, expect, it } from 'vitest';
import type { ActionStep } from '#core/agents/agent';
import type { Approval, ApprovalContent } from '#core/approvals/approval';
import { decideApproval } from '#core/approvals/decide-approval';
import { carriedRun } from '#test/helpers/carried-run';
import { versionOf } from '#test/helpers/memory-ports';

const defaults = { timeout_seconds: 120, on_error: 'fail' as const };
const control = (id: string, type: string, config: object) =>
  ({ ...defaults, id, type, config }) as ActionStep;
const echo = (id: string, value: unknown) => control(id, 'echo', { value });
const approval = control('ask', 'approval', { message: 'Go on?' });
const loop = (items: unknown, actions: ActionStep[]) =>
  control('each', 'for_each', { items, actions, concurrency: 1, max_items: 1_000 });

type Answer = { readonly outcome: 'approved' | 'rejected'; readonly comment?: string };

/** Carries a run to its end and decides whatever it asks. */
async function approveAll(
  actions: ActionStep[],
  trigger: unknown,
  answer: Answer = { outcome: 'approved' },
) {
  const json = JSON.stringify({ body: trigger });
  const run = carriedRun({ ...versionOf([]), actions }, { trigger: { kind: 'inline', json } });
  const asked: { path: string; preview: ApprovalContent['preview'] }[] = [];
  const by = { kind: 'owner', userId: 'alice' } as const;
  for (let turn = 0; turn < 50; turn += 1) {
    const directive = await run.carryOn();
    if (directive.next === 'done') {
      const values = run.seen.map(({ config }) => (config as { value: unknown }).value);
      return { asked, values, status: run.runs.get('run_1').status };
    }
    if (directive.next !== 'await') continue;
    await run.ask();
    const all = await run.approvals.store.ofRun({ userId: 'alice', runId: 'run_1' });
    const open = all.find(({ decision }) => decision === undefined) as Approval;
    const content = open.content.kind === 'inline' ? JSON.parse(open.content.json) : undefined;
    asked.push({ path: open.stepPath, preview: content.preview });
    await decideApproval(open, { ...answer, by, via: 'api' }, run.deps);
  }
  throw new Error('it goes on for ever');
}

describe('an approval before a loop', () => {
  it('shows what the loop does, and is asked again for each item once it is known', async () => {
    const actions = [approval, loop('{{trigger.body}}', [echo('send', 'to {{item}}')])];

    const { asked, values, status } = await approveAll(actions, ['ada', 'bob']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0.approval', '1[1].0.approval']);
    expect(asked.map(({ preview }) => preview[0])).toMatchObject([
      { stepPath: '1[*].0', isResolved: false, config: { value: 'to {{item}}' } },
      { stepPath: '1[0].0', isResolved: true, config: { value: 'to ada' } },
      { stepPath: '1[1].0', isResolved: true, config: { value: 'to bob' } },
    ]);
    expect([values, status]).toEqual([['to ada', 'to bob'], 'success']);
  });

  it('shows the step behind the loop when there are no items', async () => {
    const each = loop('{{trigger.body}}', [echo('send', 'to {{item}}')]);

    const { asked, values } = await approveAll([approval, each, echo('last', 'bye')], []);

    expect(asked.map(({ path }) => path)).toEqual(['0']);
    expect(asked[0]?.preview).toMatchObject([
      { stepPath: '2', isResolved: true, config: { value: 'bye' } },
    ]);
    expect(values).toEqual(['bye']);
  });

  it('is asked again about the step behind the loop when no item does anything', async () => {
    const isAda = { left: '{{item}}', op: 'equals' as const, right: 'ada' };
    const each = loop('{{trigger.body}}', [{ ...echo('greet', 'hello'), when: isAda }]);

    const { asked, values } = await approveAll([approval, each, echo('last', 'bye')], ['eve']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '2.approval']);
    expect(asked[0]?.preview.map(({ stepPath }) => stepPath)).toEqual(['1[*].0', '2']);
    expect(asked[1]?.preview).toMatchObject([{ isResolved: true, config: { value: 'bye' } }]);
    expect(values).toEqual(['bye']);
  });

  it('leaves it to the approval that the loop begins with', async () => {
    const inside = control('each_ask', 'approval', { message: 'Send to {{item}}?' });
    const actions = [approval, loop('{{trigger.body}}', [inside, echo('send', '{{item}}')])];

    const { asked, values } = await approveAll(actions, ['ada']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0']);
    expect(asked[0]?.preview).toEqual([]);
    expect(asked[1]?.preview).toMatchObject([{ stepPath: '1[0].1', isResolved: true }]);
    expect(values).toEqual(['ada']);
  });
});

describe('an approval before a loop in which data decides what comes first', () => {
  const isAda = { left: '{{item}}', op: 'equals', right: 'ada' };
  const each = (actions: ActionStep[]) => loop('{{trigger.body}}', actions);
  const choose = (more: object = {}) =>
    control('choose', 'branch', {
      branches: [{ when: isAda, actions: [echo('greet', 'hello {{item}}')] }],
      ...more,
    });

  it('shows all that may come, and is asked again about the one that comes', async () => {
    const otherwise = [echo('warn', 'who is {{item}}?')];
    const actions = [approval, each([choose({ otherwise }), echo('last', 'bye {{item}}')])];

    const { asked, values } = await approveAll(actions, ['ada', 'eve']);

    expect(asked[0]?.preview.map(({ stepPath, isResolved }) => [stepPath, isResolved])).toEqual([
      ['1[*].0.branches.0.0', false],
      ['1[*].0.otherwise.0', false],
    ]);
    expect(asked.slice(1)).toMatchObject([
      {
        path: '1[0].0.branches.0.0.approval',
        preview: [{ isResolved: true, config: { value: 'hello ada' } }],
      },
      {
        path: '1[1].0.otherwise.0.approval',
        preview: [{ isResolved: true, config: { value: 'who is eve?' } }],
      },
    ]);
    expect(asked).toHaveLength(3);
    expect(values).toEqual(['hello ada', 'bye ada', 'who is eve?', 'bye eve']);
  });

  it('is asked again about the step after the branch only where no branch is taken', async () => {
    const actions = [approval, each([choose(), echo('last', 'bye {{item}}')])];

    const { asked } = await approveAll(actions, ['ada', 'eve']);

    expect(asked.map(({ path }) => path)).toEqual([
      '0',
      '1[0].0.branches.0.0.approval',
      '1[1].1.approval',
    ]);
  });

  it('is asked again about the step behind one whose condition does not hold', async () => {
    const greet = { ...echo('greet', 'hello {{item}}'), when: isAda } as ActionStep;
    const actions = [approval, each([greet, echo('last', 'bye {{item}}')])];

    const { asked, values } = await approveAll(actions, ['ada', 'eve']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0.approval', '1[1].1.approval']);
    expect(values).toEqual(['hello ada', 'bye ada', 'bye eve']);
  });
});

describe('an approval that is the last step of a branch', () => {
  const branch = (actions: ActionStep[]) =>
    control('choose', 'branch', {
      branches: [{ when: { left: '{{trigger.body}}', op: 'exists' }, actions }],
    });

  it('shows the step after the branch, and executes it as it was shown', async () => {
    const { asked, values } = await approveAll(
      [branch([echo('prepare', 1), approval]), echo('after', 'for {{trigger.body}}')],
      'ada',
    );

    expect(asked).toMatchObject([
      {
        path: '0.branches.0.1',
        preview: [{ stepPath: '1', isResolved: true, config: { value: 'for ada' } }],
      },
    ]);
    expect(asked).toHaveLength(1);
    expect(values).toEqual([1, 'for ada']);
  });

  it('is asked again when what follows needs the result of the branch', async () => {
    const { asked, values } = await approveAll(
      [branch([echo('prepare', 1), approval]), echo('after', '{{steps.choose.output.branch}}')],
      'ada',
    );

    expect(asked.map(({ path }) => path)).toEqual(['0.branches.0.1', '1.approval']);
    expect(asked[1]?.preview).toMatchObject([{ isResolved: true, config: { value: 0 } }]);
    expect(values).toEqual([1, 0]);
  });

  it('looks further out when the branch is the last step of another', async () => {
    const { asked } = await approveAll(
      [branch([branch([approval])]), echo('after', '{{trigger.body}}')],
      'ada',
    );

    expect(asked[0]?.preview).toMatchObject([{ stepPath: '1', isResolved: true }]);
  });

  it('shows nothing behind another approval', async () => {
    const { asked } = await approveAll(
      [branch([approval]), control('again', 'approval', { message: 'Sure?' }), echo('after', 1)],
      'ada',
    );

    expect(asked.map(({ preview }) => preview.length)).toEqual([0, 1]);
  });
});

describe('an approval before what its own answer decides', () => {
  const says = (left: string, op: string, right?: unknown) => ({ left, op, right });
  const COMMENT = '{{steps.ask.output.comment | default: "none"}}';
  const isUrgent = says(COMMENT, 'equals', 'urgent');
  const urgent: Answer = { outcome: 'approved', comment: 'urgent' };
  const places = (one?: { preview: ApprovalContent['preview'] }) =>
    one?.preview.map(({ stepPath, isResolved }) => [stepPath, isResolved]);

  it('does not take a comment that is still to come for one that is missing', async () => {
    const { asked, values } = await approveAll([approval, echo('pay', COMMENT)], {}, urgent);

    expect(asked.map((one) => places(one))).toEqual([[['1', false]], [['1', true]]]);
    expect(asked[1]?.preview).toMatchObject([{ config: { value: 'urgent' } }]);
    expect(values).toEqual(['urgent']);
  });

  it('shows every step that may come first, and asks again about the one that does', async () => {
    const maybe = { ...echo('rush', 1), when: isUrgent } as ActionStep;
    const actions = [approval, maybe, echo('pay', 2)];

    const rushed = await approveAll(actions, {}, urgent);
    const plain = await approveAll(actions, {}, { outcome: 'approved' });

    const both = [
      ['1', false],
      ['2', false],
    ];
    expect(rushed.asked.map((one) => places(one))).toEqual([both, [['1', true]]]);
    expect(plain.asked.map((one) => places(one))).toEqual([both, [['2', true]]]);
    expect([rushed.values, plain.values]).toEqual([[1, 2], [2]]);
  });

  it.each([
    says('{{steps.ask.output.comment}}', 'exists'),
    says('{{steps.ask.output.comment}}', 'equals', 'urgent'),
    isUrgent,
    { not: { any: [says(COMMENT, 'not_equals', 'urgent')] } },
  ])('shows both sides of a branch on %j', async (when) => {
    const branches = [{ when, actions: [echo('rush', 1)] }];
    const choose = control('choose', 'branch', { branches, otherwise: [echo('pay', 2)] });

    const { asked, values, status } = await approveAll([approval, choose], {}, urgent);

    expect(places(asked[0])).toEqual([
      ['1.branches.0.0', false],
      ['1.otherwise.0', false],
    ]);
    expect(asked.map(({ path }) => path)).toEqual(['0', '1.branches.0.0.approval']);
    expect([values, status]).toEqual([[1], 'success']);
  });

  it('shows what follows when it is given: the decision itself is foreseen', async () => {
    const branches = [
      {
        when: says('{{steps.ask.output.decision}}', 'equals', 'approved'),
        actions: [echo('pay', '{{steps.ask.output.decision}}')],
      },
    ];
    const choose = control('choose', 'branch', { branches, otherwise: [echo('sorry', 2)] });
    const lenient = { ...approval, on_error: 'continue' as const };

    const approved = await approveAll([lenient, choose], {});
    const rejected = await approveAll([lenient, choose], {}, { outcome: 'rejected' });

    const shown = { stepPath: '1.branches.0.0', isResolved: true, config: { value: 'approved' } };
    expect(approved.asked.map(({ preview }) => preview)).toMatchObject([[shown]]);
    expect([approved.values, rejected.values]).toEqual([['approved'], [2]]);
    expect([approved.status, rejected.status]).toEqual(['success', 'success']);
  });

  it('knows nothing of a delay that is still to end', async () => {
    const wait = control('wait', 'delay', { seconds: 0 });
    const pay = echo('pay', '{{steps.wait.status | default: "none"}}');

    const { asked, values } = await approveAll([approval, wait, pay], {});

    expect(asked.map((one) => places(one))).toEqual([[['2', false]], [['2', true]]]);
    expect(values).toEqual(['success']);
  });

  it('also shows the step behind a loop over a list that is not there yet', async () => {
    const items = '{{steps.ask.output.comment | default: "" | split: ","}}';
    const actions = [approval, loop(items, [echo('send', '{{item}}')]), echo('last', 1)];

    const { asked, values } = await approveAll(actions, {}, { outcome: 'approved' });

    expect(asked[0]?.preview.map(({ stepPath }) => stepPath)).toEqual(['1[*].0', '2']);
    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0.approval', '2.approval']);
    expect(values).toEqual(['', 1]);
  });

  it('looks past another approval whose condition does not hold', async () => {
    const never = control('never', 'approval', { message: 'Never?' });
    const skipped = { ...never, when: says('{{trigger.body}}', 'equals', 'x') } as ActionStep;

    const { asked, values } = await approveAll([approval, skipped, echo('pay', 1)], 'y');

    expect(asked.map((one) => places(one))).toEqual([[['2', true]]]);
    expect(values).toEqual([1]);
  });

  it('knows that a branch beside its own is not taken', async () => {
    const branches = [{ when: says('{{trigger.body}}', 'exists'), actions: [approval] }];
    const choose = control('choose', 'branch', { branches, otherwise: [echo('other', 1)] });
    const pay = echo('pay', '{{steps.other.output | default: "none"}}');

    const { asked, values } = await approveAll([choose, pay], 'y');

    expect(asked.map((one) => places(one))).toEqual([[['1', true]]]);
    expect(values).toEqual(['none']);
  });
});

describe('an approval that was refused', () => {
  const no: Answer = { outcome: 'rejected' };
  const lenient = { ...approval, on_error: 'continue' as const };

  it.each([
    ['as it was shown', echo('pay', 1)],
    ['shown with placeholders', echo('pay', '{{steps.ask.output.comment}}')],
    ['inside of a loop', loop('{{trigger.body}}', [echo('pay', '{{item}}')])],
  ])(
    'keeps what it showed from being executed, also where the run may go on: %s',
    async (_, pay) => {
      const { values, status, asked } = await approveAll([lenient, pay, echo('last', 2)], [1], no);

      expect([values, status, asked.length]).toEqual([[], 'cancelled', 1]);
    },
  );

  it('lets the run go on to what it did not show', async () => {
    const optional = { ...echo('pay', 1), on_error: 'continue' as const };

    const { values, status } = await approveAll([lenient, optional, echo('last', 2)], {}, no);

    expect([values, status]).toEqual([[2], 'success']);
  });
});
