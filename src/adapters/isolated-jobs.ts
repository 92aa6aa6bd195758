import type { IsolatedAnswer, IsolatedJob } from '#adapters/isolated-work';
import { ActionRejectedError } from '#core/errors';

/** Work that can be asked for by name: what it takes is what was handed to `isolate`. */
export type IsolatedJobs = Readonly<Record<string, (input: never) => unknown>>;

/** Does the one job that this process was started for, answers, and ends with whoever started it. */
export function serveJob(jobs: IsolatedJobs): void {
  process.once('disconnect', () => process.exit());
  process.once('message', async (asked) => {
    const { job, input } = asked as IsolatedJob;
    process.send?.(await answerTo(jobs, job, input));
  });
}

async function answerTo(jobs: IsolatedJobs, job: string, input: unknown): Promise<IsolatedAnswer> {
  try {
    const work = Object.hasOwn(jobs, job) ? jobs[job] : undefined;
    if (work === undefined) throw new Error(`There is no isolated job "${job}".`);
    return { result: await work(input as never) };
  } catch (error) {
    return error instanceof ActionRejectedError ? { rejected: error.message } : { error };
  }
}
