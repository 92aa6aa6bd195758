import { describe, expect, it } from 'vitest';
import type { Resource } from '#local/types';
import { deployed, smallStack } from './small-stack.ts';

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/Small-Work';

function resolved(value: unknown, parameters: Record<string, string> = {}): unknown {
  const template = {
    Parameters: {
      Url: { Type: 'String', Default: '' },
      Days: { Type: 'Number', Default: 7 },
    },
    Conditions: {
      NoUrl: { 'Fn::Equals': [{ Ref: 'Url' }, ''] },
      HasUrl: { 'Fn::Not': [{ Condition: 'NoUrl' }] },
      Both: { 'Fn::And': [{ Condition: 'NoUrl' }, { Condition: 'HasUrl' }] },
      Either: { 'Fn::Or': [{ Condition: 'NoUrl' }, { Condition: 'HasUrl' }] },
    },
    Mappings: { Sizes: { small: { Memory: 256 } } },
    Resources: smallStack(),
  };
  return deployed(template, { parameters }).resolve(value);
}

describe('resolve', () => {
  it.each([
    ['a queue is its URL', { Ref: 'Work' }, QUEUE_URL],
    ['a bucket name is lower case', { Ref: 'Files' }, 'small-files'],
    ['a table is its name', { Ref: 'Things' }, 'Small-Things'],
    ['a parameter', { Ref: 'Days' }, '7'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['an ARN', { 'Fn::GetAtt': ['Dead', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:Small-Dead'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Work.QueueName' }, 'Small-Work'],
    [
      'Join',
      { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Things', 'Arn'] }, '/index/*']] },
      'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Things/index/*',
    ],
    [
      'Sub',
      { 'Fn::Sub': `\${AWS::Region}/\${Work.Arn}/\${!x}` },
      `us-east-1/arn:aws:sqs:us-east-1:000000000000:Small-Work/\${x}`,
    ],
    ['Sub with variables', { 'Fn::Sub': [`\${a}`, { a: { Ref: 'Days' } }] }, '7'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] }, 'b'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'Memory'] }, 256],
    ['If', { 'Fn::If': ['NoUrl', 'none', 'some'] }, 'none'],
    ['And', { 'Fn::If': ['Both', 1, 2] }, 2],
    ['Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['no value', { kept: 1, dropped: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
    [
      'a policy with one condition',
      { Condition: { Bool: { x: 'true' } } },
      { Condition: { Bool: { x: 'true' } } },
    ],
  ])('understands %s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  it('takes given parameters over defaults', () => {
    expect(resolved({ 'Fn::If': ['HasUrl', { Ref: 'Url' }, ''] }, { Url: 'https://x' })).toBe(
      'https://x',
    );
  });

  it.each([
    ['an unknown function', { 'Fn::Cidr': [] }, 'Fn::Cidr is not understood'],
    ['a missing resource', { Ref: 'Nothing' }, 'no resource Nothing'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Work', 'Colour'] }, 'attribute Colour'],
  ])('names %s', (_, value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });

  it('refuses a parameter that the template does not have', () => {
    expect(() => resolved('x', { Typo: '1' })).toThrow('no parameter Typo');
  });
});

describe('resourcesOf', () => {
  it('leaves out what its condition forbids', () => {
    const queue = (condition: string): Resource => ({
      Type: 'AWS::SQS::Queue',
      Condition: condition,
    });
    const deployment = deployed({
      Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { Here: queue('Yes'), NotHere: queue('No') },
    });

    expect(deployment.resourcesOf('AWS::SQS::Queue').map(([id]) => id)).toEqual(['Here']);
  });
});

describe('names', () => {
  it('are those of the template or of the caller, when given', () => {
    const Resources: Record<string, Resource> = {
      Named: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'from-template' } },
      Overridden: { Type: 'AWS::Lambda::Function' },
    };
    const deployment = deployed({ Resources }, { physicalIds: { Overridden: 'from-caller' } });

    expect(deployment.attribute('Named', 'QueueName')).toBe('from-template');
    expect(deployment.physical('Overridden')).toBe('from-caller');
  });
});

it('names keys, aliases, groups of schedules and the schedules in them', () => {
  const { physical, attribute } = deployed({
    Resources: {
      Secrets: { Type: 'AWS::KMS::Key' },
      Name: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/secrets' } },
      Group: { Type: 'AWS::Scheduler::ScheduleGroup' },
      Daily: { Type: 'AWS::Scheduler::Schedule', Properties: { GroupName: { Ref: 'Group' } } },
      Plain: { Type: 'AWS::Scheduler::Schedule', Properties: { Name: 'plain' } },
    },
  });
  const arns = ['Secrets', 'Group', 'Daily', 'Plain'].map((id) => attribute(id, 'Arn'));

  expect([physical('Secrets'), physical('Name'), physical('Group')]).toEqual([
    'Small-Secrets',
    'alias/secrets',
    'Small-Group',
  ]);
  expect(attribute('Secrets', 'KeyId')).toBe('Small-Secrets');
  expect(arns).toEqual([
    'arn:aws:kms:us-east-1:000000000000:key/Small-Secrets',
    'arn:aws:scheduler:us-east-1:000000000000:schedule-group/Small-Group',
    'arn:aws:scheduler:us-east-1:000000000000:schedule/Small-Group/Small-Daily',
    'arn:aws:scheduler:us-east-1:000000000000:schedule/default/plain',
  ]);
});
