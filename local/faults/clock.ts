import { existsSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { chance, type Faults } from '#local/faults/faults';

const READ_EVERY_MS = 25;

/**
 * Lets this thread's clock go wrong: by a skew of its own, and by what a file says, which may change
 * at any time as when somebody sets the clock. Timers are not concerned: time passes as ever.
 *
 * @param isSkewed false for the thread that stands for services, whose clocks are right.
 */
export function bendClock(faults: Faults | undefined, isSkewed: boolean): void {
  const { clockFile, skewMs = 0 } = faults ?? {};
  if (faults === undefined || (clockFile === undefined && skewMs === 0)) return;
  const own = isSkewed ? (2 * chance(faults.seed, `clock ${threadId}`)() - 1) * skewMs : 0;
  const RealDate = Date;
  let offset = own;

  function read(): void {
    if (clockFile === undefined || !existsSync(clockFile)) return;
    const step = Number(readFileSync(clockFile, 'utf8'));
    offset = own + step;
  }

  class BentDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [BentDate.now()] : given) as [number]));
    }

    static override now(): number {
      return Math.round(RealDate.now() + offset);
    }
  }
  read();
  setInterval(read, READ_EVERY_MS).unref();
  globalThis.Date = BentDate as DateConstructor;
}
