import * as z from 'zod';
import type { ExportItem } from '#core/api/account';
import { inOrder, type Run, type StepRecord } from '#core/runs/run';
import type { ApiDeps } from '#functions/api/deps';
import { presentRunWithTrigger, presentStep } from '#functions/api/present-run';

/** One part of a run, and what names the place behind it. */
type Part = { readonly item: ExportItem; readonly part: string };

/** How far a run has been given: the stage, the page of it, and how many parts of that page. */
const Place = z.tuple([z.enum(['steps', 'items', 'log']), z.string(), z.int().min(0)]);
type Place = z.infer<typeof Place>;

/** Items of loops that are read at once. */
const ITEMS = 25;

/** Log lines of one entry. */
const LINES = 250;

/**
 * A run in parts: itself, each of its steps, those inside of its loops item by item, its log in chunks.
 *
 * @param behind the part that was given last; undefined for the whole run
 */
export async function* runParts(
  run: Run,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Part> {
  const [stage, page, given] = placeOf(behind);
  if (stage === 'steps') yield* ownSteps(run, given, deps);
  if (stage !== 'log') yield* loopSteps(run, page, stage === 'items' ? given : 0, deps);
  yield* logLines(run, stage === 'log' ? given : 0, deps);
}

/** A place that somebody made up is the beginning. */
function placeOf(part: string | undefined): Place {
  const start: Place = ['steps', '', 0];
  if (part === undefined) return start;
  try {
    return Place.catch(start).parse(JSON.parse(part));
  } catch {
    return start;
  }
}

function nameOf(...place: Place): string {
  return JSON.stringify(place);
}

async function* ownSteps(run: Run, given: number, deps: ApiDeps): AsyncGenerator<Part> {
  if (given === 0) {
    const item = { kind: 'run', run: await presentRunWithTrigger(run, deps.payloads) } as const;
    yield { item, part: nameOf('steps', '', 1) };
  }
  for (const [index, record] of inOrder(Object.values(run.steps)).entries()) {
    const count = index + 2;
    if (count <= given) continue;
    yield { item: await stepItem(run, record, deps), part: nameOf('steps', '', count) };
  }
}

async function* loopSteps(
  run: Run,
  page: string,
  given: number,
  deps: ApiDeps,
): AsyncGenerator<Part> {
  let after = page === '' ? undefined : page;
  let skipped = given;
  do {
    const { items, next } = await deps.runs.listItems(run, { limit: ITEMS, after });
    for (const [index, record] of items.flat().entries()) {
      if (index < skipped) continue;
      const part = nameOf('items', after ?? '', index + 1);
      yield { item: await stepItem(run, record, deps), part };
    }
    after = next;
    skipped = 0;
  } while (after !== undefined);
}

async function stepItem(run: Run, record: StepRecord, { payloads }: ApiDeps) {
  const step = await presentStep(run, record, payloads);
  return { kind: 'step', run_id: run.runId, step } as const;
}

async function* logLines(run: Run, given: number, deps: ApiDeps): AsyncGenerator<Part> {
  let count = given;
  let after = given > 0 ? String(given * LINES) : undefined;
  do {
    const { items, next } = await deps.runs.readLog(run, { limit: LINES, after });
    count += 1;
    if (items.length > 0) {
      const item: ExportItem = { kind: 'log', run_id: run.runId, lines: [...items] };
      yield { item, part: nameOf('log', '', count) };
    }
    after = next;
  } while (after !== undefined);
}
