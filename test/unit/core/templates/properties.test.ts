import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseTemplate,
  resolveTemplates,
  TemplateError,
  templateProblems,
} from '#core/templates/templates';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyJson = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
/** Texts made of what the syntax is made of, so that many are nearly right. */
const nearlyTemplate = fc
  .array(
    fc.constantFrom(
      '{{',
      '}}',
      '{',
      '}',
      '|',
      ':',
      ',',
      '.',
      '[',
      ']',
      '"',
      "'",
      '\\',
      ' ',
      '\n',
      '0',
      '1',
      '-',
      'é',
      '😀',
      'trigger',
      'a',
      '__proto__',
      'constructor',
      'null',
      'true',
      'default',
      'json',
      'upper',
      'length',
      'first',
      'last',
      'join',
      'split',
      'replace',
      'date',
      'number',
      'round',
      'truncate',
      'url_encode',
      '{{trigger',
      '{{trigger.a|',
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));
const filterCall = fc.constantFrom(
  'default: 1',
  'json',
  'upper',
  'lower',
  'trim',
  'truncate: 3',
  'truncate: 1, "é😀"',
  'length',
  'first',
  'last',
  'join',
  'join: "-"',
  'split: "a"',
  'replace: "a", "bb"',
  'date',
  'date: "D MMM", "Asia/Tokyo"',
  'number',
  'round: 2',
  'url_encode',
);

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('templates', () => {
  it('leave text without {{ as it is', () => {
    fc.assert(
      fc.property(anyText, anyJson, (text, trigger) => {
        fc.pre(!text.includes('{{'));
        expect(resolveTemplates(text, { trigger })).toBe(text);
        expect(templateProblems(text, '', { roots: new Set() })).toEqual([]);
      }),
    );
  });

  it('keep any JSON value where a text is exactly one placeholder', () => {
    fc.assert(
      fc.property(anyJson, anyText, (data, key) => {
        const value = toJson(data);
        const trigger = Object.fromEntries([[key, value]]);
        const template = `{{ trigger[${JSON.stringify(key)}] }}`;

        const result = resolveTemplates({ x: [template] }, { trigger });

        expect(JSON.stringify(result)).toBe(JSON.stringify({ x: [value] }));
      }),
    );
  });

  it('put text into text, never to be read again', () => {
    fc.assert(
      fc.property(nearlyTemplate, anyText, anyText, (item, before, after) => {
        fc.pre(!`${before}x`.includes('{{') && !after.includes('{{') && !before.endsWith('{'));
        expect(resolveTemplates(`${before}{{item}}${after}`, { item })).toBe(before + item + after);
      }),
    );
  });

  it('throw nothing but a TemplateError', () => {
    fc.assert(
      fc.property(nearlyTemplate, anyJson, (template, a) => {
        try {
          JSON.stringify(resolveTemplates({ k: [template] }, { trigger: { a } }));
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('give JSON or a TemplateError through any chain of filters', () => {
    fc.assert(
      fc.property(anyJson, fc.array(filterCall, { maxLength: 5 }), (a, calls) => {
        const template = `{{${['trigger.a', ...calls].join(' | ')}}}`;
        try {
          const result = resolveTemplates(template, { trigger: { a: toJson(a) } }, 10_000);
          expect(JSON.stringify(result)).toBe(JSON.stringify(toJson(result)));
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('count exactly the bytes of the result', () => {
    fc.assert(
      fc.property(anyJson, (data) => {
        const item = toJson(data);
        const size = Buffer.byteLength(JSON.stringify(item));

        expect(JSON.stringify(resolveTemplates('{{item}}', { item }, size))).toBe(
          JSON.stringify(item),
        );
        expect(() => resolveTemplates('{{item}}', { item }, size - 1)).toThrow('larger than');
      }),
    );
  });

  it('resolve whatever was found without problems, apart from the data', () => {
    fc.assert(
      fc.property(nearlyTemplate, (template) => {
        const problems = templateProblems(template, '', { roots: new Set(['trigger']) });
        const isSyntaxRight = parseTemplate(template).problems.length === 0;

        if (problems.length === 0) expect(isSyntaxRight).toBe(true);
        else expect(() => resolveTemplates(template, {})).toThrow(TemplateError);
      }),
      { numRuns: 2000 },
    );
  });
});
