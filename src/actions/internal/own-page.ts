import * as z from 'zod';
import { decodePage } from '#agents/scraping/charset';
import type { ReadPageRequest, ReadPageResult } from '#agents/scraping/read-page';
import { defineAction } from '#core/action';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';

/** What a page may take to be read. */
const LIMITS = { timeoutMs: 20_000, memoryMb: 192 };

/** Reads a page of this deployment as the Scraping Agent reads any. For the product's own automations only. */
export const ownPage = defineAction({
  type: 'own_page',
  title: 'Page of this deployment',
  description: 'Reads a public page of this deployment: its title, text and links.',
  config: z.strictObject({
    path: z.string().startsWith('/docs/').max(200).describe('A page that needs no token.'),
    max_characters: z.int().min(100).max(200_000).default(50_000).describe('Most text to keep.'),
  }),
  output: z.strictObject({
    title: z.string(),
    markdown: z.string().describe('The readable text.'),
    links: z.array(z.strictObject({ text: z.string(), url: z.string() })),
  }),
  credits: 1,
  idempotency: 'Reads only.',
  async run({ config, own, isolate, signal }) {
    const { path, max_characters: maxCharacters } = config;
    const { status, body, url } = await own.get(path, signal);
    if (status >= 500) throw new ActionUnavailableError(`${path} answered ${status}.`);
    if (status >= 300) throw new ActionRejectedError(`${path} answered ${status}.`);
    const request: ReadPageRequest = {
      html: decodePage(body, 'text/html'),
      url,
      fields: {},
      maxCharacters,
    };
    const result = await isolate<ReadPageResult>('read_page', request, { ...LIMITS, signal });
    if ('problem' in result) throw new ActionRejectedError(result.problem);
    const { title, markdown, links } = result.page;
    return { output: { title, markdown, links }, summary: `Read "${title}"` };
  },
});
