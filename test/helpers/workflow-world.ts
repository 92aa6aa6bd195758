import type { ActionStep, AgentVersion } from '#core/agents/agent';
import type { Run } from '#core/runs/run';
import { takeUp } from '#core/runs/take-up';
import { engineWorld, plenty, ref } from '#test/helpers/engine-world';
import { versionOf } from '#test/helpers/memory-ports';

const defaults = { timeout_seconds: 120, on_error: 'fail' as const };
/** A step that gives its value back, for one credit. */
export const echo = (id: string, value: unknown, more: Partial<ActionStep> = {}): ActionStep => ({
  ...defaults,
  id,
  type: 'echo',
  config: { value },
  ...more,
});
/** A step that controls the run. */
export const control = (id: string, type: string, config: object, more: Partial<ActionStep> = {}) =>
  ({ ...defaults, id, type, config, ...more }) as ActionStep;
/** A loop over a list, or over what a placeholder gives. */
export const loop = (id: string, items: unknown, actions: ActionStep[], more: object = {}) =>
  control(id, 'for_each', { items, actions, concurrency: 1, max_items: 1_000, ...more });
/** A condition: both are equal. */
export const when = (left: unknown, right: unknown) => ({ left, op: 'equals', right });

/** A worker's world with a run of these steps. */
export function workflowWorld(
  actions: ActionStep[],
  trigger: unknown = {},
  change: Partial<Run> = {},
) {
  const base = versionOf([]);
  const version: AgentVersion = {
    ...base,
    actions,
    settings: { ...base.settings, retry: { ...base.settings.retry, max_attempts: 3 } },
  };
  const json = JSON.stringify({ body: trigger });
  const made = engineWorld(version, { trigger: { kind: 'inline', json }, ...change });
  const outputOf = (path: string) => {
    const output = made.runs.get('run_1').steps[path]?.output;
    return output?.kind === 'inline' ? JSON.parse(output.json) : undefined;
  };
  const statuses = () =>
    Object.fromEntries(
      Object.values(made.runs.get('run_1').steps).map((one) => [one.path, one.status]),
    );
  /** Goes on until it ends or waits for a person, jumping over waits. */
  const run = async () => {
    for (let turn = 0; turn < 3_000; turn += 1) {
      const directive = await takeUp(ref, made.deps, plenty);
      if (directive.next === 'done' || directive.next === 'await' || directive.next === 'stop')
        return directive;
      if (directive.next === 'wait' || directive.next === 'held') {
        made.clock.advance(Math.max(0, (directive.until ?? 0) - made.clock.now()));
      }
    }
    throw new Error('it goes on for ever');
  };
  return {
    ...made,
    run,
    outputOf,
    statuses,
    values: () => made.seen.map(({ config }) => (config as { value: unknown }).value),
  };
}
