import { Session } from 'node:inspector/promises';

/** V8 looks for garbage when it needs room: a thread that has nothing to do would keep its own for ever. */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}

/** What a thread may hold without using it, in bytes, before it is worth the while. */
const WORTH_COLLECTING = 32 * 1024 * 1024;

/**
 * The same, if it is worth the while. V8 gives room back only once little has been asked for for some
 * time, so that it takes more than one go after much work.
 */
export async function collectMuchGarbage(): Promise<void> {
  const { heapTotal, heapUsed } = process.memoryUsage();
  if (heapTotal - heapUsed > WORTH_COLLECTING) await collectGarbage();
}
