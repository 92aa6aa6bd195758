import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '#test/helpers/assembly';

/** A browser that can be started. */
export type Chromium = {
  readonly executablePath: string;
  /** Environment variables that it needs beside the usual ones. */
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
};

/** A path, or `npm` for the one that npm brings, whatever else is there. */
const CHOSEN = process.env['CHROMIUM_BIN'] ?? '';
/** Tells test files why there is no browser. */
const MISSING = 'CHROMIUM_MISSING';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDER = join(ROOT, '.cache', 'chromium');
const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-gpu',
  '--disable-dev-shm-usage',
];

/**
 * Chromium: this machine's own, or else one that npm brings (about 70 MB, once).
 *
 * @throws Error that says what to do when there is none and none can be had
 */
export async function findChromium(): Promise<Chromium> {
  const missing = process.env[MISSING];
  if (missing !== undefined) throw new Error(missing);
  const own = ownChromium();
  if (own !== undefined) return { executablePath: own, env: {}, args: ARGS };
  try {
    return await chromiumFromNpm();
  } catch (error) {
    throw new Error(
      'The browser tests need Chromium. This machine has none, and npm could not bring one. ' +
        'Install it (Debian: apt-get install chromium) or name it in CHROMIUM_BIN.',
      { cause: error },
    );
  }
}

/**
 * Set up once before the browser tests: whatever npm must bring is there before test files ask for it at the
 * same time. Without a browser they all say at once what is missing.
 */
export async function setup(): Promise<void> {
  try {
    await findChromium();
  } catch (error) {
    process.env[MISSING] = error instanceof Error ? error.message : String(error);
  }
}

function ownChromium(): string | undefined {
  if (CHOSEN === 'npm') return undefined;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [CHOSEN, ...found].find((path) => path !== '' && existsSync(path));
}

type Package = {
  readonly default: { executablePath(): Promise<string> };
  readonly inflate: (archive: string) => Promise<string>;
};

async function chromiumFromNpm(): Promise<Chromium> {
  if (!existsSync(join(FOLDER, 'node_modules'))) {
    console.log('No Chromium on this machine: npm brings one.');
    mkdirSync(FOLDER, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(join(import.meta.dirname, 'chromium', file), join(FOLDER, file));
    }
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: FOLDER });
  }
  const entry = createRequire(join(FOLDER, 'package.json')).resolve('@sparticuz/chromium');
  const { default: chromium, inflate } = (await import(pathToFileURL(entry).href)) as Package;
  const libraries = await inflate(join(entry, '../../bin/al2023.tar.br'));
  return {
    executablePath: await chromium.executablePath(),
    env: { LD_LIBRARY_PATH: join(libraries, 'lib') },
    // Its own arguments are for functions that serve one page: they switch off what tests must see at work.
    args: ARGS,
  };
}
