import { lookup } from 'node:dns/promises';
import type { buildConnector } from 'undici';
import { type EgressPolicy, judgeAddress } from '#core/egress/egress';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';

/** Every address of a host name, IPv6 without brackets; rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Opens a socket to `hostname`, which is always an address that was judged; `host` is the URL's. */
export type Dial = buildConnector.connector;

type Socket = NonNullable<Parameters<buildConnector.Callback>[1]>;

// Enough for a host with a dead address, few enough to end before the caller's patience.
const MAX_ADDRESSES_TRIED = 3;

/** Asks the machine's resolver; IPv4 first, because many networks have no working IPv6. */
export const systemResolve: Resolve = async (host) => {
  const answers = await lookup(host, { all: true, order: 'ipv4first' });
  return answers.map((answer) => answer.address);
};

/**
 * A connector that looks a host up once, refuses unless *every* answer is allowed, and dials the
 * address it judged, so that a second DNS answer cannot lead elsewhere. TLS still verifies the name.
 */
export function guardedConnector(deps: {
  readonly policy: EgressPolicy;
  readonly resolve: Resolve;
  readonly dial: Dial;
  /** Learns of every connection that was made, by the origin that it is for. */
  readonly onConnected?: (origin: string, socket: Socket) => void;
}): buildConnector.connector {
  return (options, callback) => {
    connect(options, deps).then(
      (socket) => {
        deps.onConnected?.(originOf(options), socket);
        callback(null, socket);
      },
      (error) => callback(error, null),
    );
  };
}

function originOf({ protocol, host, hostname, port }: buildConnector.Options): string {
  return new URL(`${protocol}//${host ?? `${hostname}:${port}`}`).origin;
}

async function connect(
  options: buildConnector.Options,
  { policy, resolve, dial }: Parameters<typeof guardedConnector>[0],
): Promise<Socket> {
  // undici takes the brackets off IPv6 addresses.
  const isIpv6 = options.hostname.includes(':');
  const host = isIpv6 ? `[${options.hostname}]` : options.hostname;
  const isAddress = isIpv6 || /^[\d.]+$/.test(host);
  const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);

  const addresses = isAddress ? [options.hostname] : await addressesOf(host, resolve);
  for (const address of addresses) {
    const found = judgeAddress(address, port, host, policy);
    if (found.verdict === 'refused') throw new ActionRejectedError(found.reason);
  }

  let failure: unknown;
  for (const address of addresses.slice(0, MAX_ADDRESSES_TRIED)) {
    try {
      return await dialled({ ...options, hostname: address }, dial);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await resolve(host);
  } catch (cause) {
    throw new ActionUnavailableError(`The address of ${host} could not be found.`, { cause });
  }
  if (addresses.length === 0) {
    throw new ActionUnavailableError(`The address of ${host} could not be found.`);
  }
  return addresses;
}

function dialled(options: buildConnector.Options, dial: Dial): Promise<Socket> {
  return new Promise((resolve, reject) => {
    dial(options, (error, socket) => (error ? reject(error) : resolve(socket as Socket)));
  });
}
