import { expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import { checkActions } from '#core/agents/agent-definition';
import { parseEgressAllow } from '#core/egress/egress';
import { draftFromJson } from '#dashboard/app/pages/editor/draft.ts';
import { stepsBefore, walk } from '#dashboard/app/pages/editor/step-tree.ts';

/** Steps before, inside and after branches and loops. @param said by id of the step, what its text is */
function actions(said: Readonly<Record<string, string>> = {}) {
  const step = (id: string) => ({
    id,
    type: 'http',
    config: { url: 'https://example.com', query: { text: said[id] ?? '' } },
  });
  const when = { left: '1', op: 'equals' as const, right: '1' };
  return [
    step('first'),
    {
      id: 'fork',
      type: 'branch',
      config: {
        branches: [
          {
            when,
            actions: [
              step('yes'),
              { id: 'inner', type: 'for_each', config: { items: [1], actions: [step('deep')] } },
              step('also'),
            ],
          },
        ],
        otherwise: [step('no')],
      },
    },
    { id: 'each', type: 'for_each', config: { items: [1], actions: [step('one'), step('two')] } },
    step('last'),
  ];
}

const plain = ['first', 'yes', 'deep', 'also', 'no', 'one', 'two', 'last'];

it.each(plain)('offers what the API lets %s name, and nothing else', (at) => {
  const { steps } = draftFromJson(JSON.stringify({ actions: actions() }));
  const all = [...walk(steps)].map(({ step }) => step);
  const key = all.find(({ id }) => id === at)?.key ?? '';

  const taken = all.filter(({ id }) => isTaken(actions({ [at]: `{{steps.${id}.output}}` })));

  expect(stepsBefore(steps, key)?.map(({ id }) => id)).toEqual(taken.map(({ id }) => id));
});

function isTaken(sent: ReturnType<typeof actions>): boolean {
  try {
    checkActions(sent as never, { catalog, egress: parseEgressAllow('') });
    return true;
  } catch {
    return false;
  }
}
