import type { Execution, Frame } from '#core/runs/execution';
import type { StepRecord } from '#core/runs/run';
import { placeholdersIn, type TemplateScope } from '#core/templates/templates';

/** Where the trigger is kept among the outputs; no step can be called so. */
const TRIGGER = '#trigger';

/**
 * What the placeholders of a value can reach. Only the earlier outputs that it names are read: a
 * large one that nobody uses costs nothing.
 */
export async function stepScope(
  value: unknown,
  frame: Frame,
  execution: Execution,
): Promise<TemplateScope> {
  const { run, version } = execution;
  const used = placeholdersIn(value).map(({ parts }) => parts);
  const uses = (root: string) => used.some((parts) => parts[0] === root);
  return {
    agent: { id: run.agentId, name: version.name, version: version.version },
    run: { id: run.runId, triggered_by: run.triggeredBy, triggered_at: run.triggeredAt },
    ...frame.item,
    ...(uses('trigger') && { trigger: await readTrigger(execution) }),
    ...(uses('steps') && { steps: await readSteps(used, frame, execution) }),
  };
}

async function readTrigger({ deps, claim, run, outputs }: Execution): Promise<unknown> {
  const known = outputs.get(TRIGGER);
  if (known !== undefined) return known;
  const trigger: unknown = JSON.parse(await deps.payloads.get(claim, run.trigger));
  outputs.set(TRIGGER, trigger);
  return trigger;
}

/** The named steps that have run, under the names that were used. */
async function readSteps(
  used: readonly (readonly string[])[],
  frame: Frame,
  execution: Execution,
): Promise<Record<string, unknown>> {
  const named = used.filter((parts) => parts[0] === 'steps').map((parts) => parts[1]);
  const steps: Record<string, unknown> = {};
  for (const name of new Set(named)) {
    if (name === undefined) continue;
    const record = execution.records.get(execution.find(name, frame.prefix) ?? '');
    if (record === undefined) continue;
    steps[name] = {
      output: await readOutput(record, execution),
      status: record.status,
      error: record.error ?? null,
    };
  }
  return steps;
}

async function readOutput(record: StepRecord, execution: Execution): Promise<unknown> {
  const { outputs, deps, claim } = execution;
  if (record.output === undefined) return null;
  if (!outputs.has(record.path)) {
    outputs.set(record.path, JSON.parse(await deps.payloads.get(claim, record.output)));
  }
  return outputs.get(record.path);
}
