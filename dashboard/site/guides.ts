import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Documents that are shown, by their place in the repository. A page's address is the file's name in lower case. */
const FILES = ['docs/guides/*.md', 'docs/actions.md', 'docs/roadmap.md', 'CHANGELOG.md'];

/** How documents are grouped, and in which order they are read; what is not named comes last. */
const order: Readonly<Record<string, readonly string[]>> = {
  Start: ['first-agent', 'templates'],
  Build: [
    'triggers-and-actions',
    'data-in-steps',
    'workflows',
    'approvals',
    'built-in-agents',
    'connections',
    'email',
  ],
  Run: ['runs-and-logs', 'alerts', 'webhook-security', 'limits-and-pricing'],
  Reference: ['actions'],
  Product: ['changelog', 'roadmap'],
};

/** A document that has a page of its own. */
export type Guide = {
  readonly slug: string;
  readonly title: string;
  /** The first paragraph, as plain text. */
  readonly summary: string;
  readonly markdown: string;
};

/** All guides, by group. */
export function guideGroups(): readonly {
  readonly name: string;
  readonly guides: readonly Guide[];
}[] {
  const all = new Map(
    globSync(FILES, { cwd: ROOT })
      .map(readGuide)
      .map((guide) => [guide.slug, guide]),
  );
  const groups = Object.entries(order).map(([name, slugs]) => ({
    name,
    guides: slugs.flatMap((slug) => all.get(slug) ?? []),
  }));
  const named = new Set(Object.values(order).flat());
  const others = [...all.values()].filter(({ slug }) => !named.has(slug));
  return others.length > 0 ? [...groups, { name: 'More', guides: others }] : groups;
}

/** Address of the page of a document. @param file its name, wherever it is */
export function slugOf(file: string): string {
  return basename(file, '.md').toLowerCase();
}

function readGuide(file: string): Guide {
  const slug = slugOf(file);
  const markdown = readFileSync(join(ROOT, file), 'utf8');
  const title = /^# (.+)$/m.exec(markdown)?.[1];
  const summary = /^# .+\n+([^\n#|].+(?:\n[^\n].*)*)/m.exec(markdown)?.[1];
  if (title === undefined || summary === undefined) {
    throw new Error(`${file} must begin with a title and a paragraph.`);
  }
  return { slug, title, summary: plainText(summary), markdown };
}

function plainText(markdown: string): string {
  return markdown
    .replaceAll(/[`*]|\[|\]\([^)]*\)/g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/:$/, '.')
    .trim();
}
