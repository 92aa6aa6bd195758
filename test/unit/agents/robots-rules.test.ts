import { describe, expect, it } from 'vitest';
import { closingLine } from '#agents/scraping/robots-rules';

const SITE = 'https://shop.example';

/** The line that closes a path to the robot "Ours". */
function closes(path: string, ...lines: readonly string[]): number | undefined {
  return closingLine(lines.join('\n'), `${SITE}${path}`, 'Ours');
}

describe('a rule', () => {
  it.each<[pattern: string, path: string, isFitting: boolean]>([
    ['/', '/', true],
    ['/fish', '/fish.html?x=1', true],
    ['/fish', '/Fish', false],
    ['/fish/', '/fish', false],
    ['/fish*', '/fishes', true],
    ['/*.php', '/a/b.php5', true],
    ['/*.php$', '/a/b.php', true],
    ['/*.php$', '/a/b.php5', false],
    ['/*.php$', '/a.php.html.php', true],
    ['/a*b*c', '/a-c-b-c', true],
    ['/a*b*c', '/a-c-b', false],
    ['/*aa$', '/a', false],
    ['/fish$', '/fish', true],
    ['/fish$', '/fishes', false],
    ['/*?', '/a?b', true],
    ['/*$', '/anything', true],
    ['*/private', '/x/private', true],
    ['/$x', '/$x', true],
    ['/grün', '/gr%C3%BCn', true],
    ['/a%2fb', '/a%2Fb', true],
    ['/100%', '/100%', true],
    ['fish', '/fish', false],
  ])('%s for %s: %s', (pattern, path, isFitting) => {
    const line = closes(path, 'User-agent: *', `Disallow: ${pattern}`);

    expect(line).toBe(isFitting ? 2 : undefined);
  });

  it('that is longer counts before a shorter one, and one that allows before its equal', () => {
    const lines = [
      'User-agent: *',
      'Disallow: /shop',
      'Allow: /shop/open',
      'Disallow: /shop/open/not',
    ];

    expect(closes('/shop/a', ...lines)).toBe(2);
    expect(closes('/shop/open/a', ...lines)).toBeUndefined();
    expect(closes('/shop/open/not', ...lines)).toBe(4);
    expect(closes('/x', 'User-agent: *', 'Disallow: /x', 'Allow: /x')).toBeUndefined();
    expect(closes('/x', 'User-agent: *', 'Allow: /x', 'Disallow: /x')).toBeUndefined();
  });

  it('that is empty closes nothing', () => {
    expect(closes('/x', 'User-agent: *', 'Disallow:')).toBeUndefined();
  });
});

describe('a group', () => {
  it('for our name replaces those for all, whatever its case, version and place', () => {
    const all = ['User-agent: *', 'Disallow: /'];

    expect(closes('/x', ...all)).toBe(2);
    expect(closes('/x', ...all, 'user-AGENT: ours/2.1', 'Disallow: /y')).toBeUndefined();
    expect(closes('/y', 'User-agent: OURS', 'Disallow: /y', ...all)).toBe(2);
    expect(closes('/x', ...all, 'User-agent: Ours', 'Disallow:')).toBeUndefined();
    expect(closes('/x', ...all, 'User-agent: Ours-Other', 'Allow: /')).toBe(2);
  });

  it('may name several robots, and come more than once', () => {
    const lines = [
      'User-agent: Theirs',
      '',
      'User-agent: Ours # us',
      'Sitemap: https://shop.example/map.xml',
      'Disallow: /a',
      'User-agent: Theirs',
      'Disallow: /b',
      'User-agent: Ours',
      'Crawl-delay: 3',
      'Disallow: /c',
    ];

    expect(['/a', '/b', '/c'].map((path) => closes(path, ...lines))).toEqual([5, undefined, 10]);
  });
});

it.each([
  '',
  '<html>',
  'Disallow: /',
  'User-agent *',
  'User-agent:\nDisallow: /',
  '\ud800',
  ':',
  '#',
])('a text that is none closes nothing: %j', (text) => {
  expect(closingLine(text, `${SITE}/x`, 'Ours')).toBeUndefined();
});

it('reads one that repeats its robots and rules thousands of times, and none of its lines twice', () => {
  const names = Array.from({ length: 15_000 }, () => 'User-agent: *');
  const rules = Array.from({ length: 20_000 }, () => 'Disallow: /x');

  expect(closes('/page', ...names, ...rules)).toBeUndefined();
  expect(closes('/x', ...names, ...rules)).toBe(15_001);
});
