import { describe, expect, it } from 'vitest';
import type { ActionStep } from '#core/agents/agent';
import { ActionUnavailableError } from '#core/errors';
import { approval, approveAll, each } from '#test/helpers/approve-all';
import { versionOf } from '#test/helpers/memory-ports';
import { control, echo } from '#test/helpers/workflow-world';

describe('an approval before a loop', () => {
  it('shows what the loop does, and is asked again for each item once it is known', async () => {
    const actions = [approval, each('{{trigger.body}}', [echo('send', 'to {{item}}')])];

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
    const sends = each('{{trigger.body}}', [echo('send', 'to {{item}}')]);

    const { asked, values } = await approveAll([approval, sends, echo('last', 'bye')], []);

    expect(asked.map(({ path }) => path)).toEqual(['0']);
    expect(asked[0]?.preview).toMatchObject([
      { stepPath: '2', isResolved: true, config: { value: 'bye' } },
    ]);
    expect(values).toEqual(['bye']);
  });

  it('is asked again about the step behind the loop when no item does anything', async () => {
    const isAda = { left: '{{item}}', op: 'equals' as const, right: 'ada' };
    const sends = each('{{trigger.body}}', [{ ...echo('greet', 'hello'), when: isAda }]);

    const { asked, values } = await approveAll([approval, sends, echo('last', 'bye')], ['eve']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '2.approval']);
    expect(asked[0]?.preview.map(({ stepPath }) => stepPath)).toEqual(['1[*].0', '2']);
    expect(asked[1]?.preview).toMatchObject([{ isResolved: true, config: { value: 'bye' } }]);
    expect(values).toEqual(['bye']);
  });

  it('leaves it to the approval that the loop begins with', async () => {
    const inside = control('each_ask', 'approval', { message: 'Send to {{item}}?' });
    const actions = [approval, each('{{trigger.body}}', [inside, echo('send', '{{item}}')])];

    const { asked, values } = await approveAll(actions, ['ada']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0']);
    expect(asked[0]?.preview).toEqual([]);
    expect(asked[1]?.preview).toMatchObject([{ stepPath: '1[0].1', isResolved: true }]);
    expect(values).toEqual(['ada']);
  });
});

describe('an approval before a loop in which data decides what comes first', () => {
  const isAda = { left: '{{item}}', op: 'equals', right: 'ada' };
  const loop = (actions: ActionStep[]) => each('{{trigger.body}}', actions);
  const choose = (more: object = {}) =>
    control('choose', 'branch', {
      branches: [{ when: isAda, actions: [echo('greet', 'hello {{item}}')] }],
      ...more,
    });

  it('shows all that may come, and is asked again about the one that comes', async () => {
    const otherwise = [echo('warn', 'who is {{item}}?')];
    const actions = [approval, loop([choose({ otherwise }), echo('last', 'bye {{item}}')])];

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
    const actions = [approval, loop([choose(), echo('last', 'bye {{item}}')])];

    const { asked } = await approveAll(actions, ['ada', 'eve']);

    expect(asked.map(({ path }) => path)).toEqual([
      '0',
      '1[0].0.branches.0.0.approval',
      '1[1].1.approval',
    ]);
  });

  it('is asked again about the step behind one whose condition does not hold', async () => {
    const greet = { ...echo('greet', 'hello {{item}}'), when: isAda } as ActionStep;
    const actions = [approval, loop([greet, echo('last', 'bye {{item}}')])];

    const { asked, values } = await approveAll(actions, ['ada', 'eve']);

    expect(asked.map(({ path }) => path)).toEqual(['0', '1[0].0.approval', '1[1].1.approval']);
    expect(values).toEqual(['hello ada', 'bye ada', 'bye eve']);
  });
});

describe('an approval that is the last step for an item of a loop', () => {
  const gated = (first: ActionStep, ask = approval) => each('{{trigger.body}}', [first, ask]);

  it('shows what comes for the next item, and after the loop behind the last', async () => {
    const actions = [gated(echo('send', 'to {{item}}')), echo('last', 'bye')];

    const { asked, values, status } = await approveAll(actions, ['ada', 'bob']);

    expect(asked).toMatchObject([
      { path: '0[0].1', preview: [{ stepPath: '0[1].0', config: { value: 'to bob' } }] },
      { path: '0[1].1', preview: [{ stepPath: '1', config: { value: 'bye' } }] },
    ]);
    expect(asked.map(({ preview }) => preview[0])).toMatchObject([
      { comes: 'next_item', isResolved: true },
      { comes: 'after_loop', isResolved: true },
    ]);
    expect([values, status]).toEqual([['to ada', 'to bob', 'bye'], 'success']);
  });

  it('shows what needs the result of the loop with its placeholders, and asks no more', async () => {
    const actions = [gated(echo('send', 1)), echo('last', '{{steps.each.output | length}}')];

    const { asked, values } = await approveAll(actions, ['ada']);

    expect(asked.map(({ preview }) => preview)).toMatchObject([
      [{ comes: 'after_loop', isResolved: false, config: actions[1]?.config }],
    ]);
    expect(values).toEqual([1, 1]);
  });

  it('looks past items for which nothing is done, and shows each action once', async () => {
    const isFlagged = { left: '{{item.flag}}', op: 'is_true' as const };
    const first = { ...echo('send', '{{item.name}}'), when: isFlagged };
    const people = [
      { name: 'ada', flag: true },
      { name: 'bob', flag: false },
      { name: 'eve', flag: true },
    ];

    const ask = { ...approval, when: isFlagged };
    const { asked } = await approveAll([gated(first, ask)], people);

    expect(asked).toMatchObject([
      { path: '0[0].1', preview: [{ stepPath: '0[2].0', config: { value: 'eve' } }] },
      { path: '0[2].1', preview: [] },
    ]);
  });

  it('leaves it to the approval that the next item begins with', async () => {
    const { asked } = await approveAll([each('{{trigger.body}}', [approval])], ['ada', 'bob']);

    expect(asked.map(({ preview }) => preview)).toEqual([[], []]);
  });

  it('has it executed as it was shown, also in another attempt', async () => {
    const retry = { ...versionOf([]).settings.retry, max_attempts: 2 };
    let attempts = 0;
    const { values } = await approveAll(
      [gated(echo('send', 'to {{item}}', { retry }))],
      ['ada', 'bob'],
      { outcome: 'approved' },
      ({ runs, onAct }) =>
        onAct(async () => {
          attempts += 1;
          if (attempts !== 2) return;
          const [asked] = runs.items('run_1').filter(({ path }) => path === '0[0].1');
          const config = { kind: 'inline' as const, json: '{"value":"as it was shown"}' };
          const covers = asked?.covers && { ...asked.covers, config };
          const claim = { userId: 'alice', runId: 'run_1', owner: 'worker-1', epoch: 1 };
          if (asked && covers) await runs.store.saveItem(claim, '0[0]', [{ ...asked, covers }]);
          throw new ActionUnavailableError('busy');
        }),
    );

    expect(values).toEqual(['to ada', 'to bob', 'as it was shown']);
  });

  it('refuses no more than its item', async () => {
    const ask = { ...approval, on_error: 'continue' as const };
    const actions = [gated(echo('send', 'to {{item}}'), ask), echo('last', 'bye')];

    const { values, status } = await approveAll(actions, ['ada', 'bob'], { outcome: 'rejected' });

    expect([values, status]).toEqual([['to ada', 'to bob', 'bye'], 'success']);
  });
});
