import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const files = [...globSync('docs/**/*.md'), 'README.md', 'CHANGELOG.md'];

/** A document without its code, where brackets are no links. */
function proseOf(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '');
}

/** Names that headings can be linked by. */
function anchorsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The file that a link means. Links of guides begin with the address of their page. */
function targetOf(file: string, path: string): string {
  if (path === '') return file;
  return path.startsWith('/docs/') ? `docs/guides${path.slice(5)}.md` : join(dirname(file), path);
}

it.each(files)('every link of %s leads somewhere', (file) => {
  // The app and the API's reference are no documents.
  const links = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:|^\/app|^\/docs\/api$/.test(link));

  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    const place = targetOf(file, path);
    const target = existsSync(place) ? place : place.replace('docs/guides/', 'docs/');
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
  }
});
