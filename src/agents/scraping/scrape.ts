import { type FetchedPage, fetchPage } from '#agents/scraping/fetch-page';
import type { FieldRule } from '#agents/scraping/fields';
import type { ReadPageRequest, ReadPageResult } from '#agents/scraping/read-page';
import type { ScrapingOutput } from '#agents/scraping/schema';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';

/** What a page may take to be read. */
const LIMITS = { timeoutMs: 20_000, memoryMb: 192 };

/** What to read. */
type ScrapeRequest = {
  readonly url: string;
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly maxCharacters: number;
};

/** Fetches a page and reads it. */
export async function scrape(
  request: ScrapeRequest,
  context: Pick<AgentContext<unknown>, 'http' | 'isolate' | 'signal'>,
): Promise<ActionResult<ScrapingOutput>> {
  const page = await fetchPage(request.url, context);
  const output = page.isHtml ? await readHtml(page, request, context) : plainText(page, request);
  const host = new URL(page.url).host;
  return { output, summary: `Read "${output.title.slice(0, 60)}" on ${host}` };
}

/** Apart from everything else: how long a page takes to read is up to whoever wrote it. */
async function readHtml(
  { text, url, status }: FetchedPage,
  { fields, maxCharacters }: ScrapeRequest,
  { isolate, signal }: Pick<AgentContext<unknown>, 'isolate' | 'signal'>,
): Promise<ScrapingOutput> {
  const request: ReadPageRequest = { html: text, url, fields, maxCharacters };
  const result = await isolate<ReadPageResult>('read_page', request, { ...LIMITS, signal });
  if ('problem' in result) throw new ActionRejectedError(result.problem);
  return { url, status, ...result.page };
}

/** What is not HTML is its own readable text. */
function plainText(
  { text, url, status }: FetchedPage,
  { fields, maxCharacters }: ScrapeRequest,
): ScrapingOutput {
  return {
    url,
    status,
    title: new URL(url).pathname.split('/').at(-1) ?? '',
    description: null,
    language: null,
    canonical_url: null,
    markdown: text.slice(0, maxCharacters),
    truncated: text.length > maxCharacters,
    links: [],
    tables: [],
    meta: {},
    fields: Object.fromEntries(Object.keys(fields).map((name) => [name, null])),
  };
}
