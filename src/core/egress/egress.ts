import { isOrdinaryPrivate, isPublic, parseAddress } from './egress-addresses.ts';
import {
  type EgressPolicy,
  effectivePort,
  isInListedRange,
  listedHost,
  listedPrefixes,
} from './egress-policy.ts';
import { isRefusedPort } from './egress-ports.ts';

export { type EgressPolicy, parseEgressAllow } from './egress-policy.ts';

/** Reasons are for people, say what to change, and hold no more of the URL than its host. */
type Refused = { readonly verdict: 'refused'; readonly reason: string };

/** What {@link judgeUrl} found; `url` is the parsed form, the only one to use from then on. */
export type UrlVerdict = { readonly verdict: 'allowed'; readonly url: URL } | Refused;

/** What {@link judgeAddress} found. */
export type AddressVerdict = { readonly verdict: 'allowed' } | Refused;

const MAX_URL_LENGTH = 8_192;

/**
 * Judges a URL that a user chose by all that can be known without asking the DNS: syntax, scheme,
 * port, host name, and the address when it is written out.
 *
 * "Allowed" is not enough to open a connection: {@link judgeAddress} must agree with every address
 * that the host name leads to.
 */
export function judgeUrl(text: string, policy: EgressPolicy): UrlVerdict {
  const url = readUrl(text);
  if (!(url instanceof URL)) return url;

  // A name with a final dot is the same host, and gets the same rules and the same connection.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  const host = url.hostname;
  const port = effectivePort(url);

  const literal = addressIn(host);
  const found =
    literal === undefined
      ? judgeName(host, port, policy)
      : judgeAddress(literal, port, host, policy);
  if (found.verdict === 'refused') return found;

  const outside = judgePlace(url, port, policy);
  return outside ?? { verdict: 'allowed', url };
}

/**
 * Judges the address that is about to be dialled.
 *
 * @param ip Canonical text, IPv6 without brackets.
 * @param host As in `URL.hostname`: lower case, IPv6 with brackets.
 */
export function judgeAddress(
  ip: string,
  port: number,
  host: string,
  policy: EgressPolicy,
): AddressVerdict {
  const address = parseAddress(ip);
  if (address) {
    if (isPublic(address) || isInListedRange(policy, address)) return { verdict: 'allowed' };
    const isListed =
      listedHost(policy, host, port) !== undefined || listedPrefixes(policy, host, port).length > 0;
    const isWrittenOut = addressIn(host) === ip;
    if (isListed && (isWrittenOut || isOrdinaryPrivate(address))) return { verdict: 'allowed' };
  }
  const problem =
    addressIn(host) === undefined
      ? 'leads to an address that is not public'
      : 'is not a public address';
  return refused(
    `${host} ${problem}. Use a public one, or have the operator allow it in EGRESS_ALLOW.`,
  );
}

/**
 * Whether the path has `..` in it, which parsers take away: data must not lead to another part of the
 * host, where its author's credential is good, too.
 */
export function leadsUpwards(url: string): boolean {
  return /^[^?#]*\/(?:\.|%2e){2}(?:[/?#]|$)/i.test(url);
}

function refused(reason: string): Refused {
  return { verdict: 'refused', reason };
}

function readUrl(text: string): URL | Refused {
  if (text.length > MAX_URL_LENGTH) {
    return refused(`The URL is longer than ${MAX_URL_LENGTH} characters.`);
  }
  // Parsers disagree about these, and one that differs from ours could be further on.
  if (/[\p{C}\p{Z}\\]/u.test(text)) {
    return refused(
      'The URL has a space, a backslash or an invisible character in it. Remove it, or write it percent-encoded.',
    );
  }
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
  if (authority === undefined) {
    return refused('Write the URL in full, starting with https:// or http:// and a host.');
  }
  if (authority.includes('@')) {
    return refused(
      'The URL has a user name or password before its host. Send them in an Authorization header.',
    );
  }
  if (leadsUpwards(text)) {
    return refused(
      'The URL has ".." in its path, which would lead above what was written. Write the address that is meant.',
    );
  }
  return URL.parse(text) ?? refused('The host or the port in the URL is not valid.');
}

/** The address in a host that is one, without brackets. The URL parser wrote it canonically. */
function addressIn(host: string): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^[\d.]+$/.test(host) ? host : undefined;
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

// Top-level names that only mean something inside a network.
const INSIDE_NAME =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/;

function judgeName(host: string, port: number, policy: EgressPolicy): AddressVerdict {
  if (!HOST_NAME.test(host)) return refused('The host in the URL is not a valid name.');

  const isListed =
    listedHost(policy, host, port) !== undefined ||
    listedPrefixes(policy, host, port).length > 0 ||
    // A listed range is reached through inside names: let the address decide.
    policy.ranges.length > 0;
  if (isListed || (host.includes('.') && !INSIDE_NAME.test(host))) return { verdict: 'allowed' };
  return refused(
    `${host} is a name inside a network. Use a public host, or have the operator allow it in EGRESS_ALLOW.`,
  );
}

/** Port and path. */
function judgePlace(url: URL, port: number, policy: EgressPolicy): Refused | undefined {
  const { hostname: host } = url;
  const entry = listedHost(policy, host, port);
  const prefixes = listedPrefixes(policy, host, port);
  if (isRefusedPort(port) && entry?.port === undefined && prefixes.length === 0) {
    return refused(`Port ${port} of ${host} is not one for HTTP. Use another port.`);
  }
  if (prefixes.length === 0 || entry || isHeldByRange(host, policy)) return undefined;
  if (prefixes.some((prefix) => prefix.protocol === url.protocol && isBelow(url, prefix.path))) {
    return undefined;
  }
  return refused(
    `Only some paths of ${url.host} may be used; EGRESS_ALLOW of this installation names them.`,
  );
}

function isHeldByRange(host: string, policy: EgressPolicy): boolean {
  const address = parseAddress(addressIn(host) ?? '');
  return address !== undefined && isInListedRange(policy, address);
}

function isBelow(url: URL, prefix: string): boolean {
  // A server that decodes these would see another path than the one compared here.
  if (/%(?:2e|2f|5c|25)/i.test(url.pathname)) return false;
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return url.pathname.startsWith(folder) || url.pathname === prefix;
}
