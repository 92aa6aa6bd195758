import type { RunDetail, RunView, RunWithTrigger, StepView } from '#core/api/run';
import type { TestStepView } from '#core/api/test-step';
import type { Payload } from '#core/payload';
import type { PayloadStore } from '#core/runs/payload-store';
import { inOrder, isFinal, isOver, type Run, type StepRecord } from '#core/runs/run';
import type { TestStepResult } from '#core/steps/test-step';

/**
 * Most bytes of JSON that one answer carries. Lambda takes 6 MB in all, in which the JSON is a
 * string once more: at worst that doubles it.
 */
export const ANSWER_BYTES = 2_621_440;

/** A run as lists show it. */
export function presentRun(run: Run): RunView {
  return {
    id: run.runId,
    agent_id: run.agentId,
    user_id: run.userId,
    status: run.status,
    reject_reason: run.rejection?.reason ?? null,
    reject_count: run.rejection?.count ?? null,
    triggered_by: run.triggeredBy,
    triggered_at: run.triggeredAt,
    late_by_ms: run.lateByMs ?? null,
    started_at: run.startedAt ?? null,
    finished_at: run.finishedAt ?? null,
    duration_ms: duration(run.startedAt, run.finishedAt),
    error_message: run.error?.message ?? null,
    error: run.error ?? null,
    output_summary: run.outputSummary ?? null,
    waiting_for: presentWait(run),
    credits_charged: run.creditsCharged ?? 0,
    cost_usd: run.costUsd ?? 0,
    agent_version: run.agentVersion,
    replay_of: run.replayOf ?? null,
    replayed_by: run.replayedBy ?? null,
  };
}

function presentWait({ waitingFor }: Run): RunView['waiting_for'] {
  if (waitingFor === undefined) return null;
  if (waitingFor.kind !== 'slot') return waitingFor;
  return { kind: 'slot', limit: waitingFor.limit };
}

/** One run with its trigger and its steps, payloads read from wherever they are kept. */
export async function presentRunInFull(run: Run, payloads: PayloadReader): Promise<RunDetail> {
  const room = newRoom();
  const withTrigger = presentRunWithTrigger(run, payloads, room);
  const steps = inOrder(Object.values(run.steps)).map((step) =>
    presentStep(run, step, payloads, room),
  );
  return { ...(await withTrigger), steps: await Promise.all(steps) };
}

/** Steps of a run, as far as their payloads fit into one answer. */
export async function presentSteps(
  run: Run,
  records: readonly StepRecord[],
  payloads: PayloadReader,
  room = newRoom(),
): Promise<StepView[]> {
  return Promise.all(records.map((record) => presentStep(run, record, payloads, room)));
}

/** One run without its steps. */
export async function presentRunWithTrigger(
  run: Run,
  payloads: PayloadReader,
  room = newRoom(),
): Promise<RunWithTrigger> {
  const { omitted, read } = reader(run, payloads, room);
  const trigger = await read('trigger', run.trigger);
  return { ...presentRun(run), trigger, ...(omitted.length > 0 && { omitted }) };
}

/** One step of a run. */
export async function presentStep(
  run: Run,
  record: StepRecord,
  payloads: PayloadReader,
  room = newRoom(),
): Promise<StepView> {
  const { omitted, read } = reader(run, payloads, room);
  const [input, output] = await Promise.all([
    read('input', record.input),
    read('output', record.output),
  ]);
  const isCut = isFinal(run.status) && !isOver(record);
  return {
    index: record.index,
    path: record.path,
    id: record.id,
    type: record.type,
    status: isCut ? 'cancelled' : record.status,
    attempts: record.attempts,
    failures: [
      ...(record.failures ?? []),
      ...(record.error ? [{ ...record.error, at: record.finishedAt }] : []),
    ],
    retry_at: (!isCut && record.retryAt) || null,
    wait_until: (!isCut && record.waitUntil) || null,
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    duration_ms: duration(record.startedAt, record.finishedAt),
    input,
    output,
    error: record.error ?? null,
    cost_usd: record.costUsd ?? 0,
    ...(omitted.length > 0 && { omitted }),
  };
}

type PayloadReader = Pick<PayloadStore, 'get'>;

type Omitted = NonNullable<StepView['omitted']>;

/** Bytes that payloads may still take in an answer. */
type Room = { left: number };

function newRoom(): Room {
  return { left: ANSWER_BYTES };
}

/** Reads payloads as long as there is room for them, and notes those that there was none for. */
function reader(run: Run, payloads: PayloadReader, room: Room) {
  const omitted: Omitted = [];
  const read = async (field: Omitted[number]['field'], payload: Payload | undefined) => {
    if (payload === undefined) return null;
    const bytes = payload.kind === 'inline' ? Buffer.byteLength(payload.json) : payload.bytes;
    if (bytes > room.left) {
      omitted.push({ field, bytes });
      return null;
    }
    room.left -= bytes;
    return JSON.parse(await payloads.get(run, payload)) as unknown;
  };
  return { omitted, read };
}

function duration(start: string | undefined, end: string | undefined): number | null {
  return start !== undefined && end !== undefined ? Date.parse(end) - Date.parse(start) : null;
}

/** How a tried step went. */
export function presentTestStep({ record, input, output, log }: TestStepResult): TestStepView {
  const omitted: Omitted = [];
  const room = newRoom();
  const take = (field: Omitted[number]['field'], json: string): unknown => {
    const bytes = Buffer.byteLength(json);
    if (bytes > room.left) {
      omitted.push({ field, bytes });
      return null;
    }
    room.left -= bytes;
    return JSON.parse(json);
  };
  return {
    status: record.status === 'success' ? 'success' : 'failed',
    input: take('input', input),
    output: take('output', output),
    error: record.error ?? null,
    duration_ms: duration(record.startedAt, record.finishedAt) ?? 0,
    log: [...log],
    ...(omitted.length > 0 && { omitted }),
  };
}
