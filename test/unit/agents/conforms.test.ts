import { describe, expect, it } from 'vitest';
import { faultsIn } from '#agents/extraction/conforms';
import { JsonSchema } from '#agents/extraction/json-schema';

const of = (a: object, more: object = {}) => ({ type: 'object', properties: { a }, ...more });

/** Where the value `a` of an object does not conform. */
function placesOf(schema: object, value: object) {
  return faultsIn(value, JsonSchema.parse(schema));
}

describe('data conforms to a JSON Schema', () => {
  it.each<[object, unknown, unknown]>([
    [{ type: 'string' }, 'x', 1],
    [{ type: 'integer' }, 2, 2.5],
    [{ type: 'number' }, 2.5, '2.5'],
    [{ type: 'boolean' }, false, 'false'],
    [{ type: 'object' }, {}, []],
    [{ type: 'array' }, [], {}],
    [{ type: ['string', 'null'] }, null, 0],
    [{ enum: [1, 'two', { three: 3 }] }, { three: 3 }, 'three'],
    [{ const: [1, 2] }, [1, 2], [2, 1]],
    [{ type: 'string', enum: ['ab', 'abc'], minLength: 3 }, 'abc', 'ab'],
    [{ minimum: 5 }, 5, 4],
    [{ maximum: 5 }, 5, 6],
    [{ exclusiveMinimum: 5 }, 6, 5],
    [{ exclusiveMaximum: 5 }, 4, 5],
    [{ multipleOf: 0.1 }, 0.3, 0.35],
    [{ minLength: 2 }, '\u{1f642}x', '\u{1f642}'],
    [{ maxLength: 2 }, 'ab', 'abc'],
    [{ format: 'email' }, 'ada@example.com', 'ada'],
    [{ format: 'date' }, '2026-02-28', '2026-02-30'],
    [{ format: 'date-time' }, '2026-02-28T10:00:00+01:00', '2026-02-28'],
    [{ format: 'uri' }, 'https://example.com', 'example'],
    [{ items: { type: 'number' } }, [1, 2], [1, '2']],
    [{ minItems: 2 }, [1, 2], [1]],
    [{ maxItems: 1 }, [1], [1, 2]],
    [
      { uniqueItems: true },
      [1, '1', [1]],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    [{ minProperties: 1 }, { x: 1 }, {}],
    [{ maxProperties: 1 }, { x: 1 }, { x: 1, y: 2 }],
    [{ required: ['x'] }, { x: null }, { y: 1 }],
    [{ properties: { x: { type: 'number' } } }, { y: 'z' }, { x: 'z' }],
    [{ properties: { x: {} }, additionalProperties: false }, { x: 1 }, { x: 1, y: 2 }],
    [{ additionalProperties: { type: 'number' } }, { x: 1 }, { x: 'y' }],
    [{ allOf: [{ type: 'string' }, { minLength: 3 }] }, 'abc', 'ab'],
    [{ anyOf: [{ required: ['x'] }, { required: ['y'] }] }, { y: 1 }, {}],
    [{ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 2, 4],
    [{ not: { type: 'string' } }, 1, 'x'],
  ])('by %j: %j does, %j does not', (schema, fine, wrong) => {
    expect(placesOf(of(schema), { a: fine })).toEqual([]);
    expect(placesOf(of(schema), { a: wrong })).not.toEqual([]);
  });

  it('or the places are named where it does not', () => {
    const person = { ...of({ type: 'string' }), required: ['a', 'b'] };
    const schema = of({ type: 'array', items: person }, { required: ['a', 'total'] });

    const places = placesOf(schema, { a: [{ a: 'x', b: 1 }, { a: 7 }] });

    expect(places).toEqual([['total'], ['a', 1, 'b'], ['a', 1, 'a']]);
  });

  it('by nothing but itself: a default does not stand in for what is required', () => {
    const schema = of({ type: 'string', default: 'x' }, { required: ['a'] });

    expect(placesOf(schema, {})).toEqual([['a']]);
  });
});
