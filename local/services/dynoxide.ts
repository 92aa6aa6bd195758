import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftover } from '#local/services/leftover';
import { spawnTied } from '#local/tied-process';

/** A running DynamoDB emulator. */
export type Dynoxide = {
  /** Base URL. */
  readonly endpoint: string;
  /** Settles only when the emulator ends without having been asked to; the text says how it ended. */
  readonly failed: Promise<string>;
  close(): Promise<void>;
};

const READY_MS = 10_000;
const PROBE_AGAIN_MS = 5;
const TRIES = 3;

/**
 * Start dynoxide on the database in a directory, on a loopback port.
 * A leftover of a start that was killed is ended first: two processes never have the same database open.
 *
 * @param options.dataDir directory of the database, which exists.
 * @throws Error when there is no dynoxide for this system, or it does not become ready.
 */
export async function startDynoxide(options: { readonly dataDir: string }): Promise<Dynoxide> {
  const binary = findBinary();
  const database = join(options.dataDir, 'dynamodb.sqlite');
  const pidFile = join(options.dataDir, 'dynoxide.pid');
  await endLeftover(pidFile, database);
  for (let attempt = 1; ; attempt += 1) {
    const { host, port } = await freePlace();
    const place = ['--host', host, '--port', String(port)];
    const child = launch(binary, [...place, '--db-path', database]);
    writeFileSync(pidFile, String(child.process.pid), { mode: 0o600 });
    const endpoint = `http://${host}:${port}`;
    if (await isReady(child, endpoint)) return running(child, endpoint);
    // Somebody else may have taken the port since it was found free.
    if (attempt === TRIES) {
      throw new Error(`dynoxide did not start (${await child.ended}):\n${child.output()}`);
    }
  }
}

/** @throws Error that says what to install. */
function findBinary(): string {
  const given = process.env['DYNOXIDE_BIN'];
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`DYNOXIDE_BIN is ${given}, which does not exist`);
  }
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'dynoxide');
  } catch (cause) {
    throw new Error(
      `DynamoDB needs dynoxide on one machine, and ${name} is not installed: install it, or set DYNOXIDE_BIN to a dynoxide 1.2 binary`,
      { cause },
    );
  }
}

type Child = {
  readonly process: ChildProcess;
  /** Settles when the process has ended. */
  readonly ended: Promise<string>;
  /** What it printed last. */
  output(): string;
};

function launch(binary: string, args: string[]): Child {
  const child = spawnTied(binary, args, 'ignore');
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-4_000);
  });
  const ended = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(signal ?? `exit code ${code}`));
  });
  return { process: child, ended, output: () => output };
}

function running(child: Child, endpoint: string): Dynoxide {
  let closing = false;
  return {
    endpoint,
    failed: new Promise((settle) => {
      void child.ended.then((how) => {
        if (!closing) settle(`dynoxide ended (${how}): ${child.output().trim()}`);
      });
    }),
    async close() {
      closing = true;
      // Its write-ahead log makes this as safe as any other end, and it is immediate.
      child.process.kill('SIGKILL');
      await child.ended;
    },
  };
}

async function isReady(child: Child, endpoint: string): Promise<boolean> {
  let ended = false;
  void child.ended.then(() => {
    ended = true;
  });
  const deadline = Date.now() + READY_MS;
  while (!ended && Date.now() < deadline) {
    if (await answers(endpoint)) return !ended;
    await sleep(PROBE_AGAIN_MS);
  }
  child.process.kill('SIGKILL');
  return false;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.headers.has('x-dynoxide-version');
  } catch {
    return false;
  }
}

/**
 * An address that no page in a browser finds by trying: dynoxide answers whoever asks, pages of other
 * sites too. Where only 127.0.0.1 is this machine's (macOS), the port alone has to do.
 */
async function freePlace(): Promise<{ host: string; port: number }> {
  const host = `127.${[...randomBytes(3)].map((part) => 1 + (part % 254)).join('.')}`;
  return freeAt(host).catch(() => freeAt('127.0.0.1'));
}

async function freeAt(host: string): Promise<{ host: string; port: number }> {
  const server = createServer();
  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    server.listen(0, host, listening);
  });
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return { host, port: address.port };
}
