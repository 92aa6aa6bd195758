import { bodyText } from '#local/iam/body';
import type { Call, Place, SdkRequest } from '#local/types';

/** A request to EventBridge Scheduler's REST API as one operation with one input. */
export type SchedulerRequest = {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** The operations that are emulated, by method and the path's first part, and whether a name follows that. */
const ROUTES: Record<string, string> = {
  'GET schedules': 'ListSchedules',
  'POST schedules/': 'CreateSchedule',
  'PUT schedules/': 'UpdateSchedule',
  'GET schedules/': 'GetSchedule',
  'DELETE schedules/': 'DeleteSchedule',
  'POST schedule-groups/': 'CreateScheduleGroup',
  'GET schedule-groups/': 'GetScheduleGroup',
};
/** Inputs that have another name in the query. */
const QUERY_NAMES: Record<string, string> = {
  groupName: 'GroupName',
  clientToken: 'ClientToken',
  ScheduleGroup: 'GroupName',
};

/**
 * Read a REST request; undefined when it is not Scheduler's.
 *
 * @throws Error for an operation that is not emulated.
 */
export function readSchedulerRequest(request: SdkRequest): SchedulerRequest | undefined {
  if (!/^scheduler\./.test(request.hostname)) return undefined;
  const [kind = '', ...name] = request.path.replace(/^\//, '').split('/');
  const route = `${request.method} ${kind}${name.length > 0 ? '/' : ''}`;
  const operation = ROUTES[route];
  if (!operation) throw new Error(`${route} of EventBridge Scheduler is not emulated`);
  const body = request.body ? bodyText(request.body) : '';
  const query = Object.entries(request.query ?? {}).map(([key, value]) => [
    QUERY_NAMES[key] ?? key,
    value,
  ]);
  return {
    operation,
    input: {
      ...(body === '' ? {} : JSON.parse(body)),
      ...Object.fromEntries(query),
      ...(name.length > 0 && { Name: decodeURIComponent(name.join('/')) }),
    },
  };
}

/** What a Scheduler operation needs to be allowed: also to hand its target's role over. */
export function schedulerCalls({ operation, input }: SchedulerRequest, place: Place): Call[] {
  const call: Call = {
    service: 'scheduler',
    action: `scheduler:${operation}`,
    resource: `arn:aws:scheduler:${place.region}:${place.accountId}:${resourceOf(operation, input)}`,
  };
  const { RoleArn } = (input['Target'] ?? {}) as { RoleArn?: string };
  if (RoleArn === undefined) return [call];
  const passRole: Call = {
    service: 'iam',
    action: 'iam:PassRole',
    resource: RoleArn,
    context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  };
  return [call, passRole];
}

function resourceOf(operation: string, input: SchedulerRequest['input']): string {
  if (operation.endsWith('ScheduleGroup')) return `schedule-group/${input['Name']}`;
  if (operation === 'ListSchedules') return 'schedule/*/*';
  return `schedule/${input['GroupName'] ?? 'default'}/${input['Name']}`;
}
