import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * A parent can be killed without a chance to act. So the shell that becomes the command (`exec`) leaves a child behind
 * that waits for the end of the pipe from that parent, then kills the command.
 */
const TIED_TO_PARENT = `
exec 3<&0
( read -r _ <&3; kill -9 $$ 2>/dev/null ) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
`;

/** A process whose standard input is the tie to its parent. */
export type TiedProcess = ChildProcessByStdio<Writable, Readable | null, Readable>;

/**
 * Starts a command that is killed when this process ends, however it ends.
 * It leads a process group of its own: Ctrl-C is for this process, which decides what becomes of it.
 *
 * @param output where its standard output goes; its standard error is always a pipe.
 */
export function spawnTied(
  command: string,
  args: readonly string[],
  output: 'pipe' | 'ignore',
  options: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): TiedProcess {
  const child = spawn('sh', ['-c', TIED_TO_PARENT, 'sh', command, ...args], {
    ...options,
    detached: true,
    stdio: ['pipe', output, 'pipe'],
  }) as TiedProcess;
  // Lets the watching shell go.
  child.once('exit', () => child.stdin.destroy());
  return child;
}
