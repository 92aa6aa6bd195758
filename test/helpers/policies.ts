import { expect } from 'vitest';
import { permissions } from '#lib/constructs/permissions';
import type { Template } from '#test/helpers/machine';

/** One action that one function may do on one resource. */
export type Permission = {
  /** The function. */
  readonly name: string;
  readonly on: string;
  readonly action: string;
};

/** Every permission that functions are given. */
export const listedPermissions: readonly Permission[] = Object.entries(permissions).flatMap(
  ([name, entries]) =>
    entries.flatMap(({ on, actions }) => actions.map((action) => ({ name, on, action }))),
);

/** How a target looks in the template, and in the ARN that a denial names. */
const TARGETS: Record<string, { readonly template: RegExp; readonly arn: string }> = {
  table: { template: /"DataTable[^/]*$/, arn: ':table/' },
  'index:runs_by_agent': { template: /\/index\/runs_by_agent"/, arn: '/index/runs_by_agent' },
  'index:runs_by_user': { template: /\/index\/runs_by_user"/, arn: '/index/runs_by_user' },
  'index:due': { template: /\/index\/due"/, arn: '/index/due' },
  runQueue: { template: /"RunsQueue/, arn: ':[^ ]*RunsQueue' },
  deadLetters: { template: /"RunsDeadLetters/, arn: ':[^ ]*RunsDeadLetters' },
  payloads: { template: /"PayloadsBucket.*\/runs\//, arn: '/runs/[^ ]*' },
  models: { template: /:foundation-model\//, arn: ':foundation-model/[^ ]*' },
  modelProfiles: { template: /:inference-profile\//, arn: ':inference-profile/[^ ]*' },
  exports: { template: /"PayloadsBucket.*\/exports\//, arn: '/exports/[^ ]*' },
  schedules: { template: /"SchedulesGroup/, arn: ':schedule/[^ ]*' },
  scheduleRole: { template: /"SchedulesRole/, arn: ':role/' },
  mailIdentities: { template: /:identity\//, arn: ':identity/[^ ]*' },
  mailSet: { template: /:configuration-set\//, arn: ':configuration-set/[^ ]*' },
  site: { template: /"SiteBucket/, arn: '/[^ ]*' },
  stateMachine: { template: /:stateMachine:/, arn: ':stateMachine:' },
  usageBus: { template: /"UsageBus/, arn: ':event-bus/' },
  executions: { template: /:execution:/, arn: ':execution:' },
  secretsKey: { template: /"SecretsKey/, arn: ':key/' },
};

/** What is said where a call is denied. */
export function denialOf({ name, on, action }: Permission): RegExp {
  const isPollers = name === 'dispatch' && on === 'runQueue' && action !== 'sqs:SendMessage';
  if (isPollers) return new RegExp(`AccessDenied: .* may not .*${action}`);
  const said = action.startsWith('sqs:') ? action.toLowerCase() : action;
  const arn = `arn:[^ ]*${TARGETS[on]?.arn}[^ /]* `;
  return new RegExp(`not authorized to perform: ${said} on resource: ${arn}`);
}

/** The part of its name by which a function's log is found. */
export function logName(name: string): string {
  return `${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Function`;
}

/** Takes one action on one resource from one function's role. */
export function forbid(template: Template, { name, on, action }: Permission): void {
  const role = functionNamed(template, name).Role['Fn::GetAtt'][0];
  const target = TARGETS[on]?.template ?? /^$/;
  const taken = forbidRole(
    template,
    (id) => id === role,
    (pair) => pair.Action === action && target.test(JSON.stringify(pair.Resource)),
  );
  expect(taken, `${name}: ${action} on ${on} in the template`).toBe(1);
}

/**
 * Takes what fits from the policies of roles.
 *
 * @returns how many pairs of an action and a resource were taken
 */
export function forbidRole(
  { Resources }: Template,
  isRole: (logicalId: string) => boolean,
  isMeant: (pair: Pair) => boolean,
): number {
  let taken = 0;
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    if (!Properties.Roles.some((role: { Ref: string }) => isRole(role.Ref))) continue;
    const all: Pair[] = Properties.PolicyDocument.Statement.flatMap(pairs);
    const kept = all.filter((pair) => !isMeant(pair));
    taken += all.length - kept.length;
    Properties.PolicyDocument.Statement = kept;
  }
  return taken;
}

/** A statement with one action and one resource. */
type Pair = { readonly Action: string; readonly Resource: unknown };

/** Statements are merged in the template. */
function pairs(statement: { Action: string | string[]; Resource: unknown }): Pair[] {
  return [statement.Action]
    .flat()
    .flatMap((Action) =>
      [statement.Resource].flat().map((Resource) => ({ ...statement, Action, Resource })),
    );
}

/** The properties of a function. @throws Error when the template does not have it */
export function functionNamed({ Resources }: Template, name: string) {
  const found = Object.values(Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' &&
      Properties.Environment?.Variables.POWERTOOLS_SERVICE_NAME === name,
  );
  if (found === undefined) throw new Error(`The template has no function ${name}`);
  return found.Properties;
}
