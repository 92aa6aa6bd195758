import { startRules } from '#local/events/rules';
import { functionNameOf } from '#local/gateway/routes';
import type { LambdaRuntime } from '#local/lambda/runtime';
import type { Plan } from '#local/preparation';
import type { QueueClient } from '#local/queues/client';
import { startEventSource } from '#local/queues/event-source';
import { pollerDenial } from '#local/queues/permissions';
import type { Report } from '#local/report';
import { startSchedules } from '#local/schedules';
import type { Emulators } from '#local/services/emulators';
import { mailEvent } from '#local/services/ses/simulator';
import { statusChange } from '#local/services/states/status-change';
import type { Deployment } from '#local/types';

/** What invokes functions by itself: queues, schedules and state machines. */
export type Work = {
  /** Starts nothing more; resolves when what was started has ended. */
  stop(): Promise<void>;
};

/**
 * Starts all functions that something reaches, then gives those that ask for one their start event.
 *
 * @throws Error when one does not load, or refuses its start event.
 */
export async function warmUp(plan: Plan, runtime: LambdaRuntime): Promise<{ note: string }> {
  const stays = new Set([
    ...plan.api.routes.map(({ functionName }) => functionName),
    ...plan.mappings.map(({ functionName }) => functionName),
    ...plan.schedules.map(({ functionName }) => functionName),
    ...plan.machineFunctions,
  ]);
  const starts = plan.startEvents.map(({ functionName }) => functionName);
  const reached = new Set([...stays, ...starts]);
  // What the first one compiles the others find compiled: else each would keep a compiler of its own in memory.
  const warm = (names: readonly string[]) => Promise.all(names.map((name) => runtime.warm(name)));
  const names = [...reached];
  const loaded = [...(await warm(names.slice(0, 1))), ...(await warm(names.slice(1)))];
  if (loaded.includes(false)) throw new Error('A function does not start.');
  for (const { functionName, payload } of plan.startEvents) {
    const result = await runtime.invoke(functionName, payload);
    if (result.status === 'failed') {
      const { errorType, errorMessage } = result.error;
      throw new Error(`${functionName} failed at the start: ${errorType}: ${errorMessage}`);
    }
  }
  // What only a start needs takes no memory afterwards.
  for (const name of starts) if (!stays.has(name)) runtime.rest(name);
  return { note: [...reached].join(', ') };
}

/** Starts the pollers, the schedules and the state machines; pollers and schedules that may not work are reported. */
export function startWork(
  plan: Plan,
  setting: {
    readonly deployment: Deployment;
    readonly emulators: Emulators;
    readonly runtime: LambdaRuntime;
    readonly queue: QueueClient;
    readonly report: Report;
  },
): Work {
  const { deployment, emulators, runtime, queue, report } = setting;
  const { region } = deployment;
  const sources = plan.mappings
    .filter((mapping) => {
      const target = plan.functions.find((one) => one.functionName === mapping.functionName);
      const denial = target && pollerDenial(mapping, target);
      if (denial) report.problem(denial);
      return !denial;
    })
    .map((mapping) =>
      startEventSource(mapping, {
        queue,
        region,
        invoke: (name, payload, options) => runtime.invoke(name, payload, options),
        onError: (message) => report.problem(message),
      }),
    );
  for (const { denial } of plan.schedules) if (denial) report.problem(denial);
  const schedules = startSchedules(
    plan.schedules,
    (name, payload) => runtime.invoke(name, payload),
    ({ name }, message) => report.problem(`${name} failed: ${message}`),
  );
  emulators.schedules.run(deployment, {
    invoke: (arn, payload) => invokeTarget(runtime, arn, payload),
    onProblem: (message) => report.problem(message),
  });
  for (const { denials } of plan.rules) for (const denial of denials) report.problem(denial);
  const publish = startRules(plan.rules, {
    async invoke(functionName, payload) {
      const result = await runtime.invoke(functionName, payload);
      return result.status === 'failed' ? result.error.errorMessage : undefined;
    },
    sendMessage: emulators.sendMessage,
    onProblem: (message) => report.problem(message),
  });
  emulators.tellOfMail((outcome) => publish(mailEvent(outcome, deployment)));
  emulators.executions.run(deployment, {
    async invoke(arn, payload, options) {
      const functionName = functionNameOf(arn) ?? arn;
      return runtime.has(functionName) ? runtime.invoke(functionName, payload, options) : undefined;
    },
    onStatusChange: (execution) => publish(statusChange(execution)),
    onProblem: (message) => report.problem(message),
  });
  return {
    async stop() {
      emulators.executions.stop();
      const stopping = [...sources, schedules, emulators.schedules].map((each) => each.stop());
      await Promise.all(stopping);
    },
  };
}

/** Scheduler invokes functions asynchronously: their own failures are not its affair. */
async function invokeTarget(runtime: LambdaRuntime, arn: string, payload: string) {
  const functionName = functionNameOf(arn) ?? arn;
  if (!runtime.has(functionName)) {
    return { code: 'ResourceNotFoundException', message: `Function not found: ${arn}` };
  }
  await runtime.invoke(functionName, payload);
  return undefined;
}
