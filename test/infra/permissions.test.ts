import { describe, expect, it } from 'vitest';
import { permissions } from '#lib/constructs/permissions';
import {
  functionNames,
  functionsOf,
  resourcesOf,
  type Statement,
  synthesized,
} from './synthesized.ts';

const { template } = await synthesized();
const functions = functionsOf(template);

function statementsOf(name: string): Statement[] {
  const role = functions.get(name)?.Properties.Role['Fn::GetAtt'][0];
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, policy]) => policy.Properties.Roles.some((r: { Ref: string }) => r.Ref === role))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
}

const actionsOf = (name: string) => statementsOf(name).flatMap(({ Action }) => Action);

describe.each(functionNames)('permissions of %s', (name) => {
  it('are its own: a role that no other function has, without managed policies', () => {
    const roles = [...functions.values()].map(({ Properties }) => JSON.stringify(Properties.Role));
    expect(new Set(roles).size).toBe(functionNames.length);
    for (const [id, role] of resourcesOf(template, 'AWS::IAM::Role')) {
      // CDK's own, for deployments.
      if (!id.startsWith('AWSCDK')) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  it('are those listed in permissions.ts, its own log and tracing: nothing that CDK adds unasked', () => {
    const listed = Object.entries(permissions).find(([key]) => key === name)?.[1] ?? [];
    const allowed = new Set<string>(listed.flatMap(({ actions }) => [...actions]));
    const added = actionsOf(name).filter((action) => !allowed.has(action));
    expect(added.toSorted()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('name each action, and no wildcard resource but for tracing', () => {
    expect(actionsOf(name).filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = statementsOf(name).filter(({ Resource }) => [Resource].flat().includes('*'));
    expect(everywhere.flatMap(({ Action }) => Action).toSorted()).toEqual([
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('reach no more of the bucket than the objects of runs and the files of steps', () => {
    const onBucket = statementsOf(name).filter(({ Action }) => [Action].flat().some(isS3));
    if (name === 'publish') return expect(JSON.stringify(onBucket)).not.toContain('Payloads');
    for (const { Resource } of onBucket) {
      expect(JSON.stringify(Resource)).toMatch(/"\/(runs|exports)\/\*"/);
    }
  });

  it('allow neither reading the whole table nor deleting it', () => {
    expect(actionsOf(name).filter((action) => /Scan|DeleteTable|PartiQL/.test(action))).toEqual([]);
  });
});

const isS3 = (action: string) => action.startsWith('s3:');

describe('e-mail', () => {
  it.each(['api', 'dispatch', 'run-steps'])(
    '%s sends it as the one address of the parameter, by the one configuration set',
    (name) => {
      const sending = statementsOf(name).filter(({ Action }) =>
        [Action].flat().includes('ses:SendEmail'),
      );
      expect(sending).toHaveLength(1);
      expect(sending[0]).toMatchObject({
        Condition: { StringEquals: { 'ses:FromAddress': { Ref: 'MailFrom' } } },
      });
      const resources = JSON.stringify(sending[0]?.Resource);
      expect(resources).toContain(':identity/*');
      expect(resources).toContain(':configuration-set/CrucibaiAgents-mail');
    },
  );
});

describe('permissions that only some have', () => {
  it.each([
    ['sqs:ReceiveMessage', ['api', 'dispatch']],
    ['sqs:DeleteMessage', ['api', 'dispatch']],
    ['s3:GetObject', ['api', 'dispatch', 'run-steps']],
    ['s3:PutObject', ['api', 'webhook', 'dispatch', 'run-steps', 'publish']],
    ['sqs:SendMessage', ['api', 'webhook', 'dispatch', 'run-steps', 'sweep']],
    ['states:StartExecution', ['dispatch']],
    ['states:StopExecution', ['api']],
    ['dynamodb:DeleteItem', ['api', 'dispatch', 'run-steps', 'sweep', 'seed']],
    ['dynamodb:BatchWriteItem', ['api']],
    ['s3:DeleteObject', ['api']],
    ['ses:SendEmail', ['api', 'dispatch', 'run-steps', 'sweep']],
  ])('%s', (action, holders) => {
    expect(functionNames.filter((name) => actionsOf(name).includes(action))).toEqual(holders);
  });

  it('an index is queried by those who list or sweep, one by one', () => {
    const indexesOf = (name: string) =>
      [...JSON.stringify(statementsOf(name)).matchAll(/\/index\/(\w+|\*)/g)].map(
        ([, index]) => index,
      );
    expect(Object.fromEntries(functionNames.map((name) => [name, indexesOf(name)]))).toEqual({
      api: ['runs_by_agent', 'runs_by_user'],
      webhook: [],
      dispatch: [],
      'run-steps': ['runs_by_user'],
      sweep: ['due', 'runs_by_agent'],
      'mail-events': [],
      publish: [],
      'token-claims': [],
      seed: [],
    });
  });
});
