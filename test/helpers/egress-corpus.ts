/** A URL that a user may write, and what has to become of it with the policy "public only". */
export type CorpusRow = {
  readonly url: string;
  /** `host:port` that is dialled; absent when nothing may be. */
  readonly dials?: string;
};

/** What the stub resolver knows; any other name leads to {@link PUBLIC_IP}. */
export const stubAnswers: Readonly<Record<string, readonly string[]>> = {
  'v6.example.com': ['2606:2800:220:1:248:1893:25c8:1946'],
  'both.example.com': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'],
  'loopback.example.com': ['127.0.0.1'],
  'loopback6.example.com': ['::1'],
  'metadata.example.com': ['169.254.169.254'],
  'metadata6.example.com': ['fd00:ec2::254'],
  'azure.example.com': ['168.63.129.16'],
  'ten.example.com': ['10.1.2.3'],
  'mixed.example.com': ['93.184.216.34', '10.0.0.1'],
  'mixed6.example.com': ['93.184.216.34', 'fd12::1'],
  'last-of-many.example.com': ['93.184.216.34', '93.184.216.35', '93.184.216.36', '127.0.0.1'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  'mapped-public.example.com': ['::ffff:93.184.216.34'],
  'nat64.example.com': ['64:ff9b::5db8:d822'],
  'zone.example.com': ['fe80::1%eth0'],
  'octal-answer.example.com': ['0177.0.0.1'],
  'nonsense.example.com': ['not an address'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
};

/** Where ordinary names lead in the tests. Nothing is ever really sent there. */
export const PUBLIC_IP = '93.184.216.34';

const allowed: readonly CorpusRow[] = [
  ['http://example.com', `${PUBLIC_IP}:80`],
  ['http://example.com/', `${PUBLIC_IP}:80`],
  ['https://example.com/path?query=1#fragment', `${PUBLIC_IP}:443`],
  ['HTTPS://EXAMPLE.COM/', `${PUBLIC_IP}:443`],
  ['https://example.com./', `${PUBLIC_IP}:443`],
  ['https://example.com:443/', `${PUBLIC_IP}:443`],
  ['https://example.com:8443/', `${PUBLIC_IP}:8443`],
  ['http://example.com:8080/', `${PUBLIC_IP}:8080`],
  ['http://example.com:9200/_search', `${PUBLIC_IP}:9200`],
  ['http://example.com:00080/', `${PUBLIC_IP}:80`],
  ['https://sub.domain.example.com/', `${PUBLIC_IP}:443`],
  ['https://under_score.example.com/', `${PUBLIC_IP}:443`],
  ['https://bücher.example/', `${PUBLIC_IP}:443`],
  ['https://xn--bcher-kva.example/', `${PUBLIC_IP}:443`],
  ['https://localhost.example.com/', `${PUBLIC_IP}:443`],
  ['https://internal.example.com/', `${PUBLIC_IP}:443`],
  ['https://notlocalhost.com/', `${PUBLIC_IP}:443`],
  ['https://mylocal.net/', `${PUBLIC_IP}:443`],
  ['https://example.com/?next=http://127.0.0.1/', `${PUBLIC_IP}:443`],
  ['https://example.com/@user', `${PUBLIC_IP}:443`],
  ['https://example.com?a=b@c', `${PUBLIC_IP}:443`],
  ['https://example.com/#@127.0.0.1', `${PUBLIC_IP}:443`],
  ['https://example.com/%20%5C%00', `${PUBLIC_IP}:443`],
  ['https://example.com/..a/b../...?c=/../#/../', `${PUBLIC_IP}:443`],
  ['http://93.184.216.34/', '93.184.216.34:80'],
  ['http://1.1.1.1/', '1.1.1.1:80'],
  ['http://0x5db8d822/', '93.184.216.34:80'],
  ['http://8.8.8.8:8080/', '8.8.8.8:8080'],
  ['http://9.255.255.255/', '9.255.255.255:80'],
  ['http://11.0.0.0/', '11.0.0.0:80'],
  ['http://100.63.255.255/', '100.63.255.255:80'],
  ['http://100.128.0.0/', '100.128.0.0:80'],
  ['http://172.15.255.255/', '172.15.255.255:80'],
  ['http://172.32.0.0/', '172.32.0.0:80'],
  ['http://192.167.255.255/', '192.167.255.255:80'],
  ['http://192.169.0.0/', '192.169.0.0:80'],
  ['http://168.63.129.15/', '168.63.129.15:80'],
  ['http://168.63.129.17/', '168.63.129.17:80'],
  ['http://169.253.255.255/', '169.253.255.255:80'],
  ['http://223.255.255.255/', '223.255.255.255:80'],
  ['http://[2606:2800:220:1:248:1893:25c8:1946]/', '2606:2800:220:1:248:1893:25c8:1946:80'],
  ['http://[2001:4860:4860::8888]/', '2001:4860:4860::8888:80'],
  ['http://[2a00:1450:4001:82a::200e]:8080/', '2a00:1450:4001:82a::200e:8080'],
  ['http://[3ffe::1]/', '3ffe::1:80'],
  ['https://v6.example.com/', '2606:2800:220:1:248:1893:25c8:1946:443'],
  ['https://both.example.com/', '93.184.216.34:443'],
].map(([url = '', dials = '']) => ({ url, dials }));

const refusedHosts = [
  // Loopback in the spellings that URL parsers understand.
  ...['127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '127.127.127.127', '127.255.255.255'],
  ...['2130706433', '0x7f000001', '0X7F000001', '017700000001', '0x7f.1', '0177.1', '0177.0.0.1'],
  ...['0x7f.0x0.0x0.0x1', '0000000177.0.0.01', '0x7f.0.1', '127.0x1', '%31%32%37.0.0.1'],
  ...['１２７.０.０.１', '127。0。0。1', '①②⑦.0.0.1', '0x7F.00000.0.1'],
  // This network, private networks, shared address space.
  ...['0', '0.0.0.0', '0.1.2.3', '0.255.255.255', '0x0', '00.0.0.0'],
  ...['10.0.0.0', '10.0.0.1', '10.255.255.255', '167772161', '0xa000001', '012.1', '10.1'],
  ...['172.16.0.0', '172.16.0.1', '172.31.255.255', '0xac100001', '2886729729'],
  ...['192.168.0.0', '192.168.0.1', '192.168.255.255', '0xc0a80001', '192.168.257', '192.11010049'],
  ...['100.64.0.0', '100.100.100.200', '100.127.255.255'],
  // Link-local and metadata.
  ...['169.254.0.0', '169.254.169.254', '169.254.170.2', '169.254.255.255', '2852039166'],
  ...['0xa9fea9fe', '0xa9.0xfe.0xa9.0xfe', '0251.0376.0251.0376', '169.254.43518', '169.16689662'],
  ...['168.63.129.16', '0xa83f8110', '2822734096'],
  // Reserved, documentation, benchmarking, multicast, broadcast.
  ...['192.0.0.0', '192.0.0.170', '192.0.0.255', '192.0.2.1', '192.31.196.1', '192.52.193.1'],
  ...['192.88.99.1', '192.175.48.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9'],
  ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '250.1.2.3', '255.255.255.254'],
  ...['255.255.255.255', '0xffffffff', '4294967295', '037777777777'],
  // IPv6 that is not on the internet.
  ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::2]', '[1::1]', '[100::1]'],
  ...['[200::1]', '[400::1]', '[1fff::1]', '[4000::1]', '[5f00::1]', '[6000::1]', '[8000::1]'],
  ...['[a000::1]', '[c000::1]', '[e000::1]', '[f000::1]', '[f800::1]', '[fb00::1]'],
  ...['[fc00::1]', '[fd00::1]', '[fd00:ec2::254]', '[fd00:ec2::23]', '[fdff:ffff::1]'],
  ...['[fe00::1]', '[fe80::1]', '[fe80::a9fe:a9fe]', '[febf::1]', '[fec0::1]', '[feff::1]'],
  ...['[ff00::1]', '[ff02::1]', '[ff0e::1]', '[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]'],
  // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo; public ones too.
  ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:1]', '[::FFFF:A9FE:A9FE]'],
  ...['[::ffff:10.0.0.1]', '[::ffff:93.184.216.34]', '[::127.0.0.1]', '[::7f00:1]'],
  ...['[::169.254.169.254]', '[::93.184.216.34]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b::5db8:d822]', '[64:ff9b:1::a00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]'],
  ...['[2002:5db8:d822::1]', '[2001::1]', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
  // Special parts of 2000::/3.
  ...['[2001:2::1]', '[2001:3::1]', '[2001:4:112::1]', '[2001:10::1]', '[2001:20::1]'],
  ...['[2001:30::1]', '[2001:1ff::1]', '[2001:db8::1]', '[2620:4f:8000::1]', '[3fff::1]'],
  // Names inside networks.
  ...[
    'localhost',
    'LOCALHOST',
    'LocalHost',
    'localhost.',
    'foo.localhost',
    'ｌocalhost',
    'ⓛocalhost',
  ],
  ...['localhost.localdomain', 'router', 'intranet', 'db', 'kubernetes', 'printer.local'],
  ...['metadata.google.internal', 'ip-10-0-0-1.ec2.internal', 'wiki.corp', 'nas.lan', 'pi.home'],
  ...['host.docker.internal', 'api.intranet', 'x.private', 'router.home.arpa', 'local', 'internal'],
  // Not names.
  ...['exa..mple.com', '.example.com', 'example..', '-', '_', `${'a'.repeat(64)}.com`],
  ...[
    'a,b.example.com',
    "it's.example.com",
    'a*b.example.com',
    'a(b).example.com',
    'a;b.example.com',
  ],
];

const refusedUrls = [
  // Schemes.
  ...['ftp://example.com/', 'file:///etc/passwd', 'gopher://example.com/', 'javascript:alert(1)'],
  ...['data:text/plain,x', 'ws://example.com/', 'wss://example.com/', 'dict://example.com:2628/'],
  ...['ldap://example.com/', 'unix:/var/run/docker.sock', 'http+unix://%2Fvar%2Frun/x', 'blob:x'],
  ...['about:blank', 'view-source:http://example.com', 'jar:http://example.com!/', 'httpx://a.com'],
  // Not a whole URL.
  ...[
    '',
    'example.com',
    '//example.com/',
    '/path',
    'http:',
    'http:/',
    'http://',
    'http:example.com',
  ],
  ...[
    'http:/example.com',
    'http:///example.com',
    'https:///',
    'http://?',
    'http://#',
    'http://:80',
  ],
  ...['http://[', 'http://[::1', 'http://::1/', 'http://[::1%25eth0]/', 'http://[fe80::1%eth0]/'],
  ...['http://example.com:x/', 'http://example.com:65536/', 'http://example.com:-1/'],
  ...['http://256.1.1.1/', 'http://1.2.3.4.5/', 'http://127.0.0.1.0x/', 'http://09.1.1.1/'],
  ...['http://exa%mple.com/', 'http://exa<mple.com/', 'http://%00/', 'http://xn--/'],
  // User names, backslashes, invisible characters.
  ...['http://user@example.com/', 'http://user:secret@example.com/', 'http://@example.com/'],
  ...['http://:@example.com/', 'http://example.com@127.0.0.1/', 'http://127.0.0.1@example.com/'],
  ...[
    'http://a@b@example.com/',
    'http://example.com:80@127.0.0.1/',
    'http://example.com%40x@y.com',
  ],
  ...['http://example.com\\@127.0.0.1/', 'http:\\\\example.com\\', 'http://example.com\\.evil.com'],
  ...['https://example.com/a\\b', 'http:/\\127.0.0.1/', '\\\\127.0.0.1\\share'],
  ...[
    ' http://example.com/',
    'http://example.com/ ',
    'http://exa mple.com/',
    'http://example.com/a b',
  ],
  ...[
    'http://example.com/\n',
    'http://exam\nple.com/',
    'h\nttp://example.com/',
    'http://example.com/\t',
  ],
  ...['http://example.com/\r\nX: y', 'http://example.com/\u0000', 'http://example.com/\u007f'],
  ...['http://example.com/\u00a0', 'http://127\u00ad.0.0.1/', 'http://exam\u200bple.com/'],
  ...['http://\u202eexample.com/', 'http://example.com/\u2028', 'http://\ufeffexample.com/'],
  ...['http://example.com/\ud800', `https://example.com/${'a'.repeat(9_000)}`],
  // Ports of other protocols.
  ...[0, 1, 21, 22, 23, 25, 53, 110, 135, 139, 143, 389, 445, 465, 587, 636, 993, 1433, 1521].map(
    (port) => `http://example.com:${port}/`,
  ),
  ...[2049, 2375, 3306, 3389, 5432, 5672, 5900, 6000, 6379, 6667, 9092, 10080, 11211, 27017].map(
    (port) => `https://example.com:${port}/`,
  ),
  'http://93.184.216.34:22/',
  'http://[2606:2800:220:1::1]:6379/',
  // Above what was written.
  ...['/a/../b', '/..', '/../?a', '/..#a', '/a/%2e%2E/b', '/a/.%2e', '/a/b/%2e./c'].map(
    (path) => `https://example.com${path}`,
  ),
];

/** Refused by what is written, before any lookup. */
export const refusedAtSight: readonly CorpusRow[] = [
  ...refusedHosts.map((host) => ({ url: `http://${host}/secret` })),
  ...['127.0.0.1', '[::1]', '10.0.0.1', 'localhost', '169.254.169.254'].flatMap((host) => [
    { url: `https://${host}/secret` },
    { url: `http://${host}:8080/secret` },
  ]),
  ...refusedUrls.map((url) => ({ url })),
];

/** Refused only when the resolver has answered. */
export const refusedByAnswer: readonly CorpusRow[] = Object.keys(stubAnswers)
  .filter((host) => !['v6.example.com', 'both.example.com'].includes(host))
  .flatMap((host) => [{ url: `http://${host}/` }, { url: `https://${host}:8443/` }]);

/** Public. */
export const allowedUrls = allowed;
