import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';

/** Writes what `cdk synth` would: a template, and each function's bundle as an asset. @returns the directory. */
export function writeAssembly(
  resources: Record<string, Resource>,
  bundles: Record<string, string>,
): string {
  const cdkOut = temporaryDirectory();
  const template = {
    Parameters: { PublicUrl: { Type: 'String', Default: '' } },
    Resources: resources,
  };
  const files: Record<string, object> = {};
  for (const [name, source] of Object.entries(bundles)) {
    mkdirSync(join(cdkOut, `asset.${name}`));
    writeFileSync(join(cdkOut, `asset.${name}`, 'index.mjs'), source);
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets', objectKey: `${name}.zip` } },
    };
  }
  const write = (file: string, value: object) =>
    writeFileSync(join(cdkOut, file), JSON.stringify(value));
  write('Sample.template.json', template);
  write('Sample.assets.json', { files });
  write('manifest.json', {
    artifacts: {
      Sample: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'Sample.template.json' },
      },
    },
  });
  return cdkOut;
}

/** A function with a role of its own that may do what the statements say. */
export function functionResources(
  name: string,
  statements: readonly object[],
  changes: { Properties?: Record<string, unknown>; Metadata?: Record<string, unknown> } = {},
): Record<string, Resource> {
  return {
    [`${name}Role`]: roleFor('lambda.amazonaws.com', statements),
    [name]: {
      Type: 'AWS::Lambda::Function',
      ...(changes.Metadata && { Metadata: changes.Metadata }),
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: 10,
        Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
        ...changes.Properties,
      },
    },
  };
}

/** A role that a service may take on. */
export function roleFor(service: string, statements: readonly object[]): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
      ...(statements.length > 0 && {
        Policies: [{ PolicyName: 'its', PolicyDocument: { Statement: statements } }],
      }),
    },
  };
}

/** A queue's mapping to a function. */
export function mappingResource(queue: string, target: string): Resource {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
      FunctionName: { Ref: target },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    },
  };
}

/** An HTTP API with one route to a function, and the permission for it. */
export function apiResources(routeKey: string, target: string): Record<string, Resource> {
  return {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    ApiIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': [target, 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    ApiRoute: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: routeKey,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'ApiIntegration' }]] },
      },
    },
    ApiPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': [target, 'Arn'] },
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Sub':
            `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/*/*` +
            (routeKey.split(' ')[1] ?? ''),
        },
      },
    },
  };
}
