import { describe, expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import { type ActionStep, CreateAgent } from '#core/agents/agent';
import { checkActions } from '#core/agents/agent-definition';
import { parseEgressAllow } from '#core/egress/egress';
import { RequestError } from '#core/errors';
import { parseRequest } from '#core/field-path';
import { allSteps, needsMachine } from '#core/steps/step-tree';

const rules = { catalog, egress: parseEgressAllow('') };

function check(actions: unknown): ActionStep[] {
  const body = { name: 'A', trigger_config: { type: 'manual' }, actions };
  return checkActions(parseRequest(CreateAgent, body).actions, rules);
}

function problems(actions: unknown): { path: string; message: string }[] {
  try {
    check(actions);
    return [];
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error.details?.['fields'] as { path: string; message: string }[];
  }
}

const http = (id: string | undefined, body: unknown = null, more: object = {}) => ({
  ...(id && { id }),
  type: 'http',
  config: { method: 'POST', url: 'https://api.example.com/', body },
  ...more,
});
const when = { left: '{{trigger.body.n}}', op: 'equals', right: 1 };
const branch = (id: string, actions: unknown[], otherwise?: unknown[]) => ({
  id,
  type: 'branch',
  config: { branches: [{ when, actions }], ...(otherwise && { otherwise }) },
});
const loop = (id: string, actions: unknown[], more: object = {}) => ({
  id,
  type: 'for_each',
  config: { items: '{{trigger.body.list}}', actions, ...more },
});
const approval = { type: 'approval', config: { message: 'Go?' } };
const delay = (config: object) => ({ type: 'delay', config });

/** A branch in a branch, and so on. */
function nested(levels: number): object {
  return levels === 0
    ? http(undefined)
    : { type: 'branch', config: { branches: [{ when, actions: [nested(levels - 1)] }] } };
}

describe('nested actions', () => {
  it('get ids from their places, and the defaults of their schemas', () => {
    const steps = check([
      http(undefined),
      branch('choose', [http(undefined)], [http(undefined)]),
      loop('each', [http(undefined), http('named')]),
    ]);

    expect([...allSteps(steps)].map(({ id }) => id)).toEqual([
      'step_1',
      'choose',
      'step_2_1_1',
      'step_2_otherwise_1',
      'each',
      'step_3_1',
      'named',
    ]);
    expect([...allSteps(steps)].every((step) => step.timeout_seconds === 120)).toBe(true);
    expect(steps[2]?.config).toMatchObject({ concurrency: 1, max_items: 1_000 });
  });

  it('reach what ran before them, also inside of branches', () => {
    expect(
      problems([
        http('a'),
        branch('b', [http('c', '{{steps.a.output}}'), http('d', '{{steps.c.output}}{{steps.0}}')]),
        http('e', '{{steps.b.output.branch}}{{steps.d.output | default: 1}}{{steps.1}}'),
        loop('f', [
          http('g', '{{item}}{{index}}{{steps.e.output}}'),
          branch('h', [http('i', '{{item.x}}{{steps.g.output}}')]),
        ]),
        http('j', '{{steps.f.output.0}}', { when: { left: '{{steps.d.output}}', op: 'exists' } }),
      ]),
    ).toEqual([]);
  });

  it.each([
    [
      'a later step',
      [branch('b', [http('c', '{{steps.d.output}}')]), http('d')],
      'actions[0].config.branches[0].actions[0].config.body',
      'no step runs before',
    ],
    [
      'a step of another branch',
      [branch('b', [http('c')], [http('d', '{{steps.c}}')])],
      'actions[0].config.otherwise[0].config.body',
      'no step',
    ],
    [
      'a step inside a loop',
      [loop('f', [http('g')]), http('h', '{{steps.g.output}}')],
      'actions[1].config.body',
      'There are: f',
    ],
    ['the item outside of a loop', [http('a', '{{item}}')], 'actions[0].config.body', 'item'],
    [
      'the item in the list itself',
      [{ ...loop('f', [http('g')]), config: { items: '{{item}}', actions: [http('g')] } }],
      'actions[0].config.items',
      'item',
    ],
    [
      'a bad address deep inside',
      [loop('f', [{ type: 'http', config: { url: 'http://10.0.0.1/' } }])],
      'actions[0].config.actions[0].config.url',
      '10.0.0.1',
    ],
    [
      'an unknown field deep inside',
      [loop('f', [http('g', null, { retries: 1 })])],
      'actions[0].config.actions[0].retries',
      'no such field',
    ],
    [
      'an unknown type deep inside',
      [branch('b', [{ type: 'fax', config: {} }])],
      'actions[0].config.branches[0].actions[0].type',
      'for_each',
    ],
    [
      'the same id twice',
      [http('a'), loop('f', [http('a')])],
      'actions[1].config.actions[0].id',
      'actions[0]',
    ],
    [
      'a bad condition of a branch',
      [{ type: 'branch', config: { branches: [{ when: { left: 1 }, actions: [http('a')] }] } }],
      'actions[0].config.branches[0].when',
      'op',
    ],
    [
      'a bad condition of a step',
      [http('a', null, { when: { any: [{ left: 1, op: 'like', right: 2 }] } })],
      'actions[0].when.any[0].op',
      'contains',
    ],
    [
      'a condition on a later step',
      [http('a', null, { when: { left: '{{steps.b.output}}', op: 'exists' } }), http('b')],
      'actions[0].when.left',
      'no step runs before',
    ],
    [
      'a broken placeholder in a condition',
      [http('a', null, { when: { left: '{{trigger', op: 'exists' } })],
      'actions[0].when.left',
      '',
    ],
    ['an empty branch', [branch('b', [])], 'actions[0].config.branches[0].actions', 'at least one'],
    [
      'a loop over nothing',
      [{ type: 'for_each', config: { actions: [http('a')] } }],
      'actions[0].config.items',
      '',
    ],
    [
      'too many at once',
      [loop('f', [http('a')], { concurrency: 11 })],
      'actions[0].config.concurrency',
      'at most 10',
    ],
    [
      'an approval in a loop that works on several',
      [loop('f', [branch('b', [approval])], { concurrency: 2 })],
      'actions[0].config.actions[0].config.branches[0].actions[0].type',
      'concurrency to 1',
    ],
    [
      'a required approval there',
      [loop('f', [http('a', 1, { approval_required: true })], { concurrency: 2 })],
      'actions[0].config.actions[0].approval_required',
      'concurrency to 1',
    ],
    [
      'a delay there',
      [loop('f', [delay({ seconds: 1 })], { concurrency: 2 })],
      'actions[0].config.actions[0].type',
      'concurrency to 1',
    ],
    [
      'six levels',
      [nested(6)],
      'actions[0].config.branches[0].actions[0].config.branches[0].actions[0].config.branches[0].actions[0].config.branches[0].actions[0].config.branches[0].actions[0].type',
      '5 levels',
    ],
    [
      '101 actions in all',
      [
        loop(
          'f',
          Array.from({ length: 100 }, () => http(undefined)),
        ),
      ],
      'actions',
      'at most 100',
    ],
    ['neither seconds nor until', [delay({})], 'actions[0].config', 'either seconds or until'],
    [
      'a time that is none',
      [delay({ until: 'tomorrow' })],
      'actions[0].config.until',
      'Give a time',
    ],
    [
      'a bad approver',
      [{ type: 'approval', config: { message: 'Go?', approvers: ['bob'] } }],
      'actions[0].config.approvers[0]',
      'e-mail',
    ],
  ])('refuse %s, naming the place and what to change', (_name, actions, path, message) => {
    const found = problems(actions);
    expect(found.map((one) => one.path)).toContain(path);
    expect(found.map((one) => one.message).join()).toContain(message);
  });

  it.each([
    ['five levels', [nested(5)]],
    [
      '100 actions in all',
      [
        loop(
          'f',
          Array.from({ length: 99 }, () => http(undefined)),
        ),
      ],
    ],
    [
      'waits in a loop that works on one item at a time',
      [loop('f', [approval, delay({ seconds: 1 })])],
    ],
    ['a placeholder for a time', [delay({ until: '{{trigger.body.at}}' })]],
    ['a placeholder for seconds', [delay({ seconds: '{{trigger.body.n}}' })]],
    [
      'a placeholder for an approver',
      [{ type: 'approval', config: { message: 'Go?', approvers: ['{{trigger.body.boss}}'] } }],
    ],
    [
      'a list as it is',
      [{ type: 'for_each', config: { items: [1, '{{trigger.body.n}}'], actions: [http('a')] } }],
    ],
  ])('accept %s', (_name, actions) => {
    expect(problems(actions)).toEqual([]);
  });
});

it.each([
  ['a single action', [http('a')], false],
  ['several', [http('a'), http('b')], true],
  ['a step that takes long', [http('a', null, { timeout_seconds: 121 })], true],
  ['an action that must be approved', [http('a', null, { approval_required: true })], true],
  ['a loop', [loop('f', [http('a')])], true],
])('the state machine carries %s: %s', (_name, actions, expected) => {
  expect(needsMachine(check(actions))).toBe(expected);
});
