import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const GUIDES = join(import.meta.dirname, '../../docs/guides');

/** How guides are grouped, and in which order they are read; what is not named comes last. */
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
};

/** A guide, `docs/guides/<slug>.md`. */
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
    globSync('*.md', { cwd: GUIDES })
      .map((file) => readGuide(basename(file, '.md')))
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

function readGuide(slug: string): Guide {
  const markdown = readFileSync(join(GUIDES, `${slug}.md`), 'utf8');
  const title = /^# (.+)$/m.exec(markdown)?.[1];
  const summary = /^# .+\n+([^\n#|].+(?:\n[^\n].*)*)/m.exec(markdown)?.[1];
  if (title === undefined || summary === undefined) {
    throw new Error(`docs/guides/${slug}.md must begin with a title and a paragraph.`);
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
