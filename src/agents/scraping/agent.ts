import { addressFrom, addressProblems } from '#agents/addresses';
import { ScrapingInput, ScrapingOutput } from '#agents/scraping/schema';
import { defineAgent } from '#core/agents/built-in-agent';

/** Reads a web page. */
export const scrapingAgent = defineAgent({
  name: 'Scraping Agent',
  title: 'Read a web page',
  description:
    'Fetches a page and gives its title, readable text as Markdown, links, tables and metadata, and what CSS selectors of yours find in it. Respects robots.txt; does not run scripts, so a page that draws itself in the browser is mostly empty. At most 5 MiB.',
  input: ScrapingInput,
  mainField: 'url',
  output: ScrapingOutput,
  credits: 5,
  idempotency: 'Reads only; a repeated call reads the page again.',
  example: { input: { url: 'https://example.com/pricing', fields: { price: '.price' } } },
  check: addressProblems,

  async run(context) {
    const { scrape } = await import('#agents/scraping/scrape');
    const { url, fields, max_characters } = context.input;
    const rules = Object.entries(fields).map(([name, rule]) => [
      name,
      typeof rule === 'string' ? { selector: rule, all: false } : rule,
    ]);
    return scrape(
      {
        url: addressFrom(url, context.prompt),
        fields: Object.fromEntries(rules),
        maxCharacters: max_characters,
      },
      context,
    );
  },
});
