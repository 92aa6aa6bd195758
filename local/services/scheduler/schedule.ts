import { type Expression, parseExpression } from '#local/services/scheduler/expression';
import { findZone } from '#local/services/scheduler/zone';

/** What a schedule calls, in the API's words. */
export type Target = {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: {
    readonly MaximumEventAgeInSeconds?: number;
    readonly MaximumRetryAttempts?: number;
  };
  readonly DeadLetterConfig?: { readonly Arn?: string };
};

/** All that its owner says about a schedule; dates are epoch seconds, as in the API. */
export type Definition = {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly State: 'ENABLED' | 'DISABLED';
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly Description?: string;
  readonly Target: Target;
  readonly FlexibleTimeWindow: { readonly Mode: 'OFF' };
  readonly ActionAfterCompletion: 'NONE' | 'DELETE';
};

/** Where a schedule is. */
export type ScheduleName = { readonly group: string; readonly name: string };

/** A schedule; times are epoch milliseconds. */
export type Schedule = ScheduleName & {
  readonly definition: Definition;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Of the request that created it. */
  readonly clientToken: string;
};

/** When a schedule is due next. */
export type Timetable = {
  /** The first time after another; undefined when there is none. */
  next(after: number): number | undefined;
};

/** One text for each schedule. */
export function keyOf({ group, name }: ScheduleName): string {
  return `${group}/${name}`;
}

/** When an enabled or disabled schedule would run. A rate counts from its start date, or from the second after its last change. */
export function timetableOf({ definition, modifiedAt }: Schedule): Timetable {
  const expression = expressionOf(definition);
  const { StartDate, EndDate } = definition;
  if (expression?.kind !== 'recurring') {
    return { next: (after) => expression?.next(after, 0) };
  }
  const start = StartDate === undefined ? undefined : StartDate * 1000;
  const anchor = start ?? Math.floor(modifiedAt / 1000) * 1000 + 1000;
  const end = EndDate === undefined ? Number.POSITIVE_INFINITY : EndDate * 1000;
  return {
    next(after) {
      const time = expression.next(Math.max(after, (start ?? 0) - 1), anchor);
      return time !== undefined && time <= end ? time : undefined;
    },
  };
}

/** @returns undefined when the expression or its zone is not valid. */
export function expressionOf({
  ScheduleExpression,
  ScheduleExpressionTimezone,
}: Pick<Definition, 'ScheduleExpression' | 'ScheduleExpressionTimezone'>): Expression | undefined {
  const zone = findZone(ScheduleExpressionTimezone);
  return zone && parseExpression(ScheduleExpression, zone);
}
