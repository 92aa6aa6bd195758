import { appendFileSync } from 'node:fs';
import type { Faults } from '#local/faults/faults';

/** How often a thread tells that it has passed a point. */
const COUNTED = 3;

/** Passes a point by its name; does not return where the process is to die. */
export type PassPoint = (operation: string, when: 'before' | 'after') => void;

/** @param owner whose operations these are: a function's name, or `poller`. */
export function createPoints({ crash, pointsFile }: Faults, owner: string): PassPoint {
  const passed = new Map<string, number>();
  return (operation, when) => {
    const point = `${owner}/${operation}/${when}`;
    const count = (passed.get(point) ?? 0) + 1;
    passed.set(point, count);
    if (pointsFile && count <= COUNTED) appendFileSync(pointsFile, `${count} ${point}\n`);
    if (crash && point.includes(crash.point) && count === crash.occurrence) {
      process.kill(process.pid, 'SIGKILL');
      // The signal ends all threads, but not necessarily before the next statement.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  };
}
