import { Marked } from 'marked';
import { summarize } from '#core/api/template';
import { type Guide, guideGroups, slugOf } from '#dashboard/site/guides.ts';
import { type Assets, escapeHtml, renderPage } from '#dashboard/site/page.ts';
import { agentTemplates } from '#templates/registry';

/** A document, ready to be written. */
type Document = { readonly file: string; readonly html: string };

type Heading = { readonly id: string; readonly text: string };

/** All pages under `/docs`, made from Markdown; each is also there as Markdown, for programs. */
export function documents(assets: Assets): Document[] {
  const groups = guideGroups();
  const all = groups.flatMap(({ guides }) => guides);
  return [
    { file: 'docs/index.html', html: overview(groups, assets) },
    ...all.flatMap((guide, place) => [
      { file: `docs/${guide.slug}.html`, html: guidePage(guide, place, all, groups, assets) },
      { file: `docs/${guide.slug}.txt`, html: guide.markdown },
    ]),
  ];
}

type Groups = ReturnType<typeof guideGroups>;

function guidePage(
  guide: Guide,
  place: number,
  all: readonly Guide[],
  groups: Groups,
  assets: Assets,
): string {
  const { html, headings } = render(guide.markdown, new Set(all.map(({ slug }) => slug)));
  const [before, after] = [all[place - 1], all[place + 1]];
  const onPage =
    headings.length > 1
      ? `<nav class="on-page" aria-label="On this page"><p>On this page</p><ul>${headings
          .map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`)
          .join('')}</ul></nav>`
      : '';
  const further = `<nav class="further" aria-label="Further pages">${
    before
      ? `<a href="/docs/${before.slug}" rel="prev"><span>Before</span>${escapeHtml(before.title)}</a>`
      : ''
  }${after ? `<a href="/docs/${after.slug}" rel="next"><span>Next</span>${escapeHtml(after.title)}</a>` : ''}</nav>`;
  return renderPage(
    {
      title: guide.title,
      description: guide.summary,
      section: 'docs',
      main: `<div class="docs">${menu(groups, guide.slug)}<main id="main" class="prose">${html}${further}</main>${onPage}</div>`,
    },
    assets,
  );
}

function menu(groups: Groups, current?: string): string {
  const lists = groups.map(({ name, guides }) => {
    const items = guides.map(({ slug, title }) => {
      const here = slug === current ? ' aria-current="page"' : '';
      return `<li><a href="/docs/${slug}"${here}>${escapeHtml(title)}</a></li>`;
    });
    if (name === 'Reference') items.push('<li><a href="/docs/api">API</a></li>');
    return `<p>${name}</p><ul>${items.join('')}</ul>`;
  });
  const content = lists.join('');
  return `<nav class="menu" aria-label="Documents"><details><summary>All documents</summary>${content}</details><div>${content}</div></nav>`;
}

/** The API's own reference, which its function serves. */
const API_CARD =
  '<li><a href="/docs/api"><strong>API</strong><span>Every operation with its fields, an example and its errors; as OpenAPI 3.1 at /api/openapi.json.</span></a></li>';

function overview(groups: Groups, assets: Assets): string {
  const sections = groups.map(({ name, guides }) => {
    const cards = guides.map(
      ({ slug, title, summary }) =>
        `<li><a href="/docs/${slug}"><strong>${escapeHtml(title)}</strong><span>${escapeHtml(summary)}</span></a></li>`,
    );
    if (name === 'Reference') cards.push(API_CARD);
    return `<h2>${name}</h2><ul class="cards">${cards.join('')}</ul>`;
  });
  return renderPage(
    {
      title: 'Documents',
      description: 'How to build agents, what they can do, and how to see what they did.',
      section: 'docs',
      main: `<div class="docs">${menu(groups)}<main id="main" class="prose wide"><h1>Documents</h1><p class="lead">How to build agents, what they can do, and how to see what they did.</p>${sections.join('')}</main></div>`,
    },
    assets,
  );
}

/**
 * A document's Markdown as HTML. Headings get ids, wide tables and code scroll by themselves.
 *
 * @param slugs of all pages: links to documents that have none become plain text
 */
function render(
  markdown: string,
  slugs: ReadonlySet<string>,
): {
  readonly html: string;
  readonly headings: readonly Heading[];
} {
  const headings: Heading[] = [];
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        const html = this.parser.parseInline(tokens);
        const id = text
          .toLowerCase()
          .replaceAll(/[^a-z0-9_]+/g, '-')
          .replaceAll(/^-|-$/g, '');
        if (depth === 1) return `<h1>${html}</h1>`;
        if (depth === 2) headings.push({ id, text: html.replaceAll(/<[^>]+>/g, '') });
        return `<h${depth} id="${id}"><a href="#${id}">${html}</a></h${depth}>`;
      },
      code({ text }) {
        return `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>`;
      },
      table(token) {
        const row = (cells: typeof token.header, tag: string) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>`;
      },
      html({ text }) {
        return text.includes('<!-- templates -->') ? templateTable() : '';
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const [, file, fragment = ''] = /^([^#:]+\.md)(#.*)?$/.exec(href) ?? [];
        if (file === undefined) return `<a href="${escapeHtml(href)}">${inner}</a>`;
        const slug = slugOf(file);
        return slugs.has(slug)
          ? `<a href="/docs/${slug}${escapeHtml(fragment)}">${inner}</a>`
          : inner;
      },
    },
  });
  return { html: marked.parse(markdown, { async: false }), headings };
}

function templateTable(): string {
  const rows = agentTemplates
    .map(summarize)
    .map(
      ({ slug, name, summary, action_types }) =>
        `<tr><td><strong>${escapeHtml(name)}</strong> <code>${slug}</code><br>${escapeHtml(summary)}</td><td>${action_types.map((type) => `<code>${type}</code>`).join(' ')}</td></tr>`,
    );
  return `<h2 id="all-templates">All templates</h2><div class="table" tabindex="0"><table><thead><tr><th>Template</th><th>Steps</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
