import { type JsonInput, ServiceError } from '#local/services/json-server';
import { type Definition, expressionOf } from '#local/services/scheduler/schedule';
import { isFunction, isQueue, SEND_MESSAGE } from '#local/services/scheduler/target';

/** A rule of the API's model: what must hold of one field, where the field is given. */
type Rule = {
  /** Path in the input. */
  readonly field: string;
  readonly required?: true;
  readonly length?: readonly [least: number, most: number];
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  readonly between?: readonly [least: number, most: number];
};

const NAME = { length: [1, 64], pattern: /^[0-9a-zA-Z-_.]+$/ } as const;
const RULES: readonly Rule[] = [
  { field: 'Name', required: true, ...NAME },
  { field: 'GroupName', ...NAME },
  { field: 'ScheduleExpression', required: true, length: [1, 256] },
  { field: 'ScheduleExpressionTimezone', length: [1, 50] },
  { field: 'State', oneOf: ['ENABLED', 'DISABLED'] },
  { field: 'ActionAfterCompletion', oneOf: ['NONE', 'DELETE'] },
  { field: 'Description', length: [0, 512] },
  { field: 'ClientToken', length: [1, 64], pattern: /^[a-zA-Z0-9-_]+$/ },
  { field: 'FlexibleTimeWindow', required: true },
  { field: 'FlexibleTimeWindow.Mode', required: true, oneOf: ['OFF', 'FLEXIBLE'] },
  { field: 'Target', required: true },
  { field: 'Target.Arn', required: true, length: [1, 1600] },
  {
    field: 'Target.RoleArn',
    required: true,
    length: [1, 1600],
    pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  },
  { field: 'Target.Input', length: [1, 262_144] },
  { field: 'Target.RetryPolicy.MaximumEventAgeInSeconds', between: [60, 86_400] },
  { field: 'Target.RetryPolicy.MaximumRetryAttempts', between: [0, 185] },
];
const NAME_RULES = RULES.filter(({ field }) => /Name$/.test(field));

/** What is understood; anything else is refused, never ignored. */
const UNDERSTOOD = [
  'Name',
  'GroupName',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'EndDate',
  'Description',
  'State',
  'ClientToken',
  'Target',
  'FlexibleTimeWindow',
  'ActionAfterCompletion',
];
const UNDERSTOOD_OF_TARGET = ['Arn', 'RoleArn', 'Input', 'RetryPolicy', 'DeadLetterConfig'];
const MESSAGE_FIELDS = [
  'QueueUrl',
  'MessageBody',
  'DelaySeconds',
  'MessageAttributes',
  'MessageGroupId',
];
const OLDEST_START_MS = 5 * 60_000;

/** @throws ServiceError `ValidationException` when a group's or a schedule's name is not one. */
export function validateNames(input: JsonInput): void {
  check(input, NAME_RULES);
}

/**
 * The definition in a CreateSchedule or UpdateSchedule request, with the API's defaults.
 *
 * @throws ServiceError `ValidationException`
 */
export function definitionIn(input: JsonInput, now: number): Definition {
  check(input, RULES);
  const definition = withDefaults(input);
  refuseUnknown(input);
  if (!expressionOf({ ...definition, ScheduleExpression: 'rate(1 day)' })) {
    throw invalid(`Invalid timezone ${definition.ScheduleExpressionTimezone}.`);
  }
  if (!expressionOf(definition)) {
    throw invalid(`Invalid Schedule Expression ${definition.ScheduleExpression}.`);
  }
  validateDates(definition, now);
  validateTarget(definition.Target);
  return definition;
}

/** A refusal of what was asked for. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

function withDefaults(input: JsonInput): Definition {
  const { Name, GroupName, ClientToken, ...rest } = input;
  return {
    ScheduleExpressionTimezone: 'UTC',
    State: 'ENABLED',
    ActionAfterCompletion: 'NONE',
    ...rest,
  } as Definition;
}

function check(input: JsonInput, rules: readonly Rule[]): void {
  const broken = rules.flatMap((rule) => {
    const value = valueAt(input, rule.field);
    const constraint = brokenConstraint(value, rule);
    const field = rule.field.replace(/(^|\.)[A-Z]/g, (start) => start.toLowerCase());
    const shown = value === undefined ? 'null' : `'${value}'`;
    return constraint
      ? [`Value ${shown} at '${field}' failed to satisfy constraint: ${constraint}`]
      : [];
  });
  if (broken.length === 0) return;
  const count = `${broken.length} validation error${broken.length > 1 ? 's' : ''} detected`;
  throw invalid(`${count}: ${broken.join('; ')}`);
}

function brokenConstraint(value: unknown, rule: Rule): string | undefined {
  const { required, length, pattern, oneOf, between } = rule;
  if (value === undefined || value === null) return required && 'Member must not be null';
  const text = String(value);
  if (length && text.length < length[0]) {
    return `Member must have length greater than or equal to ${length[0]}`;
  }
  if (length && text.length > length[1]) {
    return `Member must have length less than or equal to ${length[1]}`;
  }
  if (pattern && !pattern.test(text)) {
    return `Member must satisfy regular expression pattern: ${pattern.source}`;
  }
  if (oneOf && !oneOf.includes(text)) {
    return `Member must satisfy enum value set: [${oneOf.join(', ')}]`;
  }
  if (between && !(Number(value) >= between[0])) {
    return `Member must have value greater than or equal to ${between[0]}`;
  }
  if (between && Number(value) > between[1]) {
    return `Member must have value less than or equal to ${between[1]}`;
  }
  return undefined;
}

function valueAt(input: JsonInput, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>((value, key) => (value as JsonInput | undefined)?.[key], input);
}

function refuseUnknown(input: JsonInput): void {
  const target = input['Target'] as JsonInput;
  const unknown = [
    ...Object.keys(input).filter((key) => !UNDERSTOOD.includes(key)),
    ...Object.keys(target).filter((key) => !UNDERSTOOD_OF_TARGET.includes(key)),
  ];
  if (unknown.length > 0) throw unavailable(unknown.join(', '));
  if (valueAt(input, 'FlexibleTimeWindow.Mode') !== 'OFF') throw unavailable('FLEXIBLE');
}

function validateDates({ StartDate, EndDate }: Definition, now: number): void {
  if (StartDate !== undefined && StartDate * 1000 < now - OLDEST_START_MS) {
    throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (EndDate !== undefined && EndDate * 1000 <= Math.max(now, (StartDate ?? 0) * 1000)) {
    throw invalid('The EndDate you specify cannot be in the past or before the StartDate.');
  }
}

function validateTarget({ Arn, Input }: Definition['Target']): void {
  if (Arn === SEND_MESSAGE) validateMessage(Input);
  else if (!isFunction(Arn) && !isQueue(Arn)) throw unavailable(`the target ${Arn}`);
}

function validateMessage(input: string | undefined): void {
  const message = parsed(input);
  if (typeof message !== 'object' || message === null) {
    throw invalid('Invalid RequestJson provided. Reason: it must be a JSON object.');
  }
  for (const field of ['QueueUrl', 'MessageBody']) {
    if (typeof (message as JsonInput)[field] !== 'string') {
      throw invalid(`Invalid RequestJson provided. Reason: it lacks the text ${field}.`);
    }
  }
  const foreign = Object.keys(message).filter((field) => !MESSAGE_FIELDS.includes(field));
  if (foreign.length > 0) {
    throw invalid(`Invalid RequestJson provided. Reason: ${foreign.join(', ')} is not supported.`);
  }
}

function parsed(input: string | undefined): unknown {
  try {
    return JSON.parse(input ?? '');
  } catch {
    return undefined;
  }
}

function unavailable(what: string): ServiceError {
  return invalid(`${what} is not available on one machine.`);
}
