import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openApi, type Target } from '#test/bench/api';
import { openCaller } from '#test/bench/load';
import { type Product, startProduct } from '#test/bench/product';
import { monotonicMs } from '#test/bench/statistics';

/** A start, in milliseconds from the command `npm start`. */
export type Start = {
  /** Until it says that it is ready. */
  readonly readyMs: number;
  /** Until a webhook was answered 202. A first start includes signing in and creating the agent. */
  readonly acceptedMs: number;
};

/** What starts are measured with. */
export type StartSetting = {
  readonly root: string;
  readonly receiverPort: number;
  /** How often the second start is repeated. */
  readonly times: number;
};

const ACCEPT_LIMIT_MS = 90_000;
const TRY_EVERY_MS = 10;
/** What a clone of the repository does not have. */
const NOT_CLONED = [
  '.git',
  'node_modules',
  '.cache',
  '.data',
  '.vitest',
  'cdk.out',
  'bench-results',
];

/** The first start on an empty data directory, and later ones on the same. */
export async function measureStarts(
  setting: StartSetting,
): Promise<{ readonly first: Start; readonly later: readonly Start[] }> {
  const dataDir = newDirectory();
  try {
    const port = await freePort();
    const place = { ...setting, dataDir, port };
    const { first, target } = await firstStart(startProduct(place), setting.receiverPort);
    const later: Start[] = [];
    for (let index = 0; index < setting.times; index += 1) {
      later.push(await laterStart(startProduct(place), target));
    }
    return { first, later };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The first start in a copy of the repository in which nothing was ever built. */
export async function measureColdStart({ root, receiverPort }: StartSetting): Promise<Start> {
  const directory = newDirectory();
  try {
    const copy = join(directory, 'clone');
    cpSync(root, copy, {
      recursive: true,
      filter: (path) => !NOT_CLONED.includes(basename(path)),
    });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const dataDir = join(directory, 'data');
    mkdirSync(dataDir);
    const port = await freePort();
    const product = startProduct({ root: copy, receiverPort, dataDir, port });
    return (await firstStart(product, receiverPort)).first;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A new directory for temporary files; the caller removes it. */
export function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'crucibai-bench-'));
}

/** A loopback port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

async function firstStart(
  product: Product,
  receiverPort: number,
): Promise<{ first: Start; target: Target }> {
  try {
    const readyMs = await product.ready();
    const target = await (await openApi(product)).createAgent(1, receiverPort);
    return { first: { readyMs, acceptedMs: await accepted(product, target) }, target };
  } finally {
    await product.stop();
  }
}

async function laterStart(product: Product, target: Target): Promise<Start> {
  try {
    const [acceptedMs, readyMs] = await Promise.all([accepted(product, target), product.ready()]);
    return { readyMs, acceptedMs };
  } finally {
    await product.stop();
  }
}

/** Calls the webhook until it is taken, as somebody does who does not know that a start is under way. */
async function accepted(product: Product, target: Target): Promise<number> {
  const caller = openCaller(target, 1);
  try {
    for (;;) {
      try {
        return (await caller.send()).answeredAt - product.startedAt;
      } catch (error) {
        if (monotonicMs() - product.startedAt > ACCEPT_LIMIT_MS) throw error;
        await delay(TRY_EVERY_MS);
      }
    }
  } finally {
    await caller.close();
  }
}
