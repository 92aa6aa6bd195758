import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionUnavailableError } from '#core/errors';
import { createMasker } from '#core/masking';
import { quickestMs } from '#test/helpers/quickest';

const SECRET = 'xoxb-12/34+56?"ä&secret';

function maskerFor(...secrets: string[]) {
  const masker = createMasker();
  for (const secret of secrets) masker.add(secret);
  return masker;
}

const bytes = Buffer.from(SECRET);

describe('a secret', () => {
  it.each([
    ['plain', SECRET],
    ['escaped for a URL', encodeURIComponent(SECRET)],
    [
      'escaped in lower case',
      encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['in a form', new URLSearchParams({ a: SECRET }).toString()],
    ['escaped as the rest of a URL', encodeURI(SECRET)],
    ['as JSON', JSON.stringify({ a: SECRET })],
    ['as JSON with slashes escaped', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['in a page', 'xoxb-12/34+56?&quot;ä&amp;secret'],
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    ['in Basic credentials', Buffer.from(`me:${SECRET}`).toString('base64')],
    ['in longer Basic credentials', Buffer.from(`mine:${SECRET}`).toString('base64url')],
    ['in other ones', Buffer.from(`other:${SECRET}!`).toString('base64')],
  ])('%s is hidden', (_, text) => {
    const hidden = maskerFor(SECRET).masked(`before ${text} after`);

    expect(hidden).toContain('[secret]');
    expect(hidden).not.toContain(text);
  });

  it('that is long is hidden in a text that is made to be hard to search, and holds nobody up', () => {
    const half = 'a'.repeat(8_000);
    const secret = `${half}b${half}`;
    const masker = maskerFor(secret);
    const text = 'a'.repeat(1_000_000);

    expect(masker.masked(`${text}b${text}`)).toBe(
      `${'a'.repeat(992_000)}[secret]${'a'.repeat(992_000)}`,
    );
    // Some four seconds by the engine's own search.
    expect(quickestMs(() => masker.masked(text))).toBeLessThan(500);
  });

  it('is hidden in values and names, however deep', () => {
    const value = { a: [{ [`key ${SECRET}`]: `x${SECRET}x` }, 7, null, true] };

    expect(maskerFor(SECRET).masked(value)).toEqual({
      a: [{ 'key [secret]': 'x[secret]x' }, 7, null, true],
    });
  });

  it('is hidden in an error of ours, which stays what it is', () => {
    const error = new ActionUnavailableError(`Told ${SECRET}`, {
      retryAfterSeconds: 7,
      output: { said: SECRET },
    });

    const masked = maskerFor(SECRET).masked(error);

    expect(masked).toBeInstanceOf(ActionUnavailableError);
    expect(masked).toMatchObject({
      message: 'Told [secret]',
      retryAfterSeconds: 7,
      output: { said: '[secret]' },
    });
    expect(masked.stack).not.toContain(SECRET);
  });

  it('is hidden in a fault, whose cause is left out', () => {
    const error = new Error(`Broken ${SECRET}`, { cause: { request: SECRET } });

    const masked = maskerFor(SECRET).masked(error);

    expect(masked).toBeInstanceOf(Error);
    expect(`${masked.message} ${masked.stack} ${JSON.stringify(masked.cause)}`).not.toContain(
      SECRET,
    );
  });

  it('that holds another one is hidden whole', () => {
    const masked = maskerFor('token-one', 'token-one-and-more').masked('a token-one-and-more b');

    expect(masked).toBe('a [secret] b');
  });

  it('is found in base64 of any text around it', { timeout: 30_000 }, () => {
    const around = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(around, around, fc.string({ minLength: 8, maxLength: 60 }), (a, b, secret) => {
        const text = Buffer.from(`${a}${secret}${b}`).toString('base64');
        const core = Buffer.from(secret).toString('base64').slice(4, 8);
        const masked = maskerFor(secret).masked(text);
        expect(masked).toContain('[secret]');
        if (
          !Buffer.from(a + b)
            .toString('base64')
            .includes(core)
        ) {
          expect(Buffer.from(masked, 'base64').toString()).not.toContain(secret);
        }
      }),
    );
  });
});

it('leaves what holds no secret untouched', () => {
  const value = { a: ['xoxb', 'secret'] };

  expect(maskerFor(SECRET).masked(value)).toEqual(value);
  expect(createMasker().masked(value)).toBe(value);
});

it('hides half a megabyte with many secrets quickly', () => {
  const secrets = Array.from({ length: 40 }, (_, index) => `secret number ${index} of many`);
  const masker = maskerFor(...secrets);
  const text = `${'x'.repeat(10_000)}${secrets[7]}`.repeat(50);

  const startedAt = performance.now();
  const masked = masker.masked(text);

  expect(masked).not.toContain('secret number');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
