import type * as z from 'zod';
import { describeFailure } from '#core/failure';
import type { Execution, StepPlace } from '#core/runs/execution';
import type { StepRecord } from '#core/runs/run';
import { checkedConfig } from '#core/steps/checked-config';
import { LONGEST_WAIT_SECONDS } from '#core/steps/control-steps';
import { stepScope } from '#core/steps/step-scope';
import { resolveTemplates } from '#core/templates/templates';

/** A day more than all of a run's waits may take is left for its steps. */
const LONGEST_LIFE_MS = (LONGEST_WAIT_SECONDS + 86_400) * 1_000;

/** When a run can wait no longer, epoch milliseconds: what carries it ends within a year. */
export function endOfWaits({ run }: Execution): number {
  return Date.parse(run.startedAt ?? run.triggeredAt) + LONGEST_LIFE_MS;
}

/** The state of a control step as of now. @param startedAt epoch milliseconds */
export function stateOf(
  { step, path, index }: StepPlace,
  startedAt: number,
  state: Pick<StepRecord, 'status'> & Partial<StepRecord>,
  { deps }: Execution,
): StepRecord {
  return {
    path,
    index,
    id: step.id,
    type: step.type,
    attempts: 1,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(deps.clock.now()).toISOString(),
    ...state,
  };
}

/** The end of a control step that cannot do what it should. */
export function failedState(
  at: StepPlace,
  startedAt: number,
  error: unknown,
  execution: Execution,
): StepRecord {
  const told = describeFailure(error);
  if (told.code === 'internal_error') {
    const { runId } = execution.claim;
    execution.deps.log.error('step failed unexpectedly', { runId, stepPath: at.path, error });
  }
  execution.log.add('error', at.path, told.message);
  return stateOf(at, startedAt, { status: 'failed', error: told }, execution);
}

/**
 * The config of a control step with its own placeholders filled in.
 *
 * @throws ActionRejectedError when it cannot be resolved, or its schema refuses the result
 */
export async function resolveConfig<Schema extends z.ZodType>(
  { frame }: StepPlace,
  config: unknown,
  schema: Schema,
  execution: Execution,
): Promise<z.output<Schema>> {
  const scope = await stepScope(config, frame, execution);
  return checkedConfig(schema, resolveTemplates(config, scope));
}
