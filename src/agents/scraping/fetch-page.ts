import { decodePage } from '#agents/scraping/charset';
import { heedingRobots } from '#agents/scraping/robots';
import { USER_AGENT } from '#agents/user-agent';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import { isPassing, statusError } from '#core/provider-answer';

/** Largest page that is read, in bytes. */
const MAX_BYTES = 5 * 1_024 * 1_024;

const ACCEPT = 'text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,*/*;q=0.1';

/** A page as it came. */
export type FetchedPage = {
  readonly status: number;
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly isHtml: boolean;
  readonly text: string;
};

/**
 * Fetches a page that robots.txt leaves open to us, and so every address that it redirects to.
 *
 * @throws ActionRejectedError, ActionUnavailableError
 */
export async function fetchPage(
  url: string,
  context: Pick<AgentContext<unknown>, 'http' | 'signal'>,
): Promise<FetchedPage> {
  if (!URL.canParse(url)) throw new ActionRejectedError(`input.url: This is not a URL.`);
  const { http, signal } = context;
  const heedRobots = heedingRobots(context);
  await heedRobots(url);
  const headers = { accept: ACCEPT, 'user-agent': USER_AGENT };
  const answer = await http.send(
    { method: 'GET', url, headers },
    { signal, beforeRedirect: heedRobots },
  );
  const host = new URL(answer.url).host;
  expectPage(answer);
  if (answer.body.length > MAX_BYTES) {
    throw new ActionRejectedError(
      `${host} answered with more than the 5 MiB that a page may have.`,
    );
  }
  const type = answer.headers['content-type'] ?? 'text/html';
  const isHtml = /html|xml/.test(type);
  if (!isHtml && !/^(text\/|application\/([\w.+-]*json|x-ndjson))/.test(type)) {
    const kind = type.split(';')[0]?.slice(0, 80);
    throw new ActionRejectedError(`${host} answered with ${kind}, which is not a page of text.`);
  }
  return { status: answer.status, url: answer.url, isHtml, text: decodePage(answer.body, type) };
}

function expectPage(answer: IncomingResponse): void {
  const { status, url } = answer;
  if (status >= 200 && status < 300) return;
  const told = `${new URL(url).host} answered ${status}.`;
  throw statusError(answer, isPassing(status) ? told : `${told} ${adviceFor(status)}.`, undefined);
}

function adviceFor(status: number): string {
  return status === 401 || status === 403 ? 'The page does not want us' : 'Check the address';
}
