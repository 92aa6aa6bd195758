import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { type EgressPolicy, judgeUrl } from '#core/egress/egress';
import { ActionRejectedError } from '#core/errors';
import type { Http, IncomingResponse, OutgoingRequest } from '#core/http';
import { rememberedCertificates } from './certificates.ts';
import { type Dial, guardedConnector, type Resolve, systemResolve } from './connector.ts';
import { type Answer, exchange, type Hop } from './exchange.ts';
import { stopped, tookTooLong } from './failures.ts';
import { defaultLimits, type SafeHttpLimits } from './limits.ts';
import { redirected } from './redirects.ts';
import { checkedHeaders } from './request-headers.ts';

/** What {@link safeHttp} needs; only the policy has no default. */
export type SafeHttpOptions = {
  readonly policy: EgressPolicy;
  /** @default the machine's resolver */
  readonly resolve?: Resolve;
  /** @default TCP, and TLS with certificate checks for `https:` */
  readonly dial?: Dial;
  /** Those not given keep their default. */
  readonly limits?: Partial<SafeHttpLimits>;
};

/**
 * The way out to addresses that users choose. Connections are kept and shared by all requests to
 * an origin, so make one per process and pass it around.
 *
 * A response that was compressed comes without `content-encoding` and `content-length`.
 */
export function safeHttp(options: SafeHttpOptions): Http {
  const { policy } = options;
  const limits = { ...defaultLimits, ...options.limits };
  // HTTP/1.1 only: one request a connection is easy to bound, and HTTP/2 is not needed for speed.
  const dial =
    options.dial ??
    buildConnector({ allowH2: false, timeout: limits.connectMs, rejectUnauthorized: true });
  const certificates = rememberedCertificates();
  const agent = new Agent({
    allowH2: false,
    connect: guardedConnector({
      policy,
      resolve: options.resolve ?? systemResolve,
      dial,
      onConnected: certificates.note,
    }),
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: limits.headerBytes,
  });

  return {
    async send(request, { signal, beforeRedirect }) {
      const first = firstHop(request, policy);
      const patience = new AbortController();
      // Which host we wait for changes with each redirect.
      let host = first.url.host;
      const onTimeout = () => patience.abort(tookTooLong(host, limits));
      const onAbort = () => patience.abort(stopped(signal.reason, host));
      if (signal.aborted) throw stopped(signal.reason, host);
      signal.addEventListener('abort', onAbort);
      const timer = setTimeout(onTimeout, limits.totalMs);

      try {
        let hop = first;
        let lostBody = false;
        for (let redirects = 0; ; redirects += 1) {
          host = hop.url.host;
          patience.signal.throwIfAborted();
          const answer = await exchange(agent, hop, limits, patience.signal);
          const next = redirected(hop, answer, policy);
          if (!next) {
            const certificateValidTo = certificates.validTo(hop.url.origin);
            return incoming(hop, answer, { lostBody, certificateValidTo });
          }
          const most = Math.min(limits.redirects, request.redirects ?? limits.redirects);
          if (redirects === most) throw redirectedTooOften(first.url.host, most);
          await beforeRedirect?.(next.url.href);
          // After a 303 that is meant: what was asked for is done.
          lostBody ||= answer.status !== 303 && next.method !== hop.method;
          hop = next;
        }
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

function redirectedTooOften(host: string, most: number): ActionRejectedError {
  const often =
    most === 0 ? 'redirected, which is not followed here' : `redirected more than ${most} times`;
  return new ActionRejectedError(`${host} ${often}.`);
}

function incoming(
  hop: Hop,
  { status, headers, body }: Answer,
  more: { readonly lostBody: boolean; readonly certificateValidTo: number | undefined },
): IncomingResponse {
  const { lostBody, certificateValidTo } = more;
  return {
    status,
    headers,
    body,
    url: hop.url.href,
    ...(lostBody && { lostBody }),
    ...(certificateValidTo !== undefined && { certificateValidTo }),
  };
}

function firstHop(request: OutgoingRequest, policy: EgressPolicy): Hop {
  const found = judgeUrl(request.url, policy);
  if (found.verdict === 'refused') throw new ActionRejectedError(found.reason);

  const method = request.method.toUpperCase();
  if (!/^[A-Z]+$/.test(method) || ['CONNECT', 'TRACE', 'TRACK'].includes(method)) {
    throw new ActionRejectedError('The request method is not one that can be used.');
  }
  const hasBody = request.body !== undefined && request.body.length > 0;
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    throw new ActionRejectedError(`A ${method} request cannot have a body: use another method.`);
  }
  return {
    url: found.url,
    method,
    headers: checkedHeaders(request.headers),
    body: hasBody ? request.body : undefined,
  };
}
