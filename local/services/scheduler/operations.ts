import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#local/clock';
import { type JsonInput, ServiceError } from '#local/services/json-server';
import type { Engine } from '#local/services/scheduler/engine';
import type { Group, Journal } from '#local/services/scheduler/journal';
import { keyOf, type Schedule, type ScheduleName } from '#local/services/scheduler/schedule';
import { groupArn, scheduleArn } from '#local/services/scheduler/target';
import { definitionIn, invalid, validateNames } from '#local/services/scheduler/validation';
import type { Place } from '#local/types';

/** What the API's operations work on. */
type SchedulerState = {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly groups: Map<string, Group>;
  readonly clock: Clock;
  readonly place: Place;
  /** Whether Scheduler may take a role on for a group's schedules. */
  mayAssume(roleArn: string, groupArn: string): boolean;
};

type Output = Record<string, unknown>;
type Operation = (state: SchedulerState, input: JsonInput) => Output | Promise<Output>;

const DEFAULT_GROUP = 'default';
const LONGEST_PAGE = 100;

/** EventBridge Scheduler's API, by operation; of REST, only the path's and the query's values are input too. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  async CreateSchedule(state, input) {
    const changed = scheduleIn(state, input);
    const existing = state.engine.schedules.get(keyOf(changed));
    if (existing && !isRepeated(existing, changed)) {
      throw new ServiceError('ConflictException', `Schedule ${changed.name} already exists.`, 409);
    }
    if (!existing) await state.engine.put(changed);
    return { ScheduleArn: scheduleArn(changed, state.place) };
  },
  async UpdateSchedule(state, input) {
    const existing = find(state, input);
    const { createdAt, clientToken } = existing;
    await state.engine.put({ ...scheduleIn(state, input), createdAt, clientToken });
    return { ScheduleArn: scheduleArn(existing, state.place) };
  },
  GetSchedule(state, input) {
    const schedule = find(state, input);
    return {
      Arn: scheduleArn(schedule, state.place),
      Name: schedule.name,
      GroupName: schedule.group,
      ...schedule.definition,
      ...dates(schedule.createdAt, schedule.modifiedAt),
    };
  },
  async DeleteSchedule(state, input) {
    await state.engine.remove(find(state, input));
    return {};
  },
  ListSchedules(state, input) {
    const { GroupName, NamePrefix = '', State, MaxResults, NextToken = '' } = input;
    if (GroupName !== undefined) findGroup(state, String(GroupName));
    const size = pageSize(MaxResults);
    const after = Buffer.from(String(NextToken), 'base64url').toString();
    const found = [...state.engine.schedules.values()]
      .filter(({ group }) => GroupName === undefined || group === GroupName)
      .filter(({ name }) => name.startsWith(String(NamePrefix)))
      .filter(({ definition }) => State === undefined || definition.State === State)
      .filter((schedule) => keyOf(schedule) > after)
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const last = found.length > size ? found[size - 1] : undefined;
    return {
      Schedules: found.slice(0, size).map((schedule) => summary(state, schedule)),
      ...(last && { NextToken: Buffer.from(keyOf(last)).toString('base64url') }),
    };
  },
  async CreateScheduleGroup(state, input) {
    validateNames(input);
    const name = String(input['Name']);
    if (state.groups.has(name)) {
      throw new ServiceError('ConflictException', `Schedule group ${name} already exists.`, 409);
    }
    const group = { name, createdAt: state.clock.now() };
    state.groups.set(name, group);
    await state.journal.commit((writer) => writer.putGroup(group));
    return { ScheduleGroupArn: groupArn(name, state.place) };
  },
  GetScheduleGroup(state, input) {
    const { name, createdAt } = findGroup(state, String(input['Name']));
    return {
      Arn: groupArn(name, state.place),
      Name: name,
      State: 'ACTIVE',
      ...dates(createdAt, createdAt),
    };
  },
};

/** The schedule that a request describes, as new. @throws ServiceError when it may not be. */
function scheduleIn(state: SchedulerState, input: JsonInput): Schedule {
  const now = state.clock.now();
  const definition = definitionIn(input, now);
  const { group, name } = nameIn(input);
  findGroup(state, group);
  if (!state.mayAssume(definition.Target.RoleArn, groupArn(group, state.place))) {
    throw invalid(
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
  }
  const clientToken = String(input['ClientToken'] ?? '');
  return { group, name, definition, createdAt: now, modifiedAt: now, clientToken };
}

/** Whether a request to create says again what was done already. */
function isRepeated(existing: Schedule, { clientToken, definition }: Schedule): boolean {
  return (
    clientToken !== '' &&
    clientToken === existing.clientToken &&
    isDeepStrictEqual(definition, existing.definition)
  );
}

function find(state: SchedulerState, input: JsonInput): Schedule {
  validateNames(input);
  const wanted = nameIn(input);
  const schedule = state.engine.schedules.get(keyOf(wanted));
  if (schedule) return schedule;
  findGroup(state, wanted.group);
  throw notFound(`Schedule ${wanted.name} does not exist.`);
}

function findGroup({ groups }: SchedulerState, name: string): Group {
  const group = groups.get(name) ?? (name === DEFAULT_GROUP ? { name, createdAt: 0 } : undefined);
  if (!group) throw notFound(`Schedule group ${name} does not exist.`);
  return group;
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}

function nameIn(input: JsonInput): ScheduleName {
  return { group: String(input['GroupName'] ?? DEFAULT_GROUP), name: String(input['Name']) };
}

function pageSize(value: unknown): number {
  const size = Number(value ?? LONGEST_PAGE);
  if (size >= 1 && size <= LONGEST_PAGE) return size;
  throw invalid(`MaxResults must be between 1 and ${LONGEST_PAGE}.`);
}

function summary({ place }: SchedulerState, schedule: Schedule): Output {
  const { name, group, definition, createdAt, modifiedAt } = schedule;
  return {
    Arn: scheduleArn(schedule, place),
    Name: name,
    GroupName: group,
    State: definition.State,
    Target: { Arn: definition.Target.Arn },
    ...dates(createdAt, modifiedAt),
  };
}

/** In epoch seconds, as the API has them. */
function dates(createdAt: number, modifiedAt: number): Output {
  return { CreationDate: createdAt / 1000, LastModificationDate: modifiedAt / 1000 };
}
