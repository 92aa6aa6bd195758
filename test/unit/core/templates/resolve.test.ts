import { describe, expect, it } from 'vitest';
import { ActionRejectedError } from '#core/errors';
import { resolveTemplates, TemplateError } from '#core/templates/templates';

const scope = {
  trigger: {
    body: { email: 'ann@example.com', count: 3, ok: true, none: null, tags: ['a', { b: 1 }] },
    headers: { 'x-github-event': 'push', 'any key': 'spaced', größe: 'L' },
  },
  steps: { 0: { output: 'first' }, fetch: { output: { status: 200, body: [] } } },
  item: 'text',
  index: 0,
};

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

describe('resolveTemplates', () => {
  it.each<[string, unknown]>([
    ['plain', 'plain'],
    ['', ''],
    ['a } b }} c { d', 'a } b }} c { d'],
    ['{{trigger.body.email}}', 'ann@example.com'],
    ['{{ trigger.body.count }}', 3],
    ['{{\n\ttrigger.body.ok\u00a0}}', true],
    ['{{trigger.body.none}}', null],
    ['{{trigger.body.tags}}', ['a', { b: 1 }]],
    ['{{trigger.body.tags.1.b}}', 1],
    ['{{trigger.body.tags[0]}}', 'a'],
    ['{{ trigger [0] | default: 1 }}', undefined],
    ['{{trigger["headers"][ \'any key\' ]}}', 'spaced'],
    ['{{trigger.headers.x-github-event}}', 'push'],
    ['{{trigger.headers.größe}}', 'L'],
    ['{{steps.0.output}}', 'first'],
    ['{{steps[0].output}}', 'first'],
    ['{{index}}', 0],
    [' {{index}}', ' 0'],
    ['{{item}}{{index}}', 'text0'],
    ['n={{trigger.body.count}} b={{trigger.body.ok}} z={{trigger.body.none}}', 'n=3 b=true z=null'],
    ['z={{trigger.body.none | default: ""}}', 'z='],
    ['t={{trigger.body.tags}}', 't=["a",{"b":1}]'],
    ['{"a":{"b":{{trigger.body.count}}}}', '{"a":{"b":3}}'],
    ['{{ "{{" }} stays }}', '{{ stays }}'],
    ["{{ 'it\\'s \\u00e9\\n\\\\' }}", "it's é\n\\"],
    ['{{ trigger.nope | default: "}} | {{" }}', '}} | {{'],
    ['{{trigger.nope|default:-1.5e2}}', -150],
    ['{{trigger.nope | default : true}}', true],
  ])('turns %j into %j', (template, expected) => {
    if (expected === undefined) {
      expect(() => resolveTemplates(template, scope)).toThrow('cannot stand here');
    } else {
      expect(resolveTemplates(template, scope)).toStrictEqual(expected);
    }
  });

  it('resolves every text of a value and leaves keys and other values alone', () => {
    const value = {
      '{{item}}': ['{{index}}', { deep: 'x{{item}}' }, 5, null, true],
      left: undefined,
    };

    const result = resolveTemplates(value, scope);

    expect(result).toStrictEqual({ '{{item}}': [0, { deep: 'xtext' }, 5, null, true] });
  });

  it('gives copies, so that no step can change what another reads', () => {
    const result = resolveTemplates(['{{trigger.body.tags}}'], scope) as [unknown[]];

    result[0].push('more');

    expect(scope.trigger.body.tags).toHaveLength(2);
  });

  it('never evaluates what a placeholder gave', () => {
    const hostile = { trigger: { body: '{{item}}', part: '{', rest: '{item}}' }, item: 'leaked' };

    expect(resolveTemplates('{{trigger.body}}', hostile)).toBe('{{item}}');
    expect(resolveTemplates('> {{trigger.body}}', hostile)).toBe('> {{item}}');
    expect(resolveTemplates('{{trigger.part}}{{trigger.rest}}', hostile)).toBe('{{item}}');
  });

  it.each([
    [
      '{{steps.fetch.output.id}}',
      '{{steps.fetch.output.id}}: there is no "id" in steps.fetch.output (it has: status, body)',
    ],
    ['{{steps.other.output}}', 'there is no "other" in steps (it has: 0, fetch)'],
    ['{{secrets.key}}', 'there is no "secrets" here (there is: trigger, steps, item, index)'],
    [
      '{{trigger.body.tags.2}}',
      'there is no item 2 in trigger.body.tags (its length is 2, and the first item is 0)',
    ],
    [
      '{{trigger.body.tags.length}}',
      'which is a list: name an item by its number, from 0; for a length use the filter: | length',
    ],
    ['{{trigger.body.tags[01]}}', 'there is no "01" in trigger.body.tags'],
    [
      '{{trigger.body.email.length}}',
      'trigger.body.email is a text, so there is no "length" in it; for a length use the filter: | length',
    ],
    ['{{trigger.body.none.x}}', 'trigger.body.none is null, so there is no "x" in it'],
    [
      '{{ trigger["body"].x }}',
      'there is no "x" in trigger["body"] (it has: email, count, ok, none, tags)',
    ],
    ['{{trigger.body.email | shout}}', 'there is no filter "shout": use default, json,'],
    ['Hi {{trigger.body', 'At column 4: this {{ is never closed: add }}.'],
  ])('says for %s what is missing', (template, message) => {
    const run = () => resolveTemplates(template, scope);

    expect(run).toThrow(TemplateError);
    expect(run).toThrow(message);
    expect(run).not.toThrow('ann@example.com');
  });

  it('names at most ten properties, and cuts long names', () => {
    const body = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`k${at} ${'x'.repeat(99)}`, at]),
    );
    const run = () => resolveTemplates('{{trigger.body.id}}', { trigger: { body } });

    expect(run).toThrow(/ and 2 more\)$/);
    expect(run).not.toThrow('x'.repeat(80));
  });

  it('fails a step without another try', () => {
    expect(() => resolveTemplates('{{nope}}', scope)).toThrow(ActionRejectedError);
  });

  it.each<[string, unknown, string]>([
    ['a function', () => 1, 'not JSON (function)'],
    ['a date', new Date(0), 'not JSON (object)'],
    ['infinity', Number.POSITIVE_INFINITY, 'not JSON (number)'],
    ['a big integer', 1n, 'not JSON (bigint)'],
  ])('refuses %s inside data', (_name, odd, message) => {
    expect(() => resolveTemplates('{{trigger}}', { trigger: { odd } })).toThrow(message);
  });

  it('keeps a key __proto__ as data', () => {
    const trigger = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}');

    const result = resolveTemplates('{{trigger}}', { trigger });

    expect(JSON.stringify(result)).toBe(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}',
    );
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(resolveTemplates('{{trigger.__proto__.polluted}}', { trigger })).toBe(true);
    expect('polluted' in {}).toBe(false);
  });
});

describe('the caps of a resolution', () => {
  it('allows 64 levels and no more, wherever they come from', () => {
    expect(resolveTemplates(nested(64), {})).toStrictEqual(nested(64));
    expect(() => resolveTemplates(nested(65), {})).toThrow('more than 64 levels');
    expect(resolveTemplates({ a: '{{item}}' }, { item: nested(63) })).toStrictEqual({
      a: nested(63),
    });
    expect(() => resolveTemplates({ a: '{{item}}' }, { item: nested(64) })).toThrow(
      '{{item}}: the value is nested more than 64 levels deep',
    );
  });

  it('counts the exact bytes of the result as compact JSON', () => {
    const value = [
      'a"\\\n\u0001é€😀\ud800',
      '{{item}}',
      { 'k"é': null, none: [], empty: {} },
      -1.5,
      true,
    ];
    const item = { key: '\u007f\u0080\u07ff\u0800\udc00' };
    const size = Buffer.byteLength(JSON.stringify([value[0], item, ...value.slice(2)]));

    expect(() => resolveTemplates(value, { item }, size)).not.toThrow();
    expect(() => resolveTemplates(value, { item }, size - 1)).toThrow(
      `larger than ${size - 1} bytes`,
    );
  });

  it.each([
    ['one value', '{{item}}'],
    ['many values in a text', 'x{{item}}'.repeat(3)],
    ['many texts', ['{{item}}', '{{item}}']],
    ['a replacement', '{{item | replace: "a", "aaa" | length}}'],
    ['a join', '{{item | split: "a" | join: "bbb" | length}}'],
    ['an encoding', '{{item | replace: "a", "é" | url_encode | length}}'],
    ['a JSON text', '{{item | replace: "a", "\\n" | json | length}}'],
  ])('stops %s that grows too large', (_name, value) => {
    const run = () =>
      resolveTemplates(value, { item: 'a'.repeat(600) }, 1000 - 400 * Number(value === '{{item}}'));

    expect(run).toThrow(TemplateError);
    expect(run).toThrow(/larger than \d+ bytes/);
  });

  it('stops a resolution that would take seconds', () => {
    const texts = Array.from({ length: 5000 }, () => '{{item | length}}');

    expect(() => resolveTemplates(texts, { item: 'a'.repeat(1_000_000) })).toThrow('too much work');
  });

  it('stops a search for a long text that takes seconds, and takes one that does not', () => {
    const separator = (half: number) => `${'a'.repeat(half)}b${'a'.repeat(half)}`;
    const replaced = (half: number, item: string) =>
      resolveTemplates(`{{item | replace: "${separator(half)}", "-"}}`, { item });

    expect(() => replaced(4_000, 'a'.repeat(1_000_000))).toThrow('too much work');
    expect(replaced(200, `x${separator(200)}y`.repeat(100))).toBe('x-y'.repeat(100));
  });
});
