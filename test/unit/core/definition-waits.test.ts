import { describe, expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import { CreateAgent } from '#core/agents/agent';
import { checkActions } from '#core/agents/agent-definition';
import { parseEgressAllow } from '#core/egress/egress';
import { RequestError } from '#core/errors';
import { parseRequest } from '#core/field-path';

/** Paths of what is refused in a definition. */
function refused(actions: unknown): string[] {
  const body = { name: 'A', trigger_config: { type: 'manual' }, actions };
  try {
    checkActions(parseRequest(CreateAgent, body).actions, {
      catalog,
      egress: parseEgressAllow(''),
    });
    return [];
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const fields = error.details?.['fields'] as { path: string; message: string }[];
    for (const { message } of fields) expect(message).toMatch(/take 200 days.* may take 360/);
    return fields.map(({ path }) => path);
  }
}

const delay = (days: number | string, more: object = {}) => ({
  type: 'delay',
  config: { seconds: typeof days === 'number' ? days * 86_400 : days },
  ...more,
});
const when = { left: '{{trigger.body.n}}', op: 'equals', right: 1 };
const branch = (actions: unknown[], otherwise?: unknown[]) => ({
  type: 'branch',
  config: { branches: [{ when, actions }], ...(otherwise && { otherwise }) },
});
const loop = (actions: unknown[]) => ({
  type: 'for_each',
  config: { items: '{{trigger.body}}', actions },
});

describe('delays of one run', () => {
  it.each<[string, unknown[], string]>([
    ['one after the other', [delay(200), delay(200)], 'actions[1].config.seconds'],
    [
      'in a branch',
      [delay(200), branch([delay(200)])],
      'actions[1].config.branches[0].actions[0].config.seconds',
    ],
    [
      'in what is done otherwise',
      [delay(200), branch([delay(1)], [delay(161)])],
      'actions[1].config.otherwise[0].config.seconds',
    ],
    ['in a loop', [delay(200), loop([delay(161)])], 'actions[1].config.actions[0].config.seconds'],
    [
      'behind a branch that waits either way',
      [branch([delay(300)], [delay(200)]), delay(161)],
      'actions[1].config.seconds',
    ],
    ['although it may be skipped', [delay(200), delay(161, { when })], 'actions[1].config.seconds'],
  ])('are refused when they can never be waited for: %s', (_, actions, path) => {
    expect(refused(actions)).toEqual([path]);
  });

  it.each<[string, unknown[]]>([
    ['fit', [delay(200), delay(160)]],
    ['may be skipped', [delay(200, { when }), delay(200)]],
    ['exclude each other', [branch([delay(200)], [delay(200)]), delay(160)]],
    ['are in a branch that may not be taken', [branch([delay(200)]), delay(200)]],
    ['are in a loop that may have no items', [loop([delay(200)]), delay(200)]],
    ['are only known later', [delay(200), delay('{{trigger.body.n}}')]],
  ])('are left to the run when they %s', (_, actions) => {
    expect(refused(actions)).toEqual([]);
  });
});
