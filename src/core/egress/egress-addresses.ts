import ipaddr from 'ipaddr.js';

/** A parsed IPv4 or IPv6 address. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Parses the one canonical spelling of an address: dotted decimal for IPv4, colons for IPv6
 * without brackets.
 *
 * @returns `undefined` for anything else, also for addresses with a zone (`fe80::1%eth0`).
 */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const isIpv6 = text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text);
  return isIpv6 ? ipaddr.IPv6.parse(text) : undefined;
}

// Azure's metadata and host service: the one well-known inside address in public address space.
const azureHost = ipaddr.IPv4.parse('168.63.129.16');

// Where Amazon keeps the IPv6 doors of its instance services, metadata (::254) among them.
const amazonServices = ipaddr.IPv6.parseCIDR('fd00:ec2::/32');

/**
 * Whether an address is an ordinary one on the internet: not private, loopback, link-local,
 * shared, reserved, for documentation, benchmarking or multicast, and not an IPv6 address that
 * carries an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo).
 */
export function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return !address.match(azureHost, 32);
  // "unicast" is also the parser's word for what nobody has assigned; the internet is 2000::/3.
  return ((address as ipaddr.IPv6).parts[0] ?? 0) >>> 13 === 1;
}

/**
 * Whether a configured *name* may lead to this inside address. Link-local and cloud metadata
 * addresses are left out: who wants those has to list the address itself.
 */
export function isOrdinaryPrivate(address: Address): boolean {
  switch (address.range()) {
    case 'loopback':
    case 'private':
    case 'carrierGradeNat':
      return true;
    case 'uniqueLocal':
      return !address.match(amazonServices);
    default:
      return false;
  }
}
