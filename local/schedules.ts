import { functionNameOf } from '#local/gateway/routes';
import { judge } from '#local/iam/evaluation';
import { mayAssume, rolePolicies } from '#local/iam/role-policies';
import type { InvocationResult } from '#local/lambda/protocol';
import { referencedResource } from '#local/references';
import { groupArn, scheduledEvent } from '#local/services/scheduler/target';
import type { Deployment } from '#local/types';

/** A function that EventBridge Scheduler invokes at a rate. */
export type Schedule = {
  readonly name: string;
  readonly arn: string;
  readonly functionName: string;
  readonly everyMs: number;
  /** The event as JSON; undefined for Scheduler's own. */
  readonly input: string | undefined;
  /** Why its role may not invoke the function; it then never runs. */
  readonly denial: string | undefined;
};

/** Running schedules. */
export type RunningSchedules = {
  /** Starts nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
};

/** Invokes a function; never rejects for what the function does. */
type Invoke = (functionName: string, payload: string) => Promise<InvocationResult>;

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** The shortest rate that Scheduler knows runs every second here: nobody waits a minute on one machine. */
const SHORTEST_MS = 1_000;

/**
 * The template's enabled schedules.
 *
 * @throws Error naming the schedule when it is of a kind that cannot run here.
 */
export function readSchedules(deployment: Deployment): Schedule[] {
  return deployment
    .resourcesOf('AWS::Scheduler::Schedule')
    .map(([logicalId, { Properties = {} }]) => ({
      logicalId,
      roleId: referencedResource((Properties['Target'] as ScheduleTarget | undefined)?.RoleArn),
      properties: deployment.resolve(Properties) as ScheduleProperties,
    }))
    .filter(({ properties }) => properties.State !== 'DISABLED')
    .map(({ logicalId, roleId, properties }) => {
      const { ScheduleExpression, Target } = properties;
      const functionName = functionNameOf(String(Target.Arn));
      const everyMs = parseRate(ScheduleExpression);
      if (!functionName || !roleId || everyMs === undefined) {
        throw new Error(`${logicalId}: only rates that invoke functions run on one machine.`);
      }
      const resource = String(Target.Arn);
      return {
        name: deployment.physical(logicalId),
        arn: deployment.attribute(logicalId, 'Arn'),
        functionName,
        everyMs,
        input: Target.Input,
        denial: scheduleDenial(deployment, { logicalId, roleId, resource }),
      };
    });
}

/**
 * Runs the schedules that may run; none ever overlaps itself.
 *
 * @param onFailure told when a function failed; the schedule goes on.
 */
export function startSchedules(
  schedules: readonly Schedule[],
  invoke: Invoke,
  onFailure: (schedule: Schedule, message: string) => void,
): RunningSchedules {
  const running = new Set<Promise<void>>();
  const timers = schedules
    .filter(({ denial }) => denial === undefined)
    .map((schedule) => {
      let isBusy = false;
      return setInterval(async () => {
        if (isBusy) return;
        isBusy = true;
        const run = runOnce(schedule).finally(() => running.delete(run));
        running.add(run);
        await run;
        isBusy = false;
      }, schedule.everyMs);
    });

  async function runOnce(schedule: Schedule): Promise<void> {
    const result = await invoke(
      schedule.functionName,
      schedule.input ?? scheduledEvent(schedule.arn, Date.now()),
    );
    if (result.status === 'failed') onFailure(schedule, result.error.errorMessage);
  }

  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}

type ScheduleTarget = {
  readonly Arn?: unknown;
  readonly RoleArn?: unknown;
  readonly Input?: string;
};

type ScheduleProperties = {
  readonly ScheduleExpression: string;
  readonly State?: string;
  readonly Target: ScheduleTarget;
};

function parseRate(expression: string): number | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (!rate) return undefined;
  const everyMs = Number(rate[1]) * UNIT_MS[rate[2] as keyof typeof UNIT_MS];
  return everyMs <= UNIT_MS.minute ? SHORTEST_MS : everyMs;
}

function scheduleDenial(
  deployment: Deployment,
  { logicalId, roleId, resource }: { logicalId: string; roleId: string; resource: string },
): string | undefined {
  const [, group = ''] = deployment.attribute(logicalId, 'Arn').split('/');
  if (!mayAssume(deployment, roleId, 'scheduler.amazonaws.com', groupArn(group, deployment))) {
    return `${logicalId}: AccessDenied: Scheduler may not assume ${roleId}`;
  }
  const call = { action: 'lambda:InvokeFunction', resource };
  if (judge(rolePolicies(deployment, roleId), call) === 'allowed') return undefined;
  return `${logicalId}: AccessDenied: ${roleId} may not lambda:InvokeFunction on ${resource}`;
}
