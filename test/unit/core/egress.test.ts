import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAddress, judgeUrl, parseEgressAllow } from '#core/egress/egress';
import { allowedUrls, refusedAtSight, refusedByAnswer } from '#test/helpers/egress-corpus';

const publicOnly = parseEgressAllow('');

/** One octet or group of octets as a URL parser accepts it. */
const spellings = [
  (value: number) => value.toString(10),
  (value: number) => `0x${value.toString(16)}`,
  (value: number) => `0X${value.toString(16).toUpperCase()}`,
  (value: number) => `0x000${value.toString(16)}`,
  (value: number) => `0${value.toString(8)}`,
  (value: number) => `0000${value.toString(8)}`,
];

/** The address in one to four parts, as `127.1` and `2130706433` are. */
function inParts(address: number, parts: number): number[] {
  const leading = [24, 16, 8].slice(0, parts - 1).map((shift) => (address >>> shift) & 0xff);
  const last = address % 2 ** (32 - 8 * leading.length);
  return [...leading, last];
}

const insideRanges = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32],
] as const;

const insideAddress = fc
  .tuple(fc.constantFrom(...insideRanges), fc.nat({ max: 2 ** 32 - 1 }))
  .map(([[network, bits], random]) => {
    const base = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    return base + (random % 2 ** (32 - bits));
  });

const insideHost = fc
  .tuple(
    insideAddress,
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom(...spellings), { minLength: 4, maxLength: 4 }),
    fc.constantFrom('', '.'),
    fc.boolean(),
  )
  .map(([address, parts, spell, dot, wide]) => {
    const host = inParts(address, parts).map((part, index) => spell[index]?.(part) ?? '');
    const text = host.join('.') + dot;
    const toWide = (digit: string) => String.fromCodePoint(digit.charCodeAt(0) + 0xfee0);
    return wide ? text.replace(/\d/g, toWide) : text;
  });

describe('judgeUrl', () => {
  it('has a corpus of more than 200 URLs', () => {
    expect(allowedUrls.length + refusedAtSight.length + refusedByAnswer.length).toBeGreaterThan(
      200,
    );
  });

  it.each(refusedAtSight)('refuses $url and says why', ({ url }) => {
    const found = judgeUrl(url, publicOnly);

    expect(found).toEqual({
      verdict: 'refused',
      reason: expect.stringMatching(/^[^\n]{10,500}\.$/),
    });
  });

  it.each([...allowedUrls, ...refusedByAnswer])('leaves $url to the resolver', ({ url }) => {
    expect(judgeUrl(url, publicOnly).verdict).toBe('allowed');
  });

  it('refuses every inside IPv4 address in every spelling', () => {
    fc.assert(
      fc.property(insideHost, fc.constantFrom('http', 'https'), (host, scheme) => {
        expect(judgeUrl(`${scheme}://${host}/`, publicOnly).verdict).toBe('refused');
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses every IPv6 address outside of 2000::/3', () => {
    const group = fc.nat({ max: 0xffff });
    const first = group.filter((value) => value >>> 13 !== 1);
    const rest = fc.array(group, { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(first, rest, (head, tail) => {
        const host = [head, ...tail].map((value) => value.toString(16)).join(':');
        expect(judgeUrl(`http://[${host}]/`, publicOnly).verdict).toBe('refused');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws and never repeats more of the URL than its host', () => {
    const url = fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(url, (text) => {
        const found = judgeUrl(`${text}SECRET`, publicOnly);
        if (found.verdict === 'refused') expect(found.reason).not.toContain('SECRET');
      }),
      { numRuns: 2_000 },
    );
  });

  it('names the host and not the secret in the path', () => {
    const found = judgeUrl('https://10.0.0.1/services/T0/B0/s3cret?key=s3cret', publicOnly);

    expect(found).toEqual({
      verdict: 'refused',
      reason:
        '10.0.0.1 is not a public address. Use a public one, or have the operator allow it in EGRESS_ALLOW.',
    });
  });

  it('takes a final dot off, so that both spellings share rules and connections', () => {
    expect(judgeUrl('https://example.com./a', publicOnly)).toMatchObject({
      url: { href: 'https://example.com/a' },
    });
  });

  it('takes its time from the length of the URL only', () => {
    const started = performance.now();
    for (const text of ['a.', ' ', '\\', '@', '[', '%2e', 'a-']) {
      judgeUrl(`https://${text.repeat(Math.floor(8_000 / text.length))}`, publicOnly);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('judgeUrl with allowed inside addresses', () => {
  it.each([
    { allow: '127.0.0.1', url: 'http://127.0.0.1/', verdict: 'allowed' },
    { allow: '127.0.0.1', url: 'http://127.1:3000/', verdict: 'allowed' },
    { allow: '127.0.0.1', url: 'http://127.0.0.2/', verdict: 'refused' },
    { allow: '127.0.0.1', url: 'http://[::ffff:127.0.0.1]/', verdict: 'refused' },
    { allow: '127.0.0.1', url: 'http://localhost/', verdict: 'refused' },
    { allow: '127.0.0.1', url: 'http://127.0.0.1:6379/', verdict: 'refused' },
    { allow: '127.0.0.1:6379', url: 'http://127.0.0.1:6379/', verdict: 'allowed' },
    { allow: '127.0.0.1:3000', url: 'http://127.0.0.1:3000/', verdict: 'allowed' },
    { allow: '127.0.0.1:3000', url: 'https://127.0.0.1:3000/', verdict: 'allowed' },
    { allow: '127.0.0.1:3000', url: 'http://127.0.0.1:3001/', verdict: 'refused' },
    { allow: '127.0.0.1:80', url: 'http://127.0.0.1/', verdict: 'allowed' },
    { allow: 'LocalHost:3000', url: 'http://localhost:3000/', verdict: 'allowed' },
    { allow: 'localhost', url: 'http://a.localhost/', verdict: 'refused' },
    { allow: 'intranet, wiki.corp', url: 'https://wiki.corp/', verdict: 'allowed' },
    { allow: 'intranet wiki.corp', url: 'https://intranet/', verdict: 'allowed' },
    { allow: '10.0.0.0/8', url: 'http://10.255.0.1/', verdict: 'allowed' },
    { allow: '10.0.0.0/8', url: 'http://11.0.0.1:22/', verdict: 'refused' },
    { allow: '10.0.0.0/8', url: 'http://10.0.0.1:22/', verdict: 'refused' },
    { allow: '10.0.0.0/8', url: 'http://wiki.corp/', verdict: 'allowed' },
    { allow: '127.0.0.1/32', url: 'http://127.0.0.2/', verdict: 'refused' },
    { allow: 'fd12::/16', url: 'http://[fd12::1]/', verdict: 'allowed' },
    { allow: 'fd12::/16', url: 'http://[fd13::1]/', verdict: 'refused' },
    { allow: '::1', url: 'http://[::1]:3000/', verdict: 'allowed' },
    { allow: '[::1]:3000', url: 'http://[::1]:3000/', verdict: 'allowed' },
    { allow: '[::1]:3000', url: 'http://[::1]:3001/', verdict: 'refused' },
    { allow: '169.254.170.2', url: 'http://169.254.170.2/', verdict: 'allowed' },
    { allow: 'example.com:25', url: 'http://example.com:25/', verdict: 'allowed' },
    { allow: 'example.com', url: 'http://example.com:25/', verdict: 'refused' },
  ])('$allow: $url is $verdict', ({ allow, url, verdict }) => {
    expect(judgeUrl(url, parseEgressAllow(allow)).verdict).toBe(verdict);
  });

  it.each([
    ['http://localhost:3000/local/slack/', 'allowed'],
    ['http://localhost:3000/local/slack/general?x=1#y', 'allowed'],
    ['http://localhost:3000/local/slack/a/../b', 'refused'],
    ['http://localhost:3000/local/slack', 'refused'],
    ['http://localhost:3000/local/slackers', 'refused'],
    ['http://localhost:3000/', 'refused'],
    ['http://localhost:3000/local/slack/../mailbox', 'refused'],
    ['http://localhost:3000/local/slack/%2e%2e/mailbox', 'refused'],
    ['http://localhost:3000/local/slack/..%2fmailbox', 'refused'],
    ['http://localhost:3000/local/slack/..%5cmailbox', 'refused'],
    ['http://localhost:3000/local/slack/%252e%252e/mailbox', 'refused'],
    ['http://localhost:3000//local/slack/x', 'refused'],
    ['https://localhost:3000/local/slack/x', 'refused'],
    ['http://localhost:3001/local/slack/x', 'refused'],
    ['http://127.0.0.1:3000/local/slack/x', 'refused'],
    ['http://LOCALHOST:3000/local/slack/x', 'allowed'],
  ])('keeps a URL prefix to its paths: %s is %s', (url, verdict) => {
    const policy = parseEgressAllow('http://localhost:3000/local/slack/');
    expect(judgeUrl(url, policy).verdict).toBe(verdict);
  });

  it('lets a host entry open the paths that a prefix entry left closed', () => {
    const policy = parseEgressAllow('http://localhost:3000/a/ localhost:3000');
    expect(judgeUrl('http://localhost:3000/b', policy).verdict).toBe('allowed');
  });

  it('keeps the other paths of a public host with a prefix closed: it may lead inside', () => {
    const policy = parseEgressAllow('http://hooks.example.com/in/');

    expect(judgeUrl('http://hooks.example.com/in/1', policy).verdict).toBe('allowed');
    expect(judgeUrl('http://hooks.example.com/admin', policy).verdict).toBe('refused');
    expect(judgeUrl('https://hooks.example.com/admin', policy).verdict).toBe('allowed');
  });
});

describe('judgeAddress', () => {
  it.each([
    { allow: '', ip: '93.184.216.34', host: 'example.com', verdict: 'allowed' },
    { allow: '', ip: '2606:2800:220:1::1', host: 'example.com', verdict: 'allowed' },
    { allow: '', ip: '10.0.0.1', host: 'example.com', verdict: 'refused' },
    { allow: '', ip: '::ffff:93.184.216.34', host: 'example.com', verdict: 'refused' },
    { allow: '', ip: 'fe80::1%eth0', host: 'example.com', verdict: 'refused' },
    { allow: '', ip: '', host: 'example.com', verdict: 'refused' },
    { allow: '10.0.0.0/8', ip: '10.0.0.1', host: 'example.com', verdict: 'allowed' },
    { allow: '10.0.0.0/8', ip: '127.0.0.1', host: 'wiki.corp', verdict: 'refused' },
    { allow: 'localhost:3000', ip: '127.0.0.1', host: 'localhost', verdict: 'allowed' },
    { allow: 'localhost:3001', ip: '127.0.0.1', host: 'localhost', verdict: 'refused' },
    { allow: 'localhost', ip: '::1', host: 'localhost', verdict: 'allowed' },
    { allow: 'localhost', ip: '127.0.0.1', host: 'evil.example.com', verdict: 'refused' },
    { allow: 'http://localhost:3000/x/', ip: '127.0.0.1', host: 'localhost', verdict: 'allowed' },
    { allow: 'wiki.corp', ip: '169.254.169.254', host: 'wiki.corp', verdict: 'refused' },
    { allow: 'wiki.corp', ip: 'fd00:ec2::254', host: 'wiki.corp', verdict: 'refused' },
    { allow: 'wiki.corp', ip: 'fd12::1', host: 'wiki.corp', verdict: 'allowed' },
    { allow: 'wiki.corp', ip: '::ffff:10.0.0.1', host: 'wiki.corp', verdict: 'refused' },
  ])('$allow: $host at $ip is $verdict', ({ allow, ip, host, verdict }) => {
    expect(judgeAddress(ip, 3000, host, parseEgressAllow(allow)).verdict).toBe(verdict);
  });

  it('does not tell where a name leads', () => {
    const found = judgeAddress('10.9.8.7', 443, 'db.example.com', publicOnly);

    expect(found).toEqual({
      verdict: 'refused',
      reason: expect.stringContaining('db.example.com'),
    });
    expect(JSON.stringify(found)).not.toContain('10.9.8.7');
  });
});

describe('parseEgressAllow', () => {
  it.each([
    'user@host',
    'host:0',
    'host:65536',
    '*.corp',
    '10/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/9',
    'fd12::/129',
    '::ffff:10.0.0.0/104',
    '0x7f.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    'ftp://host/',
    'http://',
    'http://user:pw@host/',
    'http://host/?q',
    'http://host/#f',
    'host/path',
    'a\\b',
  ])('names the entry %s that it cannot read', (entry) => {
    expect(() => parseEgressAllow(`127.0.0.1:3000, ${entry}`)).toThrow(`"${entry}"`);
  });

  it.each(['', ' ', ',', ' , \n,'])('allows public addresses only for %j', (text) => {
    expect(parseEgressAllow(text)).toEqual({ hosts: [], ranges: [], prefixes: [] });
  });
});
