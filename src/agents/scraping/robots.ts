import { closingLine } from '#agents/scraping/robots-rules';
import { ROBOT_NAME, USER_AGENT } from '#agents/user-agent';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { IncomingResponse } from '#core/http';

/** What is read of a robots.txt at least, in bytes (RFC 9309, 2.5). */
const MAX_BYTES = 512_000;

/**
 * Passes when a site leaves an address open to us. Its robots.txt is read as RFC 9309 says: none
 * there means that everything is allowed, one that cannot be had means that nothing is.
 *
 * @throws ActionRejectedError for an address that it closes to us, ActionUnavailableError when it
 *   cannot be read now
 */
export async function heedRobots(
  url: string,
  { http, signal }: Pick<AgentContext<unknown>, 'http' | 'signal'>,
): Promise<void> {
  const { origin, host } = new URL(url);
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
      `${host} did not say what may be read: its robots.txt answered ${answer.status}.`,
    );
  }
  if (answer.status < 200 || answer.status >= 300) return;
  const line = closingLine(textOf(answer), url, ROBOT_NAME);
  if (line === undefined) return;
  throw new ActionRejectedError(
    `${host} does not allow robots to read this page (robots.txt, line ${line}). Read another page, or ask the site.`,
  );
}

/** A page that is served for every address is no robots.txt. */
function textOf({ body, headers }: IncomingResponse): string {
  if (/html/.test(headers['content-type'] ?? '')) return '';
  return new TextDecoder().decode(body.subarray(0, MAX_BYTES));
}
