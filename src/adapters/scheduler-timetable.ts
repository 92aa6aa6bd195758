import {
  ActionAfterCompletion,
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { clientConfig } from '#adapters/aws-clients';
import type { Timetable } from '#core/schedules/schedule-store';
import { parseCron, toSchedulerExpressions } from '#core/schedules/schedules';
import { type StoredSchedule, type Timing, wholeSecond } from '#core/schedules/timetable';

/** Where fires go, and what may send them. */
export type SchedulerTarget = {
  readonly groupName: string;
  readonly queueUrl: string;
  /** The role with which EventBridge Scheduler sends to the queue. */
  readonly roleArn: string;
};

/** A unix cron whose two day fields both restrict needs two expressions, because they mean "or". */
const MOST_PARTS = 2;

/**
 * EventBridge Scheduler as the fast path: schedules named after agent and generation, which send to
 * the run queue themselves. The universal target is used because it can set the message group.
 */
export function schedulerTimetable(target: SchedulerTarget): Timetable {
  const client = new SchedulerClient(clientConfig());
  const GroupName = target.groupName;
  return {
    async put(schedule, timing) {
      for (const [part, expression] of expressionsOf(timing).entries()) {
        await ignoring(ConflictException, () =>
          client.send(
            new CreateScheduleCommand({
              Name: nameOf(schedule.agentId, schedule.generation, part),
              GroupName,
              ...expression,
              FlexibleTimeWindow: { Mode: 'OFF' },
              ActionAfterCompletion: ActionAfterCompletion.DELETE,
              Target: {
                Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
                RoleArn: target.roleArn,
                Input: inputFor(schedule, target.queueUrl),
              },
            }),
          ),
        );
      }
    },

    async remove(schedule, generation) {
      for (let part = 0; part < MOST_PARTS; part += 1) {
        const Name = nameOf(schedule.agentId, generation, part);
        await ignoring(ResourceNotFoundException, () =>
          client.send(new DeleteScheduleCommand({ Name, GroupName })),
        );
      }
    },
  };
}

function expressionsOf(timing: Timing) {
  if (timing.kind === 'once') {
    const at = new Date(wholeSecond(timing.runAt)).toISOString().slice(0, 19);
    return [{ ScheduleExpression: `at(${at})`, ScheduleExpressionTimezone: 'UTC' }];
  }
  return toSchedulerExpressions(parseCron(timing.cronExpression)).map((ScheduleExpression) => ({
    ScheduleExpression,
    ScheduleExpressionTimezone: timing.timezone,
  }));
}

function nameOf(agentId: string, generation: number, part: number): string {
  return `${agentId}-${generation}-${part}`;
}

function inputFor({ userId, agentId, generation }: StoredSchedule, QueueUrl: string): string {
  const fire = {
    user_id: userId,
    agent_id: agentId,
    generation,
    // Replaced by Scheduler; its execution id differs with each attempt and names nothing.
    scheduled_at: '<aws.scheduler.scheduled-time>',
  };
  return JSON.stringify({ QueueUrl, MessageBody: JSON.stringify(fire), MessageGroupId: userId });
}

/** A change that was made before need not be made again. */
async function ignoring(
  expected: typeof ConflictException | typeof ResourceNotFoundException,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof expected)) throw error;
  }
}
