import { describe, expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import { CreateAgent } from '#core/agents/agent';
import { checkActions } from '#core/agents/agent-definition';
import { parseEgressAllow } from '#core/egress/egress';
import { RequestError } from '#core/errors';
import { parseRequest } from '#core/field-path';

const rules = { catalog, egress: parseEgressAllow('') };
const step = (config: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'http',
  config,
  ...more,
});
const url = 'https://api.example.com/leads';
const post = { url, method: 'POST' };

function problems(actions: unknown): { path: string; message: string }[] {
  try {
    const body = { name: 'A', trigger_config: { type: 'manual' }, actions };
    checkActions(parseRequest(CreateAgent, body).actions, rules);
    return [];
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error.details?.['fields'] as { path: string; message: string }[];
  }
}

describe('checkActions', () => {
  it('gives each action an id from its place', () => {
    const actions = CreateAgent.shape.actions.parse([step({ url }), step({ url }, { id: 'send' })]);
    expect(checkActions(actions, rules).map(({ id }) => id)).toEqual(['step_1', 'send']);
  });

  it.each([
    ['an unknown type', [step({}, { type: 'fax' })], 'actions[0].type', 'There are: '],
    ['an unknown field', [step({ url, urll: 'x' })], 'actions[0].config.urll', 'no such field'],
    [
      'an unknown field of the action',
      [step({ url }, { retries: 3 })],
      'actions[0].retries',
      'no such field',
    ],
    ['a missing url', [step({})], 'actions[0].config.url', ''],
    ['a wrong method', [step({ url, method: 'FETCH' })], 'actions[0].config.method', ''],
    [
      'a private address',
      [step({ url: 'http://169.254.169.254/' })],
      'actions[0].config.url',
      '169.254.169.254',
    ],
    ['another protocol', [step({ url: 'file:///etc/passwd' })], 'actions[0].config.url', 'http'],
    ['an open placeholder', [step({ url, body: '{{trigger.body' })], 'actions[0].config.body', ''],
    [
      'an unknown root',
      [step({ url, body: { a: '{{env.SECRET}}' } })],
      'actions[0].config.body.a',
      'env',
    ],
    [
      'an unknown filter',
      [step({ url, body: '{{trigger.body | shout}}' })],
      'actions[0].config.body',
      'shout',
    ],
    [
      'a later step',
      [step({ url, body: '{{steps.b.output}}' }), step({ url }, { id: 'b' })],
      'actions[0].config.body',
      'no step runs before',
    ],
    [
      'the same id twice',
      [step({ url }, { id: 'a' }), step({ url }, { id: 'a' })],
      'actions[1].id',
      'must differ',
    ],
    ['a body that GET cannot carry', [step({ url, body: 'x' })], 'actions[0].config.body', 'POST'],
    [
      'a header of the connection',
      [step({ url, headers: { Host: 'x' } })],
      'actions[0].config.headers.Host',
      'remove it',
    ],
    [
      'a type that is nearly right',
      [{ ...step({ url }), type: 'htpp' }],
      'actions[0].type',
      'Did you mean http?',
    ],
    ['no action', [], 'actions', 'at least one'],
    [
      'too many actions',
      Array.from({ length: 101 }, () => step({ url })),
      'actions',
      'at most 100',
    ],
    ['too much of it', [step({ url, body: 'x'.repeat(110_000) })], 'actions', '100 KiB'],
  ])('refuses %s, naming the field and what to change', (_name, actions, path, message) => {
    const found = problems(actions);
    expect(found.map((one) => one.path)).toContain(path);
    expect(found.map((one) => one.message).join()).toContain(message);
  });

  it.each([
    ['a placeholder for a number', [step({ url, expect_status: '{{trigger.body.status}}' })]],
    ['a placeholder for the address', [step({ url: '{{trigger.body.url}}' })]],
    [
      'an earlier step by id and by place',
      [
        step({ url }, { id: 'a' }),
        step({ ...post, body: ['{{steps.a.output}}', '{{steps.0.output.json}}'] }),
      ],
    ],
    ['braces that are no placeholder', [step({ ...post, body: 'a } b { c' })]],
  ])('accepts %s', (_name, actions) => {
    expect(problems(actions)).toEqual([]);
  });
});
