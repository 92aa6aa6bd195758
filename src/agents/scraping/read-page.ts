import { parseHTML } from 'linkedom';
import { parse, serialize } from 'parse5';
import { isNestedTooDeeply } from '#agents/scraping/depth';
import { type FieldRule, fieldsOf } from '#agents/scraping/fields';
import { linksOf, type PageLink, settleAddresses } from '#agents/scraping/links';
import { markdownOf } from '#agents/scraping/markdown';
import { metadataOf, type PageMetadata } from '#agents/scraping/metadata';
import { type PageTable, tablesOf } from '#agents/scraping/tables';

/** What to read from a page. */
export type ReadPageRequest = {
  readonly html: string;
  /** The address that answered: relative addresses count from it. */
  readonly url: string;
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Most characters of Markdown. */
  readonly maxCharacters: number;
};

/** What a page holds, or why it cannot be read, in words for people. */
export type ReadPageResult =
  | {
      readonly page: PageMetadata & {
        readonly markdown: string;
        readonly truncated: boolean;
        readonly links: PageLink[];
        readonly tables: PageTable[];
        readonly fields: Readonly<Record<string, string | string[] | null>>;
      };
    }
  | { readonly problem: string };

/**
 * Reads a page. Pure, so that it can be done in a process of its own that is ended when it takes too
 * long: how long a page takes is up to whoever wrote it.
 */
export function readPage({ html, url, fields, maxCharacters }: ReadPageRequest): ReadPageResult {
  if (isNestedTooDeeply(html)) {
    return { problem: 'The page is nested too deeply to be read.' };
  }
  const { document } = parseHTML(standardised(html));
  const base = URL.parse(document.querySelector('base')?.getAttribute('href') ?? '', url)?.href;
  settleAddresses(document, base ?? url);
  const taken = fieldsOf(document, fields);
  if ('invalid' in taken) {
    const names = taken.invalid.map((name) => `fields.${name}`).join(', ');
    return { problem: `This is not a CSS selector that can be used: ${names}.` };
  }
  const metadata = metadataOf(document, base ?? url);
  const links = linksOf(document);
  const tables = tablesOf(document);
  const markdown = markdownOf(document, maxCharacters);
  return {
    page: {
      ...metadata,
      markdown: markdown.slice(0, maxCharacters),
      truncated: markdown.length > maxCharacters,
      links,
      tables,
      fields: taken.values,
    },
  };
}

/**
 * The page as its author's browser would understand it, with every tag closed: the one parser knows
 * the standard's rules for broken pages, the other one gives a document that can be worked on.
 */
function standardised(html: string): string {
  return serialize(parse(html, { scriptingEnabled: false }));
}
