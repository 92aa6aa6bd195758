import type { ChildProcess } from 'node:child_process';
import { afterAll } from 'vitest';
import { spawnTied } from '#local/tied-process';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import type { Receiver } from '#test/helpers/receiver';
import packageJson from '../../package.json' with { type: 'json' };

/** How the product is started. */
export type ProductOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** A new one by default, removed at the end of the test file. */
  readonly dataDir?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** The repository by default. */
  readonly root?: string;
  /** Whom the agents may call, although they are on this machine. */
  readonly receivers?: readonly Pick<Receiver, 'port'>[];
};

/** A running product. */
export type Product = {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** From the command until it said that it is ready. */
  readonly readyMs: number;
  token(user: string, extra?: Readonly<Record<string, unknown>>): Promise<string>;
  api(user: string): Promise<ApiClient>;
  /** What it printed. */
  output(): string;
  /** Ctrl-C. @returns the exit code */
  stop(): Promise<number | null>;
  /** Resolves when it has ended, however. */
  readonly exited: Promise<number | null>;
  /** `kill -9` of everything that the command started. */
  kill(): Promise<void>;
};

/** A start that ended by itself. */
export type FailedStart = { readonly exitCode: number | null; readonly output: string };

const READY_MS = 60_000;
const running = new Set<ChildProcess>();

afterAll(async () => {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
});
/**
 * Starts the product with the command that `npm start` runs, in a process group of its own;
 * it ends with this process, also when that is killed.
 *
 * @throws Error with its output when it does not become ready.
 */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const started = await tryStart(options);
  if ('exitCode' in started) {
    throw new Error(
      `The product did not start (exit code ${started.exitCode}):\n${started.output}`,
    );
  }
  return started;
}

/** Starts the product and expects it to give up. */
export async function failToStart(options: ProductOptions): Promise<FailedStart> {
  const started = await tryStart(options);
  if ('exitCode' in started) return started;
  throw new Error(`The product started although it should not:\n${started.output()}`);
}

/** Starts the product, which may give up, or be killed by what it was told to do. */
export async function tryStart(options: ProductOptions): Promise<Product | FailedStart> {
  const dataDir = options.dataDir ?? temporaryDirectory();
  const startedAt = performance.now();
  const { child, output } = launch(options, dataDir);
  const url = await Promise.race([readyUrl(child, output), exitOf(child)]);
  if (typeof url !== 'string') return { exitCode: url, output: output() };

  const token: Product['token'] = async (user, extra) => {
    const { body } = await send(`${url}/local/token`, 'POST', { user, ...extra });
    return body.access_token;
  };
  return {
    url,
    port: Number(new URL(url).port),
    dataDir,
    readyMs: performance.now() - startedAt,
    token,
    api: async (user) => apiClient(url, await token(user)),
    output,
    stop: () => end(child, 'SIGINT'),
    exited: exitOf(child),
    async kill() {
      await end(child, 'SIGKILL');
    },
  };
}

function launch(options: ProductOptions, dataDir: string) {
  // npm finds Node.js 24 by its path; this test already runs on it.
  const words = packageJson.scripts.start.split(' ');
  const args = words.slice(words.indexOf('node') + 1);
  const settings = words.slice(0, words.indexOf('node')).map((word) => word.split('='));
  const ports = (options.receivers ?? []).map((receiver) => receiver.port);
  const child = spawnTied(process.execPath, args, 'pipe', {
    cwd: options.root ?? ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...Object.fromEntries(settings),
      PORT: String(options.port ?? 0),
      DATA_DIR: dataDir,
      // A project of tests may run them on another deployment.
      STACK_PARAMETERS: process.env['STACK_PARAMETERS'],
      EGRESS_ALLOW: ports.map((port) => `127.0.0.1:${port},localhost:${port}`).join(','),
      ...options.env,
    },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

/** It prints its address once it serves requests. */
function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not ready:\n${output()}`)), READY_MS);
    child.once('exit', () => clearTimeout(timer));
    child.stdout?.on('data', () => {
      const url = /^ +API +(http:\/\/localhost:\d+)\/api$/m.exec(output())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = exitOf(child);
  signalGroup(child, signal);
  return exited;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  // "close" comes when its output has been read to the end, too.
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
