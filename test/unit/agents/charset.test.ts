import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodePage } from '#agents/scraping/charset';
import { readPage } from '#agents/scraping/read-page';
import { ROOT } from '#test/helpers/assembly';

/** 港の歴史 in Shift_JIS. */
const SHIFT_JIS = Buffer.from('8d6082cc97f08e6a', 'hex');

const bytes = (...parts: (string | Buffer)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );

/** A text in Shift_JIS, found by decoding each pair of bytes; there is no encoder at hand. */
function inShiftJis(text: string): Buffer {
  const decoder = new TextDecoder('shift_jis');
  const pairs = new Map<string, Buffer>();
  for (let pair = 0x8140; pair <= 0x9fff; pair += 1) {
    const two = Buffer.of(pair >> 8, pair & 0xff);
    pairs.set(decoder.decode(two), two);
  }
  return Buffer.concat([...text].map((letter) => pairs.get(letter) ?? Buffer.from(letter)));
}

describe('the encoding of a page', () => {
  it.each([
    ['is what the server says', bytes('caf\xe9'), 'text/html; charset=ISO-8859-1', 'café'],
    ['may be quoted', bytes('\x80 5'), 'text/html;charset="windows-1252"', '€ 5'],
    [
      'is what the page says',
      bytes('<meta charset=Shift_JIS>', SHIFT_JIS),
      'text/html',
      '<meta charset=Shift_JIS>港の歴史',
    ],
    [
      'may be said the old way',
      bytes('<META http-equiv=Content-Type content="text/html; charset=iso-8859-15">\xa4'),
      '',
      '<META http-equiv=Content-Type content="text/html; charset=iso-8859-15">€',
    ],
    [
      'may be in an XML declaration',
      bytes('<?xml version="1.0" encoding="koi8-r"?>\xc4\xc1'),
      '',
      '<?xml version="1.0" encoding="koi8-r"?>да',
    ],
    [
      'is shown by a byte order mark first of all',
      Buffer.from('\ufeffhé', 'utf16le'),
      'text/html; charset=utf-8',
      'hé',
    ],
    ['is UTF-8 where nobody says', Buffer.from('naïve 港'), '', 'naïve 港'],
    [
      'is Windows-1252 where nobody says and it is not UTF-8',
      bytes('na\xefve \x93x\x94'),
      '',
      'naïve “x”',
    ],
    ['is guessed when its name is none', Buffer.from('é'), 'text/html; charset=klingon', 'é'],
    [
      'cannot be UTF-16 when the page says so in single bytes',
      Buffer.from('<meta charset=utf-16>é'),
      '',
      '<meta charset=utf-16>é',
    ],
  ])('%s', (_, body, type, text) => {
    expect(decodePage(body, type)).toBe(text);
  });

  it('of the saved French page is found in its head', () => {
    const text = readFileSync(`${ROOT}/test/pages/recipe.html`, 'utf8').replaceAll(/[œ’€]/g, '?');

    expect(decodePage(Buffer.from(text, 'latin1'), 'text/html')).toBe(text);
  });

  it('of the saved Japanese page is found in its head, and the page is read', () => {
    const text = readFileSync(`${ROOT}/test/pages/japanese.html`, 'utf8');
    const body = inShiftJis(text);
    expect(body).not.toEqual(Buffer.from(text));

    const html = decodePage(body, 'text/html');
    const url = 'https://site.example/';
    const result = readPage({ html, url, fields: {}, maxCharacters: 1_000 });

    expect(html).toBe(text);
    expect(result).toMatchObject({
      page: {
        title: '港の歴史',
        language: 'ja',
        markdown: expect.stringContaining('いまは映画館とパン屋があります。'),
      },
    });
  });

  it('of the saved French page leaves its text readable', () => {
    const text = readFileSync(`${ROOT}/test/pages/recipe.html`, 'utf8').replaceAll(/[œ’€]/g, '?');
    const html = decodePage(Buffer.from(text, 'latin1'), 'text/html');
    const url = 'https://site.example/';

    expect(readPage({ html, url, fields: {}, maxCharacters: 1_000 })).toMatchObject({
      page: {
        title: 'Crème brûlée',
        description: 'Une crème très facile',
        markdown: expect.stringContaining('Préparation : 20 minutes.'),
      },
    });
  });
});
