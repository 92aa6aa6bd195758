import type { Clock } from '#local/clock';
import type { Delivery } from '#local/services/scheduler/journal';
import {
  callOf,
  groupArn,
  queueUrl,
  scheduleArn,
  type TargetCall,
  timeText,
} from '#local/services/scheduler/target';
import type { Refusal, World } from '#local/services/scheduler/world';
import type { Place } from '#local/types';

/** Calls targets, again while that fails. */
export type Deliverer = {
  /** @param onEnd called when the target was called, or given up. */
  deliver(delivery: Delivery, onEnd: () => Promise<void>): void;
  /** Calls to targets so far. */
  readonly invocations: number;
  /** Starts nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
};

/** Why a call failed. */
type Failure = Refusal & { readonly isFinal: boolean };

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** EventBridge Scheduler's own, where the target says nothing. */
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;

/** Makes the deliverer of one running machine. */
export function createDeliverer(world: World, clock: Clock, place: Place): Deliverer {
  const running = new Set<Promise<void>>();
  let invocations = 0;
  let stopped = false;

  async function attempt(
    delivery: Delivery,
    number: number,
    onEnd: () => Promise<void>,
  ): Promise<void> {
    const failure = await tryOnce(delivery, number);
    if (!failure) return onEnd();
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (number - 1), LONGEST_RETRY_MS);
    const exhausted = exhaustion(delivery, number, clock.now() + waitMs);
    if (!failure.isFinal && !exhausted) {
      clock.after(waitMs, () => start(delivery, number + 1, onEnd));
      return;
    }
    await giveUp(delivery, failure, number, exhausted);
    await onEnd();
  }

  async function tryOnce(delivery: Delivery, number: number): Promise<Failure | undefined> {
    invocations += 1;
    try {
      const call = callOf(delivery, number, place);
      return denied(delivery, call) ?? (await make(call));
    } catch (error) {
      return failureOf(error);
    }
  }

  async function make(call: TargetCall): Promise<Failure | undefined> {
    const refusal =
      call.action === 'sqs:SendMessage'
        ? await world.sendMessage(call.input)
        : await world.invoke(call.resource, call.payload);
    return refusal && { ...refusal, isFinal: true };
  }

  function denied(delivery: Delivery, call: Pick<TargetCall, 'action' | 'resource'>) {
    const { RoleArn } = delivery.target;
    if (!world.mayAssume(RoleArn, groupArn(delivery.group, place))) {
      return accessDenied(`Scheduler may not assume ${RoleArn}`);
    }
    if (world.allows(RoleArn, call)) return undefined;
    return accessDenied(`${RoleArn} may not ${call.action} on ${call.resource}`);
  }

  async function giveUp(
    delivery: Delivery,
    failure: Failure,
    attempts: number,
    exhausted: string | undefined,
  ): Promise<void> {
    const { code, message } = failure;
    const where = `${scheduleArn(delivery, place)}: ${code}: ${message}`;
    const letter = await sendDeadLetter(delivery, failure, attempts, exhausted);
    world.onProblem(letter ? `${where}; its dead-letter queue: ${letter}` : where);
  }

  /** @returns why that failed. */
  async function sendDeadLetter(
    delivery: Delivery,
    { code, message }: Failure,
    attempts: number,
    exhausted: string | undefined,
  ): Promise<string | undefined> {
    const resource = delivery.target.DeadLetterConfig?.Arn;
    if (resource === undefined) return undefined;
    const denial = denied(delivery, { action: 'sqs:SendMessage', resource });
    if (denial) return denial.message;
    const attributes = {
      ERROR_CODE: code,
      ERROR_MESSAGE: message,
      RETRY_ATTEMPTS: String(attempts - 1),
      SCHEDULED_TIME: timeText(delivery.scheduledAt),
      SCHEDULE_ARN: scheduleArn(delivery, place),
      TARGET_ARN: delivery.target.Arn,
      ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    try {
      const refusal = await world.sendMessage({
        QueueUrl: queueUrl(resource),
        MessageBody: delivery.target.Input ?? '{}',
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      });
      return refusal?.message;
    } catch (error) {
      return failureOf(error).message;
    }
  }

  function start(delivery: Delivery, number: number, onEnd: () => Promise<void>): void {
    if (stopped) return;
    const run = attempt(delivery, number, onEnd).finally(() => running.delete(run));
    running.add(run);
  }

  return {
    get invocations() {
      return invocations;
    },
    deliver: (delivery, onEnd) => start(delivery, 1, onEnd),
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** Which limit forbids another attempt at a time. */
function exhaustion({ target, scheduledAt }: Delivery, attempts: number, at: number) {
  const { RetryPolicy: { MaximumRetryAttempts, MaximumEventAgeInSeconds } = {} } = target;
  if (attempts > (MaximumRetryAttempts ?? DEFAULT_RETRIES)) return 'MaximumRetryAttempts';
  const oldest = (MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS) * 1000;
  return at - scheduledAt > oldest ? 'MaximumEventAgeInSeconds' : undefined;
}

function accessDenied(message: string): Failure {
  return { code: 'AccessDenied', message, isFinal: true };
}

/** Input that is not JSON stays so; anything else may pass. */
function failureOf(error: unknown): Failure {
  const code = error instanceof SyntaxError ? 'ValidationException' : 'InternalFailure';
  return { code, message: String(error), isFinal: error instanceof SyntaxError };
}
