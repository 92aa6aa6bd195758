import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDefinition } from '#local/lambda/protocol';
import { temporaryDirectory } from '#test/helpers/directories';

const NOWHERE = 'http://127.0.0.1:9';

/** Writes a bundle to a new directory and describes it as a function. */
export function functionOf(
  source: string,
  changes: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  const directory = temporaryDirectory();
  const modulePath = join(directory, 'index.mjs');
  writeFileSync(modulePath, source);
  const functionName = 'sample';
  return {
    functionName,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryMb: 128,
    timeoutMs: 3_000,
    modulePath,
    exportName: 'handler',
    environment: { AWS_REGION: 'us-east-1', AWS_LAMBDA_MAX_CONCURRENCY: '64', GREETING: 'hello' },
    logGroupName: '/aws/lambda/sample',
    logFile: join(directory, 'sample.log'),
    links: { endpoint: NOWHERE, accessKeyId: functionName, secretAccessKey: 'secret' },
    aws: {
      functionName,
      roleArn: 'arn:aws:iam::000000000000:role/sample',
      statements: [],
      endpoints: {
        dynamodb: NOWHERE,
        sqs: NOWHERE,
        s3: NOWHERE,
        scheduler: NOWHERE,
        kms: NOWHERE,
        states: NOWHERE,
        ses: NOWHERE,
        events: NOWHERE,
      },
    },
    recordCalls: false,
    ...changes,
  };
}

/** What a function wrote to its log. */
export function logOf(definition: FunctionDefinition): string {
  return readFileSync(definition.logFile, 'utf8');
}
