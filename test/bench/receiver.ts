import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { FromReceiver, ToReceiver } from '#test/bench/receiver-process';

/** What arrived since the last time it was taken. */
export type Taken = Extract<FromReceiver, { type: 'taken' }>;

/** The receiver, in a process of its own. */
export type Receiver = {
  readonly pid: number;
  readonly port: number;
  /** Resolves when so many different calls have arrived; false when `limitMs` passed before. */
  arrived(calls: number, limitMs: number): Promise<boolean>;
  take(): Promise<Taken>;
  close(): void;
};

const START_LIMIT_MS = 10_000;
const TAKE_LIMIT_MS = 10_000;

/** @throws Error when it does not start. */
export async function startReceiver(): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const listening = await next(child, 'listening', START_LIMIT_MS);
  if (!listening || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error('The receiver did not start.');
  }
  const send = (message: ToReceiver) => child.send(message);
  return {
    pid: child.pid,
    port: listening.port,
    async arrived(calls, limitMs) {
      const complete = next(child, 'complete', limitMs);
      send({ type: 'expect', calls });
      return (await complete) !== undefined;
    },
    async take() {
      const taken = next(child, 'taken', TAKE_LIMIT_MS);
      send({ type: 'take' });
      const answer = await taken;
      if (!answer) throw new Error('The receiver does not say what arrived.');
      return answer;
    },
    close: () => child.kill('SIGKILL'),
  };
}

/** The next message of a type; undefined when none came in time or the child ended. */
function next<Type extends FromReceiver['type']>(
  child: ChildProcess,
  type: Type,
  limitMs: number,
): Promise<Extract<FromReceiver, { type: Type }> | undefined> {
  return new Promise((resolve) => {
    const settle = (message?: FromReceiver) => {
      clearTimeout(timer);
      child.off('message', look);
      child.off('exit', end);
      resolve(message as Extract<FromReceiver, { type: Type }> | undefined);
    };
    const look = (message: unknown) => {
      if ((message as FromReceiver).type === type) settle(message as FromReceiver);
    };
    const end = () => settle();
    const timer = setTimeout(settle, limitMs);
    child.on('message', look);
    child.once('exit', end);
  });
}
