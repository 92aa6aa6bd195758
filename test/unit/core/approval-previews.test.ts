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

/** Carries a run to its end and approves whatever it asks. */
async function approveAll(actions: ActionStep[], trigger: unknown) {
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
    await decideApproval(open, { outcome: 'approved', by, via: 'api' }, run.deps);
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
