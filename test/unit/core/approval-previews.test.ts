import { describe, expect, it } from 'vitest';
import type { ActionStep } from '#core/agents/agent';
import type { ApprovalContent } from '#core/approvals/approval';
import { type Answer, approval, approveAll, each } from '#test/helpers/approve-all';
import { control, echo } from '#test/helpers/workflow-world';

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
    const actions = [approval, each(items, [echo('send', '{{item}}')]), echo('last', 1)];

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
    ['inside of a loop', each('{{trigger.body}}', [echo('pay', '{{item}}')])],
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
