import { createHash } from 'node:crypto';
import type { ApprovalContent, ApprovalRef, Decision } from '#core/approvals/approval';
import { type Preview, previewNext } from '#core/approvals/approval-preview';
import { settledDecision } from '#core/approvals/decide-approval';
import { failure } from '#core/failure';
import { idAt } from '#core/ids';
import { askedBefore, type Execution, type StepPlace, type Stepped } from '#core/runs/execution';
import { type Failure, isOver, type StepRecord } from '#core/runs/run';
import { keep } from '#core/steps/attempt-step';
import { endOfWaits, failedState, resolveConfig, stateOf } from '#core/steps/control-records';
import { ApprovalConfig } from '#core/steps/control-steps';

/** What an approval that waits keeps as its input: all that opening it takes. */
export type AskedApproval = ApprovalContent &
  Pick<ApprovalConfig, 'approvers' | 'timeout_seconds' | 'on_timeout'> & {
    readonly content_hash: string;
  };

/**
 * The approval that a step requires without having a step of its own for it. Where an approval has
 * been given before, to what was not known whole yet or is not the same any more, the same people
 * are asked on the same terms.
 */
export async function requiredBy(
  { step, path }: StepPlace,
  execution: Execution,
): Promise<Readonly<Record<string, unknown>>> {
  const message = `Go on with ${step.name ?? step.id}?`;
  const covering = step.approval_required ? undefined : execution.approved.get(path);
  const input = (askedBefore(path, execution) ?? covering)?.input;
  if (input === undefined) return { message };
  const before = JSON.parse(
    await execution.deps.payloads.get(execution.claim, input),
  ) as AskedApproval;
  const { approvers, timeout_seconds, on_timeout } = before;
  return { message, ...(approvers && { approvers }), timeout_seconds, on_timeout };
}

/**
 * Asks for a person's decision, or takes note of it. The run is left while nobody has decided; the
 * workflow that carries it opens the approval.
 *
 * @param config as written, with placeholders
 */
export async function askApproval(
  at: StepPlace,
  config: unknown,
  execution: Execution,
): Promise<Stepped> {
  const { deps, claim, records } = execution;
  const known = records.get(at.path);
  if (known === undefined) return begin(at, config, execution);
  if (isOver(known) || known.waitUntil === undefined) return { record: known };
  const ref = { userId: claim.userId, runId: claim.runId, stepPath: at.path };
  const decision = await settledDecision(ref, deps);
  if (decision === undefined) return waiting(known, known.waitUntil);
  if (decision.via === 'timeout') await noteTimeout(ref, decision, execution);
  return { record: await decided(at, known, decision, execution) };
}

/**
 * Writes a time-out down among what people decided. A worker that comes to it again changes nothing: the id follows
 * from the approval.
 */
async function noteTimeout(
  { userId, runId, stepPath }: ApprovalRef,
  { at, outcome }: Decision,
  { run, version, deps }: Execution,
): Promise<void> {
  const bytes = createHash('sha256').update(`${runId} ${stepPath}`).digest();
  await deps.audit.add({
    id: idAt('aud', Date.parse(at), bytes),
    at,
    action: outcome === 'approved' ? 'approval.approved' : 'approval.rejected',
    actor: { kind: 'system' },
    account: userId,
    target: runId,
    details: { agent_id: run.agentId, agent_name: version.name, step: stepPath, reason: 'timeout' },
  });
}

/** The end of a step whose approval was refused. */
export function refused(at: StepPlace, approval: StepRecord, execution: Execution): StepRecord {
  const error = approval.error as Failure;
  const { startedAt } = approval;
  return stateOf(at, Date.parse(startedAt), { status: 'failed', attempts: 0, error }, execution);
}

function waiting(record: StepRecord, until: string): Stepped {
  return { record, pause: { next: 'await', path: record.path, until: Date.parse(until) } };
}

async function begin(at: StepPlace, config: unknown, execution: Execution): Promise<Stepped> {
  const startedAt = execution.deps.clock.now();
  const { path } = at;
  try {
    const settings = await resolveConfig(at, config, ApprovalConfig, execution);
    // An approval that a step requires is about that step; one of its own is about what follows.
    const isOwn = at.step.type === 'approval';
    const rest = { list: at.list, first: isOwn ? at.index + 1 : at.index, frame: at.frame };
    const preview = await previewNext({ own: isOwn ? path : undefined, rest, execution });
    const asked = askedApproval(settings, preview, execution);
    const input = await keep(asked, path, 'input', execution);
    const state = {
      status: 'waiting' as const,
      type: 'approval',
      input,
      ...(await covering(preview, path, execution)),
    };
    const past = await pastDecision(path, asked.content_hash, execution);
    const timesOutAt = startedAt + settings.timeout_seconds * 1_000;
    const waitUntil = new Date(Math.min(timesOutAt, endOfWaits(execution))).toISOString();
    const record = stateOf(at, startedAt, { ...state, waitUntil }, execution);
    if (past !== undefined) return { record: await decided(at, record, past, execution) };
    execution.log.add('info', path, `Waits for an approval until ${waitUntil}.`);
    return waiting(record, waitUntil);
  } catch (error) {
    return { record: failedState(at, startedAt, error, execution) };
  }
}

function askedApproval(settings: ApprovalConfig, preview: Preview, execution: Execution) {
  const { message, approvers, timeout_seconds, on_timeout } = settings;
  const everything = [execution.version.version, message, approvers, preview];
  const hash = createHash('sha256').update(JSON.stringify(everything)).digest('hex');
  const asked: AskedApproval = {
    message,
    preview: preview.shown,
    ...(approvers && { approvers }),
    timeout_seconds,
    on_timeout,
    content_hash: hash,
  };
  return asked;
}

async function covering({ covers, asksAgain }: Preview, path: string, execution: Execution) {
  if (covers === undefined) return asksAgain === undefined ? {} : { asksAgain };
  const config = await keep(covers.config, path, 'approved', execution);
  return { covers: { ...covers, config } };
}

/** A replay need not ask again about exactly what was approved in the run that it replays. */
async function pastDecision(path: string, contentHash: string, { run, deps }: Execution) {
  if (run.replayOf === undefined) return undefined;
  const ref = { userId: run.userId, runId: run.replayOf, stepPath: path };
  const past = await deps.approvals.find(ref);
  const counts = past?.contentHash === contentHash && past.decision?.outcome === 'approved';
  return counts ? past.decision : undefined;
}

async function decided(
  at: StepPlace,
  { waitUntil: _, ...known }: StepRecord,
  decision: Decision,
  execution: Execution,
): Promise<StepRecord> {
  const { by, outcome, comment } = decision;
  const view = {
    decision: outcome === 'approved' ? 'approved' : 'rejected',
    decided_by: by.kind === 'named' ? by.email : by.kind === 'owner' ? 'owner' : 'timeout',
    decided_at: decision.at,
    comment: comment ?? null,
  };
  const output = await keep(view, at.path, 'output', execution);
  const finishedAt = new Date(execution.deps.clock.now()).toISOString();
  if (outcome === 'approved') {
    const summary = `Approved by ${view.decided_by}.`;
    execution.log.add('info', at.path, summary);
    return { ...known, status: 'success', finishedAt, output, summary };
  }
  const error = rejection(decision, view.decided_by);
  execution.log.add('error', at.path, error.message);
  return { ...known, status: 'failed', finishedAt, output, error };
}

/** Whether this failure is a person's no, or that nobody said yes in time. */
export function isRejection({ code }: Failure): boolean {
  return code === 'approval_rejected' || code === 'approval_timeout';
}

function rejection({ via, comment }: Decision, by: string): Failure {
  if (via === 'timeout') {
    return failure('approval_timeout', 'Nobody decided in time, which counts as a rejection.');
  }
  const why = comment ? `: ${comment}` : '.';
  return failure('approval_rejected', `Rejected by ${by}${why}`);
}
