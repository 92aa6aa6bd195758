import { describe, expect, it } from 'vitest';
import { parseTemplate, placeholdersIn, templateProblems } from '#core/templates/templates';

const roots = new Set(['trigger', 'steps']);

function problems(value: unknown, path = 'url') {
  return templateProblems(value, path, { roots });
}

describe('templateProblems', () => {
  it.each([
    'text',
    '',
    '}} { {',
    '{{trigger.body}}',
    '{{steps.0["any key"][1].x | default: null | json}}',
    '{{ "{{" }}',
    '{{trigger.at | date: "YYYY-MM-DDTHH:mm:ss.SSSZ", "Europe/London"}}',
    '{{trigger | truncate: 5, "..."}}',
  ])('finds nothing to change in %j', (text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([
    ['{{', 'At column 1: this {{ is never closed: add }}.'],
    ['a {{ trigger.body', 'At column 3: this {{ is never closed'],
    ['{{trigger.body}', 'At column 15: "}" cannot stand here'],
    ['{{}}', 'At column 1: the placeholder is empty'],
    ['{{  }}', 'the placeholder is empty: write a path such as {{trigger.body}}, or remove it'],
    [
      'é😀\n\n{{nope.x}}',
      'At line 3, column 3: there is no "nope" here: a path starts with trigger, steps.',
    ],
    ['é😀{{nope}}', 'At column 5: there is no "nope"'],
    ['{{ trigger. }}', 'At column 12: a name is missing after ".", before " "'],
    ['{{ trigger..a }}', 'other keys go in brackets: ["any key"]'],
    ['{{ trigger[a] }}', 'brackets hold a whole number or a key in quotes'],
    ['{{ trigger[0 }}', '"]" is missing before "}"'],
    ['{{ trigger["a] }}', 'the text that starts with " never ends: close it with "'],
    [
      '{{ trigger + 1 }}',
      '"+" cannot stand here: after a path comes "|" with a filter, or "}}" (nothing is computed',
    ],
    ['{{ trigger.f() }}', '"(" cannot stand here'],
    ['{{{ trigger }}}', 'At column 3: a placeholder cannot hold another'],
    ['{{#if trigger}}', '"#" cannot start a path'],
    ['{{ trigger | }}', "a filter's name is missing after"],
    ['{{ trigger | uppr }}', 'At column 14: there is no filter "uppr": use default, json, upper'],
    ['{{ trigger | constructor }}', 'there is no filter "constructor"'],
    ['{{ trigger | upper(1) }}', '"(" cannot stand here: write ":" before arguments'],
    ['{{ trigger | replace: "a" "b" }}', 'write "," between arguments'],
    ['{{ trigger | upper: 1 }}', 'the filter upper takes no arguments, but got 1'],
    ['{{ trigger | default }}', 'the filter default takes one argument: value, but got 0'],
    ['{{ trigger | truncate }}', 'takes 2 arguments: length, suffix (may be left out), but got 0'],
    [
      '{{ trigger | truncate: "5" }}',
      'length of the filter truncate must be a whole number from 0 to 1048576',
    ],
    ['{{ trigger | truncate: 1.5 }}', 'must be a whole number'],
    ['{{ trigger | round: 16 }}', 'a whole number from 0 to 15'],
    ['{{ trigger | join: 1 }}', 'separator of the filter join must be text in quotes'],
    ['{{ trigger | split: "" }}', 'the first argument of the filter split must not be empty'],
    [
      '{{ trigger | replace: "", "x" }}',
      'the first argument of the filter replace must not be empty',
    ],
    ['{{ trigger | default: other }}', 'write "other" in quotes if it is text'],
    ['{{ trigger | default: 01 }}', 'an argument is text in quotes, a number'],
    ['{{ trigger | default: [] }}', 'an argument is text in quotes'],
    ['{{ trigger | default: "\\x" }}', '"\\x" is not an escape'],
    ['{{ trigger | date: "yyyy-MM-dd" }}', '"yyyy" is no part of a date; use YYYY'],
    ['{{ trigger | date: "D at HH" }}', 'put words in [brackets]'],
    ['{{ trigger | date: "HH", "Londen" }}', 'there is no time zone "Londen"'],
    ['{{ trigger | date: "HH", "+01:00" }}', 'there is no time zone'],
    [`{{ trigger ${'| upper'.repeat(21)} }}`, 'a placeholder takes at most 20 filters'],
  ])('says what to change in %j', (text, message) => {
    const found = problems(text);

    expect(found).toHaveLength(1);
    expect(found[0]?.path).toBe('url');
    expect(found[0]?.message).toContain(message);
  });

  it('refuses a placeholder of more than 10,000 characters', () => {
    expect(problems(`{{${' '.repeat(10_000)}trigger}}`)[0]?.message).toContain(
      'a placeholder has at most 10000 characters',
    );
    expect(problems(`{{${' '.repeat(9_989)}trigger}}`)).toEqual([]);
  });

  it('names each text by its JSON path', () => {
    const value = {
      a: [{ b: '{{' }, '{{x}}'],
      'a b': { 'x-y': '{{}}' },
      '{{': 'keys are no templates',
    };

    expect(problems(value, 'actions[0].config').map(({ path }) => path)).toEqual([
      'actions[0].config.a[0].b',
      'actions[0].config.a[1]',
      'actions[0].config["a b"]["x-y"]',
    ]);
    expect(problems({ a: '{{' }, '')[0]?.path).toBe('a');
  });

  it('reports every placeholder of a text, in order', () => {
    const found = problems('{{a}} {{trigger..b}} {{trigger | nope}} {{ok');

    expect(found.map(({ message }) => message.slice(0, 13))).toEqual([
      'At column 3: ',
      'At column 17:',
      'At column 34:',
      'At column 41:',
    ]);
  });

  it('reports at most ten problems a text and a hundred in all', () => {
    expect(problems('{{}}'.repeat(50))).toHaveLength(10);
    expect(problems(Array.from({ length: 50 }, () => '{{}}'.repeat(50)))).toHaveLength(100);
    expect(problems('{{trigger}}'.repeat(1001))).toMatchObject([
      { message: 'At column 11001: a text holds at most 1000 placeholders.' },
    ]);
  });

  it('refuses values that are nested too deeply', () => {
    let value: unknown = '{{trigger}}';
    for (let level = 0; level < 5000; level += 1) value = { a: value };

    expect(problems(value)).toMatchObject([
      { message: expect.stringContaining('more than 64 levels') },
    ]);
    expect(placeholdersIn(value)).toEqual([]);
  });
});

describe('placeholdersIn', () => {
  it('gives the parts of every path', () => {
    const value = { url: 'x{{steps.0["a b"]}}{{ "{{" }}', more: ['{{trigger | json}}', '{{', 5] };

    expect(placeholdersIn(value, 'config')).toEqual([
      { parts: ['steps', '0', 'a b'], where: 'config.url' },
      { parts: ['trigger'], where: 'config.more[0]' },
    ]);
  });

  it('gives what stands in for what is not found', () => {
    expect(placeholdersIn('{{ trigger.body.amount | number | default: 0 }}')).toEqual([
      { parts: ['trigger', 'body', 'amount'], where: '', fallback: 0 },
    ]);
  });
});

describe('parseTemplate', () => {
  it('keeps text and placeholders apart', () => {
    const { segments, problems: found } = parseTemplate('a {{ x.y | join: "-", 1 }} b');

    expect(found).toEqual([]);
    expect(segments).toEqual([
      'a ',
      {
        offset: 2,
        end: 26,
        source: {
          path: [
            { key: 'x', end: 6 },
            { key: 'y', end: 8 },
          ],
        },
        filters: [{ name: 'join', args: ['-', 1], offset: 11 }],
      },
      ' b',
    ]);
  });
});
