import { cpus } from 'node:os';

/** Share of this machine's processor time that nobody used between two looks at it, from 0 to 1. */
export function createIdleShare(): () => number {
  let before = processorTime();
  return () => {
    const now = processorTime();
    const passed = now.all - before.all;
    const share = passed > 0 ? (now.idle - before.idle) / passed : 1;
    before = now;
    return share;
  };
}

/** Milliseconds of all processors since the machine was started. */
function processorTime(): { readonly all: number; readonly idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    for (const time of Object.values(times)) all += time;
    idle += times.idle;
  }
  return { all, idle };
}
