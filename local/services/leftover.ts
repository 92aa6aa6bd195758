import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;
const GIVE_UP_MS = 5_000;

/**
 * End the process that a killed start left behind, and wait until it is gone.
 *
 * @param pidFile where the process id was written.
 * @param argument part of its command line: another process that got the same id since is left alone.
 * @throws Error when it does not go.
 */
export async function endLeftover(pidFile: string, argument: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const deadline = Date.now() + GIVE_UP_MS;
  while (pid > 0 && commandLine(pid).includes(argument)) {
    if (Date.now() > deadline) throw new Error(`Process ${pid} (${argument}) does not end`);
    kill(pid);
    await sleep(LOOK_AGAIN_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Empty for a process that is gone, or dead and not yet collected by its parent. */
function commandLine(pid: number): string {
  try {
    return existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
