import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseRequest } from '#core/field-path';

const Body = z.strictObject({
  name: z.string().min(2).max(4),
  count: z.int().min(1).max(9),
  on: z.boolean(),
  kind: z.enum(['a', 'b', 'c']),
  only: z.literal('x'),
  list: z.array(z.string()).max(1),
  at: z.iso.datetime(),
  either: z.union([z.int(), z.boolean()]),
  choice: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('one') }),
    z.strictObject({ type: z.literal('two') }),
  ]),
});

const good = {
  name: 'Ada',
  count: 3,
  on: true,
  kind: 'a',
  only: 'x',
  list: [],
  at: '2027-01-31T09:00:00Z',
  either: 1,
  choice: { type: 'one' },
};

function messageFor(change: Record<string, unknown>): unknown {
  try {
    parseRequest(Body, { ...good, ...change });
    return undefined;
  } catch (error) {
    return (error as { details: { fields: { message: string }[] } }).details.fields[0]?.message;
  }
}

describe('what a bad field is told', () => {
  it.each([
    [{}, undefined],
    [{ name: 1 }, 'This must be a text.'],
    [{ name: undefined }, 'This field is missing. Give a text.'],
    [{ either: undefined }, 'This field is missing.'],
    [{ name: 'A' }, 'This must have at least 2 characters.'],
    [{ name: 'Augusta' }, 'This must have at most 4 characters.'],
    [{ count: 1.5 }, 'This must be a whole number.'],
    [{ count: 0 }, 'This must be at least 1.'],
    [{ count: 10 }, 'This must be at most 9.'],
    [{ on: 'yes' }, 'This must be true or false.'],
    [{ kind: 'd' }, 'This must be one of "a", "b" and "c".'],
    [{ only: 'y' }, 'This must be "x".'],
    [{ list: {} }, 'This must be a list.'],
    [{ list: ['a', 'b'] }, 'This must have at most 1 entry.'],
    [{ at: 'tomorrow' }, 'Give a time such as 2027-01-31T09:00:00Z.'],
    [{ either: 'x' }, 'This is none of the kinds that fit here.'],
    [{ choice: { type: 'three' } }, 'This must be one of "one" and "two".'],
    [{ choice: [] }, 'This must be an object.'],
    [
      { more: 1 },
      'There is no such field here; remove it. The fields here are: ' +
        'name, count, on, kind, only, list, at, either, choice.',
    ],
  ])('%j: %s', (change, message) => {
    expect(messageFor(change)).toBe(message);
  });

  it('says that a body is missing', () => {
    expect(() => parseRequest(Body, undefined)).toThrow('Send an object as JSON in the body.');
  });
});
