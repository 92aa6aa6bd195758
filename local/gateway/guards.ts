import type { IncomingHttpHeaders } from 'node:http';

/** Whom a `Host` header names: this machine, the public address, or somebody else. */
type HostKind = 'loopback' | 'public' | 'foreign';

/** What the guards compare with. */
export type Guards = {
  /** What a tunnel or a proxy passed on came from outside, even if it says that it is for this machine. */
  hostKind(headers: IncomingHttpHeaders): HostKind;
  /** True when a browser sent the request on behalf of somebody else's page. */
  isForeignPage(headers: PageHeaders): boolean;
};

/** The headers by which browsers say whose page made a request. */
type PageHeaders = {
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
};

/** Set by whoever passes a request on, not by whoever makes one. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Guards against pages that make a browser talk to this machine: by a name that they point at 127.0.0.1
 * (DNS rebinding), or across origins.
 *
 * @param publicUrl the address under which the outside reaches the public doors; may be this machine's own.
 */
export function createGuards(port: number, publicUrl: string): Guards {
  const hosts = new Set(LOOPBACK_NAMES.map((name) => `${name}:${port}`));
  if (port === 80) for (const name of LOOPBACK_NAMES) hosts.add(name);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  const publicHost = new URL(publicUrl).host;
  return {
    hostKind(headers) {
      const name = headers.host?.toLowerCase() ?? '';
      const isPassedOn = PASSED_ON.some((header) => headers[header] !== undefined);
      if (hosts.has(name)) return isPassedOn ? 'public' : 'loopback';
      return name === publicHost ? 'public' : 'foreign';
    },
    isForeignPage(headers) {
      if (headers['sec-fetch-site'] === 'cross-site') return true;
      return headers.origin !== undefined && !origins.has(headers.origin.toLowerCase());
    },
  };
}
