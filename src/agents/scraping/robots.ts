import { closingLine } from '#agents/scraping/robots-rules';
import { ROBOT_NAME, USER_AGENT } from '#agents/user-agent';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { IncomingResponse } from '#core/http';

type Context = Pick<AgentContext<unknown>, 'http' | 'signal'>;

/** What is read of a robots.txt at least, in bytes (RFC 9309, 2.5). */
const MAX_BYTES = 512_000;

/**
 * Passes when a site leaves an address open to us, and asks each site once. Its robots.txt is read as
 * RFC 9309 says: none there means that everything is allowed, one that cannot be had means that
 * nothing is.
 *
 * @returns what throws ActionRejectedError for an address that is closed to us, and
 *   ActionUnavailableError when that cannot be known now
 */
export function heedingRobots(context: Context): (url: string) => Promise<void> {
  const known = new Map<string, string>();
  return async (url) => {
    const { origin, host } = new URL(url);
    const rules = known.get(origin) ?? (await rulesOf(origin, context));
    known.set(origin, rules);
    const line = closingLine(rules, url, ROBOT_NAME);
    if (line === undefined) return;
    throw new ActionRejectedError(
      `${host} does not allow robots to read this page (robots.txt, line ${line}). Read another page, or ask the site.`,
    );
  };
}

async function rulesOf(origin: string, { http, signal }: Context): Promise<string> {
  const answer = await http.send(
    {
      method: 'GET',
      url: `${origin}/robots.txt`,
      headers: { accept: 'text/plain', 'user-agent': USER_AGENT },
    },
    { signal },
  );
  if (answer.status >= 500 || answer.status === 429) {
    throw new ActionUnavailableError(
      `${new URL(origin).host} did not say what may be read: its robots.txt answered ${answer.status}.`,
    );
  }
  return answer.status >= 200 && answer.status < 300 ? textOf(answer) : '';
}

/** A page that is served for every address is no robots.txt. */
function textOf({ body, headers }: IncomingResponse): string {
  if (/html/.test(headers['content-type'] ?? '')) return '';
  return new TextDecoder().decode(body.subarray(0, MAX_BYTES));
}
