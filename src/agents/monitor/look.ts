import { createHash } from 'node:crypto';
import type { MonitorInput } from '#agents/monitor/schema';
import { decodePage } from '#agents/scraping/charset';
import type { ReadPageRequest, ReadPageResult } from '#agents/scraping/read-page';
import { USER_AGENT } from '#agents/user-agent';
import type { AgentContext } from '#core/agents/built-in-agent';
import { AppError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import { containsText } from '#core/text-search';

/** What was seen. */
export type Sight = {
  readonly status: number | null;
  readonly latencyMs: number | null;
  readonly tlsDaysLeft: number | null;
  /** Stands for the text; null when it was not read. */
  readonly fingerprint: string | null;
  readonly problems: readonly string[];
};

type Context = Pick<AgentContext<MonitorInput>, 'http' | 'isolate' | 'signal' | 'clock' | 'input'>;

const DAY_MS = 86_400_000;

/** Most characters of a page that are compared. */
const COMPARED = 200_000;

/**
 * Asks once. A server that cannot be reached, is too slow or shows a bad certificate is a sight.
 *
 * @throws ActionRejectedError for an address that we refuse
 */
export async function look(url: string, context: Context): Promise<Sight> {
  const { http, signal, clock, input } = context;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(input.max_latency_ms)]);
  const startedAt = clock.now();
  try {
    const response = await http.send(
      { method: 'GET', url, headers: { 'user-agent': USER_AGENT } },
      { signal: patience },
    );
    return await sightOf(response, clock.now() - startedAt, context);
  } catch (error) {
    signal.throwIfAborted();
    // What went wrong on the wire has a cause; what we refuse has none.
    if (!(error instanceof AppError) || error.cause === undefined) throw error;
    const late = `It did not answer within ${input.max_latency_ms} ms.`;
    const problem = patience.aborted ? late : error.message;
    return {
      status: null,
      latencyMs: null,
      tlsDaysLeft: null,
      fingerprint: null,
      problems: [problem],
    };
  }
}

async function sightOf(
  response: IncomingResponse,
  latencyMs: number,
  context: Context,
): Promise<Sight> {
  const { input, clock } = context;
  const { status, certificateValidTo } = response;
  const text = decodePage(response.body, response.headers['content-type'] ?? '');
  const tlsDaysLeft =
    certificateValidTo === undefined
      ? null
      : Math.floor((certificateValidTo - clock.now()) / DAY_MS);
  const isFine = input.expect_status?.includes(status) ?? (status >= 200 && status < 400);
  const problems = [
    !isFine && `It answered ${status}.`,
    input.contains !== undefined &&
      !containsText(text, input.contains) &&
      `"${input.contains}" is not there.`,
    input.lacks !== undefined && containsText(text, input.lacks) && `"${input.lacks}" is there.`,
    tlsDaysLeft !== null &&
      tlsDaysLeft < input.min_tls_days &&
      `Its certificate is valid for ${tlsDaysLeft} more days only.`,
  ].filter((problem) => problem !== false);
  const isRead = input.watch_changes && isFine;
  const fingerprint = isRead ? await fingerprintOf(text, response, context) : null;
  return { status, latencyMs, tlsDaysLeft, fingerprint, problems };
}

/** Of what people read: tokens and advertisements change a page's source with every request. */
async function fingerprintOf(
  text: string,
  { url, headers }: IncomingResponse,
  { isolate, signal }: Context,
): Promise<string> {
  let compared = text;
  if (/html/.test(headers['content-type'] ?? 'html')) {
    const request: ReadPageRequest = { html: text, url, fields: {}, maxCharacters: COMPARED };
    const result = await isolate<ReadPageResult>('read_page', request, { signal });
    if ('page' in result) compared = `${result.page.title}\n${result.page.markdown}`;
  }
  return createHash('sha256').update(compared).digest('hex');
}
