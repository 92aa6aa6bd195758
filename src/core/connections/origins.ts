import { readGoogleKey } from '#core/connections/google-key';
import type { NewConnection } from '#core/connections/kinds';
import { type EgressPolicy, judgeUrl } from '#core/egress/egress';
import { type FieldProblem, invalidRequest } from '#core/errors';

/** Where Google's APIs are. */
const GOOGLE = [
  'https://www.googleapis.com',
  'https://sheets.googleapis.com',
  'https://youtube.googleapis.com',
];

/**
 * Where a connection's credential may be sent; undefined where only the secret says so, and it is not
 * given.
 *
 * @throws RequestError `invalid_request` for an address or a host that cannot be used
 */
export function originsOf(
  body: NewConnection,
  policy: EgressPolicy,
): readonly string[] | undefined {
  const problems = addressProblems(body, policy);
  if (problems.length > 0) throw invalidRequest(problems);
  const { kind, settings, secret } = body;
  if (body.allowed_hosts)
    return [...new Set(body.allowed_hosts.map((host) => originOf(host)))] as string[];
  if (kind === 'slack_webhook') return secret && [new URL(secret['url'] ?? '').origin];
  if (settings['base_url'] !== undefined) return [new URL(settings['base_url']).origin];
  if (kind === 'ses_identity') return [`https://email.${settings['region']}.amazonaws.com`];
  return kind.startsWith('google_') ? GOOGLE : [];
}

/** The origin that an entry of allowed_hosts means; undefined when it means none. */
function originOf(entry: string): string | undefined {
  const url = URL.parse(/^https?:\/\//i.test(entry) ? entry : `https://${entry}`);
  const isBare = url && url.pathname === '/' && !/[@?#*]/.test(entry) && url.hostname !== '';
  return isBare ? url.origin : undefined;
}

/** An origin as it is shown: the host alone where it is encrypted. */
export function shownHost(origin: string): string {
  return origin.replace(/^https:\/\//, '');
}

function addressProblems(body: NewConnection, policy: EgressPolicy): FieldProblem[] {
  const { kind, settings, secret, allowed_hosts = [] } = body;
  const hosts = allowed_hosts.flatMap((entry, index) => {
    const path = `allowed_hosts[${index}]`;
    if (originOf(entry) !== undefined) return [];
    const message = 'Write a host such as api.example.com, without a path and without a wildcard.';
    return [{ path, message }];
  });
  const addresses: [string, string | undefined][] = [
    ['settings.base_url', settings['base_url']],
    ['settings.token_url', settings['token_url']],
    ['settings.test_url', settings['test_url']],
    ...(kind === 'slack_webhook' && secret
      ? [['secret.url', secret['url']] as [string, string]]
      : []),
    ...(kind === 'google_service_account' && secret
      ? [['secret.key', readGoogleKey(secret['key'] ?? '').token_uri] as [string, string]]
      : []),
  ];
  const refused = addresses.flatMap(([path, address]) => {
    if (address === undefined) return [];
    const verdict = judgeUrl(address, policy);
    return verdict.verdict === 'allowed' ? [] : [{ path, message: verdict.reason }];
  });
  return [...hosts, ...refused];
}
