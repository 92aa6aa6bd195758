import { Readability } from '@mozilla/readability';
import { type PageDocument, type PageElement, parseHTML } from 'linkedom';
import Turndown from 'turndown/lib/turndown.browser.es.js';
import { readTable, tableToMarkdown } from '#agents/scraping/tables';

/** A page with more elements is read whole instead of searched for its article. */
const MAX_ELEMENTS = 20_000;

/** An article shorter than this, in characters, may have missed most of the page. */
const SHORT_ARTICLE = 600;

/** What is never text. */
const NOISE =
  'script,style,noscript,template,svg,canvas,iframe,object,embed,dialog,link,meta,button,input,select,textarea';

/** What surrounds the text of most pages. */
const SURROUNDINGS =
  'nav,header,footer,aside,[role="navigation"],[role="banner"],[aria-hidden="true"]';

/**
 * The readable text of a page as Markdown. Takes the document apart.
 *
 * @param enough characters of it that are wanted; what stands far behind them is left out
 */
export function markdownOf(document: PageDocument, enough: number): string {
  const { body } = document;
  if (body === null) return '';
  for (const element of document.querySelectorAll(NOISE)) element.remove();
  for (const element of body.querySelectorAll('[hidden],[style]')) {
    if (isHidden(element)) element.remove();
  }
  takeForms(body);
  noteLanguages(document);
  const size = [...body.querySelectorAll('*')].length;
  if (size > MAX_ELEMENTS) return toMarkdown(withoutSurroundings(body), enough);
  const html = body.innerHTML;
  const article = articleOf(document);
  const markdown = article === undefined ? '' : toMarkdown(article, enough);
  if (markdown.length >= SHORT_ARTICLE) return markdown;
  const rest = toMarkdown(withoutSurroundings(parse(html)), enough);
  // The shorter has less of what surrounds the text, unless it has missed most of it.
  const [short = '', long = ''] = [markdown, rest].toSorted((a, b) => a.length - b.length);
  return short.length * 2 > long.length ? short : long;
}

function isHidden(element: PageElement): boolean {
  const style = element.getAttribute('style') ?? '';
  const isStyledAway = /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style);
  return isStyledAway || element.hasAttribute('hidden');
}

/** Forms are no text, but for those that some sites put around their whole page. */
function takeForms(body: PageElement): void {
  const half = body.textContent.length / 2;
  for (const form of body.querySelectorAll('form')) {
    const isPage = form.textContent.length > half;
    if (isPage) form.replaceWith(...form.childNodes);
    else form.remove();
  }
}

function withoutSurroundings(root: PageElement): PageElement {
  for (const element of root.querySelectorAll(SURROUNDINGS)) {
    const isOfText =
      /^(?:header|footer)$/.test(element.localName) && element.closest('article,main');
    if (!isOfText) element.remove();
  }
  return root;
}

function parse(html: string): PageElement {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
  return document.body as PageElement;
}

function articleOf(document: PageDocument): PageElement | undefined {
  try {
    const content = new Readability(document, { keepClasses: false }).parse()?.content;
    return content ? parse(content) : undefined;
  } catch {
    // Nothing to read: the page is taken whole.
    return undefined;
  }
}

/** Readability takes classes away, and with them what language a piece of code is in. */
function noteLanguages(document: PageDocument): void {
  for (const code of document.querySelectorAll('pre code[class*="language-"]')) {
    const language = /language-([\w+#-]{1,30})/.exec(code.getAttribute('class') ?? '')?.[1];
    if (language) code.setAttribute('data-language', language);
  }
}

/** Twice what is wanted is kept: Markdown is a little longer than its text, or a little shorter. */
function toMarkdown(root: PageElement, enough: number): string {
  shorten(root, enough * 2);
  const turndown = new Turndown({
    headingStyle: 'atx',
    hr: '---',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
    emDelimiter: '*',
  });
  turndown.addRule('table', {
    filter: (node) => node.localName === 'table' && node.querySelector('table') === null,
    replacement: (content, node) => `\n\n${tableIn(node) ?? content}\n\n`,
  });
  turndown.addRule('code', {
    filter: (node) => node.localName === 'pre',
    replacement: (_, node) => {
      const code = node.querySelector('code') ?? node;
      const language = code.getAttribute('data-language') ?? '';
      return `\n\n\`\`\`${language}\n${code.textContent.trimEnd()}\n\`\`\`\n\n`;
    },
  });
  turndown.addRule('image', {
    filter: 'img',
    replacement: (_, node) => {
      const [text, address] = [node.getAttribute('alt') ?? '', node.getAttribute('src')];
      return address ? `![${text.replace(/[[\]\n]/g, ' ')}](${address})` : '';
    },
  });
  const text = turndown.turndown(root);
  return text
    .replace(/(?<![ \t])[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Takes away what stands behind so many characters of text: most of the time would go into it. */
function shorten(element: PageElement, characters: number): void {
  let left = characters;
  for (const child of [...element.children]) {
    if (left <= 0) {
      child.remove();
      continue;
    }
    const { length } = child.textContent.replace(/\s+/g, ' ');
    if (length > left) shorten(child, left);
    left -= length;
  }
}

/** Undefined for a table that is only there to place things. */
function tableIn(node: PageElement): string | undefined {
  const table = readTable(node);
  const isData = table.columns.length > 1 || (table.rows[0]?.length ?? 0) > 1;
  return isData ? tableToMarkdown(table) : undefined;
}
