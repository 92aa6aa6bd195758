import { RequestError } from '#core/errors';
import type { Log } from '#core/ports';
import type { Replay } from '#core/runs/replay-run';
import { isFinal, isOver, type Run, type RunRef } from '#core/runs/run';
import type { RunQueue } from '#core/runs/run-queue';
import type { RunStore } from '#core/runs/run-store';

/** A message that was put aside. */
export type DeadLetter = {
  /** The run that it is about; undefined for the fire of a schedule. */
  readonly run: RunRef | undefined;
  /** Puts it back on the run queue as it is. */
  giveBack(): Promise<void>;
  /** Deletes it. One that is not deleted shows up again after two minutes. */
  remove(): Promise<void>;
};

/** The dead-letter queue. */
export type DeadLetters = {
  /** Takes some messages; none when there are none for now. @param most at most 10 */
  take(most: number): Promise<readonly DeadLetter[]>;
};

/** What was done with a message. */
export const redriveOutcomes = ['replayed', 'queued', 'over', 'gone', 'refused'] as const;

/** What became of one message. */
export type Redriven = {
  readonly outcome: (typeof redriveOutcomes)[number];
  readonly run?: RunRef;
  /** The run that replays it. */
  readonly newRunId?: string;
  /** Why it was refused, for people. */
  readonly problem?: string;
};

/** What redriving works with. */
export type RedriveDeps = {
  readonly deadLetters: DeadLetters;
  readonly runs: Pick<RunStore, 'find'>;
  readonly queue: Pick<RunQueue, 'enqueue'>;
  replay(run: Run, body: Replay): Promise<{ readonly runId: string }>;
  readonly log: Log;
};

/** Messages that are taken at once. */
const BATCH = 10;

/**
 * Works off the dead-letter queue. A run that was given up is replayed from the step that it had not
 * finished, once; one that is still open is put back in line; what has ended otherwise needs nothing.
 * A run that may not be replayed now (its owner has no credits) stays in the queue.
 *
 * @param most messages
 */
export async function redrive(most: number, deps: RedriveDeps): Promise<readonly Redriven[]> {
  const done: Redriven[] = [];
  while (done.length < most) {
    const letters = await deps.deadLetters.take(Math.min(BATCH, most - done.length));
    if (letters.length === 0) break;
    for (const letter of letters) {
      const redriven = await redriveOne(letter, deps);
      if (redriven.outcome !== 'refused') await letter.remove();
      const { outcome, run, newRunId } = redriven;
      deps.log.info('message redriven', { outcome, runId: run?.runId, newRunId });
      done.push(redriven);
    }
  }
  return done;
}

async function redriveOne(letter: DeadLetter, deps: RedriveDeps): Promise<Redriven> {
  const ref = letter.run;
  if (ref === undefined) {
    await letter.giveBack();
    return { outcome: 'queued' };
  }
  const run = await deps.runs.find(ref);
  if (run === undefined) return { outcome: 'gone', run: ref };
  if (!isFinal(run.status)) {
    await deps.queue.enqueue(ref);
    return { outcome: 'queued', run: ref };
  }
  const wasReplayed = run.replayedBy !== undefined;
  if (run.status !== 'failed' || wasReplayed) return { outcome: 'over', run: ref };
  try {
    const from = firstUnfinished(run);
    const { runId } = await deps.replay(run, {
      agent_version: 'same',
      ...(from > 0 && { from_step: String(from) }),
    });
    return { outcome: 'replayed', run: ref, newRunId: runId };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { outcome: 'refused', run: ref, problem: error.message };
  }
}

/** Place of the first step that has not ended, or that ended the run. */
function firstUnfinished({ steps, error }: Run): number {
  for (let index = 0; ; index += 1) {
    const record = steps[String(index)];
    if (record === undefined || !isOver(record)) return index;
    if (record.status === 'failed' && record.error?.code === error?.code) return index;
  }
}
