import { type EgressPolicy, judgeUrl } from '#core/egress/egress';
import { ActionRejectedError } from '#core/errors';
import type { Answer, Hop } from './exchange.ts';
import { headersForOtherOrigin, headersWithoutBody } from './request-headers.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The request that a redirect asks for, by the rules of the Fetch standard, except that another
 * origin gets neither credentials nor headers of the user's own.
 *
 * @returns `undefined` when the answer is not a redirect.
 * @throws ActionRejectedError when it leads to where we do not go.
 */
export function redirected(hop: Hop, answer: Answer, policy: EgressPolicy): Hop | undefined {
  const location = answer.headers['location'];
  if (location === undefined || !REDIRECTS.has(answer.status)) return undefined;

  const target = URL.parse(location, hop.url.href);
  if (!target) {
    throw new ActionRejectedError(`${hop.url.host} redirected to something that is not a URL.`);
  }
  const found = judgeUrl(target.href, policy);
  if (found.verdict === 'refused') {
    throw new ActionRejectedError(`${hop.url.host} redirected elsewhere. ${found.reason}`);
  }

  const next = { ...hop, url: found.url };
  const sent = losesBody(hop.method, answer.status)
    ? { ...next, method: 'GET', body: undefined, headers: headersWithoutBody(hop.headers) }
    : next;
  const isSameOrigin = found.url.origin === hop.url.origin;
  return isSameOrigin ? sent : { ...sent, headers: headersForOtherOrigin(sent.headers) };
}

function losesBody(method: string, status: number): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}
