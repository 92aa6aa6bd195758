import { bedrockCalls, bedrockModel } from '#local/iam/bedrock-calls';
import { bodyText } from '#local/iam/body';
import { dynamodbCalls } from '#local/iam/dynamodb-calls';
import { eventsCalls } from '#local/iam/events-calls';
import { kmsCalls } from '#local/iam/kms-calls';
import { locateS3, s3Calls } from '#local/iam/s3-calls';
import { readSchedulerRequest, schedulerCalls } from '#local/iam/scheduler-calls';
import { readSesRequest, sesAnswer, sesCalls } from '#local/iam/ses-calls';
import { sqsCalls } from '#local/iam/sqs-calls';
import { statesCalls } from '#local/iam/states-calls';
import type { Call, Place, SdkRequest } from '#local/types';

/** What a request is, in words that IAM, bills and logs share. */
export type DescribedRequest = {
  /** Name of the emulator that answers it. */
  readonly service: JsonServiceName | 's3' | 'bedrock';
  /** The API operation, such as `TransactWriteItems`. */
  readonly operation: string;
  /** Everything that must be allowed for it. */
  readonly calls: readonly Call[];
  /** What a JSON emulator is asked instead of the request itself, where that speaks another protocol. */
  readonly translated?: {
    readonly target: string;
    readonly body: string;
    /** What the caller's protocol makes of the answer; without it, that is passed on as it is. */
    readonly answer?: (status: number, json: string) => string;
  };
};

/** The services whose emulators speak JSON. */
export type JsonServiceName =
  | 'dynamodb'
  | 'sqs'
  | 'scheduler'
  | 'kms'
  | 'states'
  | 'ses'
  | 'events';

type JsonService = {
  readonly service: JsonServiceName;
  calls(operation: string, input: Record<string, unknown>, place: Place): Call[];
};

/** The services that speak JSON, by what precedes the operation in `X-Amz-Target`. A further one is a line here. */
const JSON_SERVICES: Record<string, JsonService> = {
  DynamoDB_20120810: { service: 'dynamodb', calls: dynamodbCalls },
  AmazonSQS: { service: 'sqs', calls: sqsCalls },
  TrentService: { service: 'kms', calls: kmsCalls },
  AWSEvents: { service: 'events', calls: eventsCalls },
  AWSStepFunctions: { service: 'states', calls: statesCalls },
};

/**
 * Say what an SDK request does: one call for each permission it needs.
 *
 * @throws Error for a service or operation that has no entry.
 */
export function describeCall(request: SdkRequest, place: Place): DescribedRequest {
  const target = request.headers['x-amz-target'];
  if (target === undefined) {
    return (
      describeScheduler(request, place) ??
      describeSes(request, place) ??
      describeBedrock(request, place) ??
      describeS3(request)
    );
  }
  const dot = target.indexOf('.');
  const operation = target.slice(dot + 1);
  const entry = JSON_SERVICES[target.slice(0, dot)];
  if (!entry) throw new Error(`No emulator answers ${target} (${request.hostname})`);
  const calls = entry.calls(operation, JSON.parse(bodyText(request.body)), place);
  return { service: entry.service, operation, calls };
}

function describeScheduler(request: SdkRequest, place: Place): DescribedRequest | undefined {
  const read = readSchedulerRequest(request);
  return (
    read && {
      service: 'scheduler',
      operation: read.operation,
      calls: schedulerCalls(read, place),
      translated: {
        target: `AWSChronosService.${read.operation}`,
        body: JSON.stringify(read.input),
      },
    }
  );
}

function describeSes(request: SdkRequest, place: Place): DescribedRequest | undefined {
  const read = readSesRequest(request);
  if (read === undefined) return undefined;
  const { operation, input } = read;
  return {
    service: 'ses',
    operation,
    calls: sesCalls(read, place),
    translated: {
      target: `SimpleEmailService.${operation}`,
      body: JSON.stringify(input),
      answer: (status, json) => sesAnswer(operation, status, json),
    },
  };
}

function describeBedrock(request: SdkRequest, place: Place): DescribedRequest | undefined {
  const model = bedrockModel(request);
  if (model === undefined) return undefined;
  return { service: 'bedrock', operation: 'Converse', calls: bedrockCalls(model, place) };
}

function describeS3(request: SdkRequest): DescribedRequest {
  const object = locateS3(request);
  if (!object) throw new Error(`No emulator answers ${request.method} ${request.hostname}`);
  const calls = s3Calls(request, object);
  return { service: 's3', operation: calls[0]?.action.slice('s3:'.length) ?? '', calls };
}
