import { describe, expect, it } from 'vitest';
import { resolveTemplates, TemplateError, templateFilters } from '#core/templates/templates';

function resolve(template: string, body: unknown): unknown {
  return resolveTemplates(template, { trigger: { body } });
}

describe('templateFilters', () => {
  it('is the closed list of the API', () => {
    const names = templateFilters.map((filter) => filter.name);

    expect(names.join(' ')).toBe(
      'default json upper lower trim truncate length first last join split replace date number round url_encode',
    );
  });

  it.each(templateFilters.map((filter) => [filter.name, filter.example] as const))(
    'shows an example of %s that does what it says',
    (name, { template, body, gives }) => {
      expect(template).toContain(name);
      expect(resolve(template, body)).toEqual(gives);
    },
  );
});

describe('a filter', () => {
  it.each<[string, unknown, unknown]>([
    ['{{trigger.body | default: 1}}', null, 1],
    ['{{trigger.body | default: 1}}', '', ''],
    ['{{trigger.body | default: 1}}', 0, 0],
    ['{{trigger.body | default: 1}}', false, false],
    ['{{trigger.body.a.b.c | default: null}}', {}, null],
    ['{{trigger.body.a | upper | default: "none" }}', {}, 'none'],
    ['{{trigger.body.a | upper | default: "none" | upper }}', { a: null }, 'NONE'],
    ['{{trigger.body | first | default: "empty" }}', [], 'empty'],
    ['{{trigger.body | json | default: "none"}}', null, 'none'],
    ['{{trigger.body | json}}', null, 'null'],
    ['{{trigger.body | json}}', 'a"b', '"a\\"b"'],
    ['{{trigger.body | upper}}', 'straße', 'STRASSE'],
    ['{{trigger.body | upper}}', 12, '12'],
    ['{{trigger.body | trim}}', '\u00a0\n a b ', 'a b'],
    ['{{trigger.body | truncate: 3}}', 'abc', 'abc'],
    ['{{trigger.body | truncate: 3}}', 'abcd', 'ab…'],
    ['{{trigger.body | truncate: 2, ""}}', '😀😀😀', '😀😀'],
    ['{{trigger.body | truncate: 3}}', '😀😀😀', '😀😀😀'],
    ['{{trigger.body | truncate: 2, "..."}}', 'abcd', '..'],
    ['{{trigger.body | truncate: 0}}', 'abcd', ''],
    ['{{trigger.body | length}}', '😀é', 2],
    ['{{trigger.body | length}}', '', 0],
    ['{{trigger.body | length}}', { a: 1, b: 2 }, 2],
    ['{{trigger.body | first}}', '😀a', '😀'],
    ['{{trigger.body | last}}', 'a😀', '😀'],
    ['{{trigger.body | last}}', 'ab', 'b'],
    ['{{trigger.body | first}}', [null], null],
    ['{{trigger.body | join: "-"}}', ['a', 1, null, { b: [] }], 'a-1-null-{"b":[]}'],
    ['{{trigger.body | join}}', [], ''],
    ['{{trigger.body | split: ", "}}', 'a, b,c', ['a', 'b,c']],
    ['{{trigger.body | split: ","}}', '', ['']],
    ['{{trigger.body | replace: "a.", "$&"}}', 'a.ab a.', '$&ab $&'],
    ['{{trigger.body | number}}', ' -1.5e3 ', -1500],
    ['{{trigger.body | number}}', 7, 7],
    ['{{trigger.body | round}}', 2.5, 3],
    ['{{trigger.body | round}}', -2.5, -3],
    ['{{trigger.body | round: 2}}', 1.005, 1.01],
    ['{{trigger.body | round: 2}}', 1e300, 1e300],
    ['{{trigger.body | round: 2}}', 1e-9, 0],
    ['{{trigger.body | round}}', -0.2, 0],
    ['{{trigger.body | url_encode}}', 'a/ü\ud800', 'a%2F%C3%BC%EF%BF%BD'],
    ['{{trigger.body | url_encode}}', true, 'true'],
    ['{{ "a,b" | split: "," | last | upper }}', null, 'B'],
  ])('%s of %j gives %j', (template, body, expected) => {
    expect(resolve(template, body)).toStrictEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ['upper', null, 'the filter upper takes text, but got null: add a default filter'],
    ['lower', [], 'takes text, but got list: choose an item of it, or put join or json before'],
    ['trim', {}, 'takes text, but got object: choose a part of it, or put json before'],
    ['length', 5, 'the filter length takes text, a list or an object, but got number'],
    ['first', {}, 'takes a list or text, but got object'],
    ['first', [], 'there is nothing in it to take with first: add a default filter'],
    ['last', '', 'there is nothing in it to take with last'],
    ['join', 'a', 'the filter join takes a list, but got text'],
    ['number', 'secret-text', 'but got other text: put replace before it'],
    ['number', '0x10', 'but got other text'],
    ['number', '1e999', 'but got other text'],
    ['number', true, 'takes text such as "12.50", but got true or false'],
    ['round', '2.5', 'a number (put number before it), but got text'],
    ['date', 'yesterday', 'cannot read this text: it takes ISO 8601'],
    ['date', true, 'an epoch number, but got true or false'],
  ])('%s of %j says what to change', (filter, body, message) => {
    const run = () => resolve(`{{trigger.body | ${filter}}}`, body);

    expect(run).toThrow(TemplateError);
    expect(run).toThrow(message);
    expect(run).not.toThrow('secret-text');
  });
});

describe('the filter date', () => {
  it.each<[unknown, string, string]>([
    ['2027-01-31T09:05:07.089Z', '', '2027-01-31T09:05:07.089Z'],
    ['2027-01-31', '', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T09:00', '', '2027-01-31T09:00:00.000Z'],
    ['2027-01-31 09:00:00+02:00', '', '2027-01-31T07:00:00.000Z'],
    [1_800_000_000, '', '2027-01-15T08:00:00.000Z'],
    [1_800_000_000_000, '', '2027-01-15T08:00:00.000Z'],
    [0, '', '1970-01-01T00:00:00.000Z'],
    ['2027-01-05T03:04:09.007Z', ': "YYYY YY MMMM MMM MM M DD D"', '2027 27 January Jan 01 1 05 5'],
    ['2027-01-05T15:04:09.007Z', ': "HH H hh h A mm m ss s SSS"', '15 15 03 3 PM 04 4 09 9 007'],
    ['2027-01-05T00:30:00Z', ': "dddd ddd h:mm A"', 'Tuesday Tue 12:30 AM'],
    ['2027-01-05', ': "[on the] D/M, [T]"', 'on the 5/1, T'],
    [
      '2027-07-01T12:00:00Z',
      ': "YYYY-MM-DDTHH:mm:ssZ", "Europe/London"',
      '2027-07-01T13:00:00+01:00',
    ],
    ['2027-07-01T12:00:00Z', ': "HH:mm Z", "America/St_Johns"', '09:30 -02:30'],
    ['2027-07-01T12:00:00Z', ': "HH:mm Z", "asia/kathmandu"', '17:45 +05:45'],
    ['2027-07-01T12:00:00Z', ': "HH:mmZ", "UTC"', '12:00+00:00'],
    ['2027-12-31T23:00:00Z', ': "YYYYMMDD", "Asia/Tokyo"', '20280101'],
    ['2027-01-05', ': ""', ''],
  ])('writes %j with %s as %s', (input, args, expected) => {
    expect(resolve(`{{trigger.body | date${args}}}`, input)).toBe(expected);
  });

  it.each([
    '2027-02-30',
    '2027-13-01',
    '2027-01-01T25:00Z',
    '0000-01-01',
    '2027',
    '1',
    '',
    'Jan 1 2027',
    '2027-01-01T09:00:00Z; DROP',
    9e15,
    -1e15,
  ])('refuses %j', (input) => {
    expect(() => resolve('{{trigger.body | date}}', input)).toThrow(TemplateError);
  });
});
