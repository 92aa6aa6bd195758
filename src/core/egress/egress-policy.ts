import ipaddr from 'ipaddr.js';
import { type Address, parseAddress } from './egress-addresses.ts';

/** Inside addresses that outgoing actions may reach; made by {@link parseEgressAllow}. */
export type EgressPolicy = {
  /** Without a port: every port where HTTP may be expected. */
  readonly hosts: readonly { readonly host: string; readonly port: number | undefined }[];
  readonly ranges: readonly (readonly [network: Address, bits: number])[];
  readonly prefixes: readonly {
    readonly protocol: string;
    readonly host: string;
    readonly port: number;
    readonly path: string;
  }[];
};

/**
 * Reads the list of inside addresses that outgoing actions may reach although they are not public.
 *
 * Entries are separated by commas or white space, each one of
 * - `host` or `host:port`: the host as it is written in URLs; the port also lifts the ban on that
 *   port;
 * - `10.0.0.0/8`, `fd12::/48`: addresses, whatever name leads to them;
 * - `http://host:port/path/`: only URLs below this path. Other paths of that host and port are
 *   then refused, even if they are public.
 *
 * An empty text allows public addresses only.
 *
 * @throws Error that names the entry it cannot read.
 */
export function parseEgressAllow(text: string): EgressPolicy {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const areUrls = (entry: string) => entry.includes('://');
  const areRanges = (entry: string) => !areUrls(entry) && entry.includes('/');
  return {
    hosts: entries.filter((entry) => !entry.includes('/')).map(parseHost),
    ranges: entries.filter(areRanges).map(parseRange),
    prefixes: entries.filter(areUrls).map(parsePrefix),
  };
}

/** The entry for this host and port; one that names the port comes first. */
export function listedHost(
  policy: EgressPolicy,
  host: string,
  port: number,
): EgressPolicy['hosts'][number] | undefined {
  const entries = policy.hosts.filter((entry) => entry.host === host);
  return (
    entries.find((entry) => entry.port === port) ??
    entries.find((entry) => entry.port === undefined)
  );
}

/** The URL prefixes for this host and port; there may be several, or none. */
export function listedPrefixes(
  policy: EgressPolicy,
  host: string,
  port: number,
): EgressPolicy['prefixes'] {
  return policy.prefixes.filter((entry) => entry.host === host && entry.port === port);
}

/** Whether a listed range holds the address. */
export function isInListedRange(policy: EgressPolicy, address: Address): boolean {
  return policy.ranges.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

/** The port that a URL means, also when it does not write it. */
export function effectivePort(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function badEntry(entry: string, advice: string): Error {
  return new Error(`Cannot read the allowed address "${entry}": ${advice}`);
}

function parseHost(entry: string): EgressPolicy['hosts'][number] {
  // A bare IPv6 address is all colons, so it cannot have a port.
  if (parseAddress(entry)?.kind() === 'ipv6') {
    return { host: parseUrl(entry, `http://[${entry}]`).hostname, port: undefined };
  }
  const port = /:(\d{1,5})$/.exec(entry)?.[1];
  const host = port === undefined ? entry : entry.slice(0, -port.length - 1);
  const url = parseUrl(entry, `http://${host}`);
  if (url.host !== host.toLowerCase()) {
    throw badEntry(entry, `write it as it appears in URLs, "${url.host}".`);
  }
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) {
    throw badEntry(entry, 'a port is a number from 1 to 65535.');
  }
  return { host: url.host, port: port === undefined ? undefined : Number(port) };
}

function parseRange(entry: string): EgressPolicy['ranges'][number] {
  const [network = '', bits = '', ...rest] = entry.split('/');
  const address = parseAddress(network);
  const width = address?.kind() === 'ipv4' ? 32 : 128;
  if (!address || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > width) {
    throw badEntry(entry, 'write a range as 10.0.0.0/8 or fd12::/48.');
  }
  if (address instanceof ipaddr.IPv6 && address.range() === 'ipv4Mapped') {
    throw badEntry(entry, 'write IPv4 ranges as IPv4.');
  }
  return [address, Number(bits)];
}

function parsePrefix(entry: string): EgressPolicy['prefixes'][number] {
  const url = parseUrl(entry, entry);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw badEntry(entry, 'only http: and https: URLs are possible.');
  }
  return {
    protocol: url.protocol,
    host: url.hostname,
    port: effectivePort(url),
    path: url.pathname,
  };
}

function parseUrl(entry: string, text: string): URL {
  const url = URL.parse(text);
  const isPlain =
    url?.hostname && !/[@?#\\*]/.test(text) && url.username === '' && url.password === '';
  if (!isPlain) {
    throw badEntry(entry, 'write host, host:port, a range, or http://host:port/path/.');
  }
  return url;
}
