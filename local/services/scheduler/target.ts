import { randomUUID } from 'node:crypto';
import type { Delivery } from '#local/services/scheduler/journal';
import type { Place } from '#local/types';

/** EventBridge Scheduler's universal target for a queue; its input says which queue. */
export const SEND_MESSAGE = 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage';

/** A call to a target, in the words of IAM and of the target's own API. */
export type TargetCall =
  | {
      readonly action: 'sqs:SendMessage';
      readonly resource: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | {
      readonly action: 'lambda:InvokeFunction';
      readonly resource: string;
      readonly payload: string;
    };

/** @throws SyntaxError when a universal target's input is not JSON once its placeholders are replaced. */
export function callOf(delivery: Delivery, attempt: number, place: Place): TargetCall {
  const { Arn, Input } = delivery.target;
  const arn = scheduleArn(delivery, place);
  const input = Input === undefined ? undefined : fillIn(Input, arn, delivery.scheduledAt, attempt);
  if (Arn === SEND_MESSAGE) {
    const message: Record<string, unknown> = JSON.parse(input ?? '{}');
    const resource = queueArn(String(message['QueueUrl']), place);
    return { action: 'sqs:SendMessage', resource, input: message };
  }
  const text = input ?? scheduledEvent(arn, delivery.scheduledAt);
  return isFunction(Arn)
    ? { action: 'lambda:InvokeFunction', resource: Arn, payload: text }
    : {
        action: 'sqs:SendMessage',
        resource: Arn,
        input: { QueueUrl: queueUrl(Arn), MessageBody: text },
      };
}

/** Whether an ARN is a Lambda function's. */
export function isFunction(arn: string): boolean {
  return /^arn:aws:lambda:[^:]+:\d{12}:function:[^:]+$/.test(arn);
}

/** Whether an ARN is a standard queue's. */
export function isQueue(arn: string): boolean {
  return /^arn:aws:sqs:[^:]+:\d{12}:[\w-]+$/.test(arn);
}

/** The address of a queue. */
export function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** The ARN of a schedule. */
export function scheduleArn(
  { group, name }: { readonly group: string; readonly name: string },
  { region, accountId }: Place,
): string {
  return `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${name}`;
}

/** The ARN of a group of schedules. */
export function groupArn(name: string, { region, accountId }: Place): string {
  return `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`;
}

/** A time as Scheduler writes it, such as `2026-11-22T09:00:00Z`. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** What Scheduler sends to a templated target without input, as JSON. */
export function scheduledEvent(arn: string, scheduledAt: number): string {
  const [, , , region, account] = arn.split(':');
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: timeText(scheduledAt),
    region,
    resources: [arn],
    detail: '{}',
  });
}

function queueArn(url: string, { region, accountId }: Place): string {
  return `arn:aws:sqs:${region}:${accountId}:${url.slice(url.lastIndexOf('/') + 1)}`;
}

function fillIn(input: string, arn: string, scheduledAt: number, attempt: number): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', timeText(scheduledAt))
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}
