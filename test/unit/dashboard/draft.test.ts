import { describe, expect, it } from 'vitest';
import { bodyOf, draftFromJson } from '#dashboard/app/pages/editor/draft.ts';

describe('an agent that is written as JSON', () => {
  it('becomes the draft, and the same JSON again, steps within steps included', () => {
    const inner = { id: 'in', type: 'delay', config: { seconds: 1 }, on_error: 'continue' };
    const agent = {
      name: 'Nested',
      description: '',
      enabled: false,
      trigger_config: { type: 'manual' },
      actions: [
        {
          id: 'fork',
          type: 'branch',
          name: 'Fork',
          config: { branches: [{ when: {}, actions: [inner] }], otherwise: [inner] },
        },
        { id: 'each', type: 'for_each', config: { items: [1], actions: [inner] } },
      ],
      settings: { catch_up: 'none' },
    };
    expect(bodyOf(draftFromJson(JSON.stringify(agent)))).toEqual(agent);
  });

  it.each([
    [5, 'Give a JSON object.'],
    [[], 'actions must be a list.'],
    [{ name: 5, actions: [] }, 'name must be a text.'],
    [{ trigger_config: 'x', actions: [] }, 'trigger_config must be an object.'],
    [{ actions: [null] }, 'actions[0] must be an object.'],
    [{ actions: [{ config: 'oops' }] }, 'actions[0].config must be an object.'],
    [{ actions: [{ name: {} }] }, 'actions[0].name must be a text.'],
    [{ actions: [{ config: { branches: 'no' } }] }, 'actions[0].config.branches must be a list.'],
    [
      { actions: [{ config: { branches: [{ actions: [1] }] } }] },
      'actions[0].config.branches[0].actions[0] must be an object.',
    ],
    [{ actions: [{ config: { actions: 'x' } }] }, 'actions[0].config.actions must be a list.'],
  ])('says what is wrong with %j', (value, message) => {
    expect(() => draftFromJson(JSON.stringify(value))).toThrow(message);
  });
});
