import type { ActionStep } from '#core/agent';
import type { Execution } from '#core/execution';
import type { StepRecord } from '#core/run';
import { placeholdersIn, type TemplateScope } from '#core/templates';

/** Where the trigger is kept among the outputs; no step can be called so. */
const TRIGGER = '#trigger';

/**
 * What a step's placeholders can reach. Only the earlier outputs that the step names are read: a
 * large one that nobody uses costs nothing.
 */
export async function stepScope(step: ActionStep, execution: Execution): Promise<TemplateScope> {
  const { run, version } = execution;
  const used = placeholdersIn(step.config);
  const uses = (root: string) => used.some((parts) => parts[0] === root);
  return {
    agent: { id: run.agentId, name: version.name, version: version.version },
    run: { id: run.runId, triggered_by: run.triggeredBy, triggered_at: run.triggeredAt },
    ...(uses('trigger') && { trigger: await readTrigger(execution) }),
    ...(uses('steps') && { steps: await readSteps(used, execution) }),
  };
}

async function readTrigger({ deps, claim, run, outputs }: Execution): Promise<unknown> {
  const known = outputs.get(TRIGGER);
  if (known !== undefined) return known;
  const trigger: unknown = JSON.parse(await deps.payloads.get(claim, run.trigger));
  outputs.set(TRIGGER, trigger);
  return trigger;
}

/** The named steps, each under its id and its place. */
async function readSteps(
  used: readonly (readonly string[])[],
  execution: Execution,
): Promise<Record<string, unknown>> {
  const names = new Set(used.filter((parts) => parts[0] === 'steps').map((parts) => parts[1]));
  const steps: Record<string, unknown> = {};
  for (const record of execution.records.values()) {
    const aliases = [record.id, record.path].filter((name) => names.has(name));
    if (aliases.length === 0) continue;
    const view = {
      output: await readOutput(record, execution),
      status: record.status,
      error: record.error ?? null,
    };
    for (const alias of aliases) steps[alias] = view;
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
