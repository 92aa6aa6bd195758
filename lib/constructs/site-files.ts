import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What the pages are made from: a change in any of these files means building anew. */
const SOURCES = [
  'dashboard/{app,public,scripts,shared,site}/**/*',
  'dashboard/*.{html,ts,json}',
  '{docs/guides/*,docs/actions,docs/roadmap,CHANGELOG}.md',
  // The app's types and routes, the plans and the templates.
  '{functions/api,src}/**/*.ts',
  'package-lock.json',
];
/** Made from the others. */
const MADE = ['dashboard/app/api/generated/**'];
const KEPT_BUILDS = 5;

/**
 * The folder of the built site: landing page, documents and app. It is built once for the same sources;
 * the folder is complete or absent.
 *
 * @throws Error with the builder's output when it fails.
 */
export function siteFiles(): string {
  const cache = join(ROOT, '.cache', 'site');
  const directory = join(cache, hashSources());
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    build(unfinished);
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process may have finished the same build meanwhile.
    if (!existsSync(directory)) throw error;
  }
  removeOldest(cache);
  return directory;
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(SOURCES, { cwd: ROOT, exclude: MADE }).toSorted()) {
    const file = join(ROOT, path);
    if (!statSync(file).isFile()) continue;
    hash.update(`\0${path}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 32);
}

function build(directory: string): void {
  try {
    const script = join('dashboard', 'build.ts');
    execFileSync(process.execPath, [script, directory], { cwd: ROOT, stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    throw new Error(`Building the site failed:\n${stdout ?? ''}${stderr ?? error}`);
  }
}

function removeOldest(cache: string): void {
  const newestFirst = readdirSync(cache)
    .filter((name) => !name.startsWith('unfinished-'))
    .map((name) => ({ path: join(cache, name), changedAt: statSync(join(cache, name)).mtimeMs }))
    .toSorted((a, b) => b.changedAt - a.changedAt);
  for (const { path } of newestFirst.slice(KEPT_BUILDS)) rmSync(path, { recursive: true });
}
