import { describe, expect, it } from 'vitest';
import { fillFromText } from '#agents/extraction/from-text';
import type { JsonSchema } from '#agents/extraction/json-schema';
import { targetOf } from '#agents/extraction/target';
import { fieldPath } from '#core/field-path';

const invoice = `
INVOICE from Kettle & Co
Invoice number: K-2026-17
**Date** – 3 March 2026
Due date: 2026-04-02
| Total amount | 1,250.50 EUR |
Items = kettle, whistle; spare lid
Paid: no
Status: overdue since yesterday
Questions to billing@kettle.example or https://kettle.example/help.
Phone +44 20 7946 0000
`;

const of = (properties: Record<string, unknown>) => ({ type: 'object', properties }) as JsonSchema;

describe('filling a schema from a text', () => {
  it.each([
    ['a label', { invoiceNumber: { type: 'string' } }, { invoiceNumber: 'K-2026-17' }],
    ['a title', { no: { type: 'string', title: 'Invoice number' } }, { no: 'K-2026-17' }],
    ['a date in words', { date: { type: 'string', format: 'date' } }, { date: '2026-03-03' }],
    [
      'a date and its time',
      { due_date: { type: 'string', format: 'date-time' } },
      { due_date: '2026-04-02T00:00:00.000Z' },
    ],
    ['a number in a table', { total_amount: { type: 'number' } }, { total_amount: 1250.5 }],
    [
      'a list',
      { items: { type: 'array', items: { type: 'string' } } },
      { items: ['kettle', 'whistle', 'spare lid'] },
    ],
    ['yes and no', { paid: { type: 'boolean' } }, { paid: false }],
    ['a choice', { status: { enum: ['open', 'overdue'] } }, { status: 'overdue' }],
    [
      'an address by its format',
      { contact: { type: 'string', format: 'email' } },
      { contact: 'billing@kettle.example' },
    ],
    [
      'a link by its name',
      { help_url: { type: 'string' } },
      { help_url: 'https://kettle.example/help' },
    ],
    ['a number by its name', { phone: { type: 'string' } }, { phone: '+44 20 7946 0000' }],
    [
      'an object',
      { seller: of({ email: { type: 'string' } }) },
      { seller: { email: 'billing@kettle.example' } },
    ],
    [
      'nothing where there is nothing',
      { colour: { type: 'string' }, weight: { type: 'number' } },
      {},
    ],
    ['no whole number where there is a fraction', { total_amount: { type: 'integer' } }, {}],
  ])('finds %s', (_, properties, found) => {
    expect(fillFromText({ text: invoice, schema: of(properties) })).toEqual(found);
  });

  it.each([
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ["1'234.5", 1234.5],
    ['1 234', 1234],
    ['-17', -17],
    ['1,234,567', 1234567],
    ['3,5', 3.5],
    ['0.125', 0.125],
    ['about 12 of 15', 12],
  ])('reads %s as a number', (text, number) => {
    expect(fillFromText({ text: `n: ${text}`, schema: of({ n: { type: 'number' } }) })).toEqual({
      n: number,
    });
  });
});

describe('a target', () => {
  it.each<[string, object, string, string]>([
    ['no object', { type: 'string' }, '', 'must describe an object'],
    ['a reference', of({ a: { $ref: '#' } as object }), 'properties.a.$ref', 'may not use $ref'],
    [
      'a pattern',
      of({ a: { type: 'string', pattern: '(a+)+$' } }),
      'properties.a.pattern',
      'may not use pattern',
    ],
    ['a condition', { type: 'object', if: { required: ['a'] } }, 'if', 'no such field'],
    [
      'a word that is written wrongly',
      of({ a: { type: 'string', minLenght: 3 } }),
      'properties.a.minLenght',
      'Did you mean minLength?',
    ],
    ['a type that there is not', of({ a: { type: 'text' } }), 'properties.a.type', 'Give one of'],
    [
      'what it requires but does not name',
      { ...of({ a: {} }), required: ['a', 'b'] },
      'required[1]',
      '"b" is not among the properties',
    ],
    [
      'too much',
      { type: 'object', description: 'x'.repeat(20_000) },
      '',
      'more than 20000 characters',
    ],
  ])('is refused for %s', (_, schema, path, told) => {
    const target = targetOf(schema as Record<string, unknown>);

    const [problem] = 'problems' in target ? target.problems : [];
    expect(problem?.message).toContain(told);
    expect(fieldPath(problem?.path ?? [])).toBe(path);
  });

  it('may have a property that is called pattern', () => {
    const schema = of({ pattern: { type: 'string', enum: ['$ref'] } });

    expect(targetOf(schema)).toEqual({ schema });
  });
});
