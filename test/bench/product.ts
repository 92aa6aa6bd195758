import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { treeOf } from '#test/bench/processes';
import { RECEIVER_HOSTS } from '#test/bench/receiver-hosts';
import { monotonicMs } from '#test/bench/statistics';

/** How the product is started. */
export type ProductSetting = {
  /** Folder of the repository, or of a copy. */
  readonly root: string;
  readonly port: number;
  readonly dataDir: string;
  /** Where actions may go. */
  readonly receiverPort: number;
  readonly countOperations?: boolean;
  /** Values of the template's parameters: `Name=value`, separated by spaces. */
  readonly parameters?: string;
};

/** The product, started with `npm start` in a process group of its own. */
export type Product = {
  readonly url: string;
  /** Id of npm's process, which is that of the process group, too. */
  readonly pid: number;
  /** When the command was given, on the shared clock. */
  readonly startedAt: number;
  /** Resolves when it says that it is ready, with the milliseconds that took. @throws Error when it does not. */
  ready(): Promise<number>;
  output(): string;
  /** Ctrl-C; what is still there after a while is killed. Says whether it ended by itself. */
  stop(): Promise<boolean>;
};

const READY_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 5;

const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) killAll(treeOf(pid));
});

/** Gives the command; does not wait. */
export function startProduct(setting: ProductSetting): Product {
  const startedAt = monotonicMs();
  const child = spawn('npm', ['start'], {
    cwd: setting.root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(setting.port),
      DATA_DIR: setting.dataDir,
      EGRESS_ALLOW: RECEIVER_HOSTS.map((host) => `${host}:${setting.receiverPort}`).join(','),
      ...(setting.countOperations && { COUNT_OPERATIONS: '1' }),
      ...(setting.parameters && { STACK_PARAMETERS: setting.parameters }),
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('npm cannot be started.');
  running.add(pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });

  return {
    url: `http://localhost:${setting.port}`,
    pid,
    startedAt,
    output: () => text,
    async ready() {
      while (!/^Ready after/m.test(text)) {
        if (hasEnded) throw new Error(`The product ended:\n${text}`);
        const waited = monotonicMs() - startedAt;
        if (waited > READY_LIMIT_MS) throw new Error(`The product is not ready:\n${text}`);
        await delay(LOOK_EVERY_MS);
      }
      return monotonicMs() - startedAt;
    },
    async stop() {
      const tree = treeOf(pid);
      // To the whole group, as a terminal does it.
      signal(-pid, 'SIGINT');
      const endedItself = await Promise.race([
        ended.then(() => true),
        delay(STOP_LIMIT_MS, false, { ref: false }),
      ]);
      killAll(tree);
      await ended;
      running.delete(pid);
      return endedItself;
    },
  };
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGKILL');
}

/** @param pid negative for the process group of that id. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
