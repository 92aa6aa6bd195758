import { threadId } from 'node:worker_threads';
import { chance, type Faults, isOn } from '#local/faults/faults';
import { createPoints } from '#local/faults/points';
import { bodyText } from '#local/iam/body';
import type { SdkRequest, SdkRequestHandler, SdkResponse } from '#local/types';

const DYNAMODB = 'DynamoDB_20120810.';
const SQS = 'AmazonSQS.';
const LATEST_SECONDS = 3;

/** What becomes of a failing call: not done; or done, and nobody learns so. */
const FAILURES = ['refused', 'answer lost'] as const;

/** A function's AWS calls, with faults. */
export function withFaults(
  handler: SdkRequestHandler,
  faults: Faults,
  functionName: string,
): SdkRequestHandler {
  const random = chance(faults.seed, `${functionName} ${threadId}`);
  const pass = createPoints(faults, functionName);
  const happens = (share: number | undefined) =>
    share !== undefined && random() < share && isOn(faults);

  async function send(
    request: SdkRequest,
    operation: string,
    options: Parameters<SdkRequestHandler['handle']>[1],
  ): Promise<{ response: SdkResponse }> {
    if (happens(faults.workerCrashes)) process.exit(1);
    pass(operation, 'before');
    if (operation === `${DYNAMODB}TransactWriteItems` && happens(faults.conflicts)) {
      return { response: conflict(request) };
    }
    if (isConcerned(operation) && happens(faults.silent))
      return neverAnswered(options?.abortSignal);
    const failure = isFailing(operation) ? FAILURES[Math.floor(random() * 2)] : undefined;
    if (failure === 'refused') return { response: unavailable(operation) };
    const answer = await handler.handle(request, options);
    if (operation === `${SQS}SendMessage`) await sendCopies(request);
    pass(operation, 'after');
    if (failure === 'answer lost') {
      throw Object.assign(new Error('The answer was lost on purpose'), { name: 'TimeoutError' });
    }
    return answer;
  }

  function isFailing(operation: string): boolean {
    return isConcerned(operation) && happens(faults.failing);
  }

  async function sendCopies(request: SdkRequest): Promise<void> {
    const copies = faults.copies !== undefined && isOn(faults) ? faults.copies : 1;
    for (let copy = 1; copy < copies; copy += 1) {
      const message = JSON.parse(bodyText(request.body));
      const DelaySeconds = Math.floor(random() * (LATEST_SECONDS + 1));
      const body = JSON.stringify({ ...message, DelaySeconds });
      await handler.handle({ ...request, body });
    }
  }

  return {
    ...handler,
    handle: (request, options) => send(request, operationOf(request), options),
  };
}

function isConcerned(operation: string): boolean {
  return operation.startsWith(DYNAMODB) || operation.startsWith(SQS);
}

/** Until whoever asked gives up. */
function neverAnswered(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    });
  });
}

/** Such as `DynamoDB_20120810.PutItem`; for services that do not speak JSON, `s3 PUT`. */
function operationOf({ headers, hostname, method }: SdkRequest): string {
  const service = hostname.split('.').find((part) => /^(s3|email|scheduler)/.test(part));
  return headers['x-amz-target'] ?? `${service ?? hostname} ${method}`;
}

function unavailable(operation: string): SdkResponse {
  const __type = operation.startsWith(SQS)
    ? 'com.amazonaws.sqs#ServiceUnavailable'
    : 'com.amazonaws.dynamodb.v20120810#InternalServerError';
  return json(operation.startsWith(SQS) ? 503 : 500, { __type, message: 'Failed on purpose' });
}

/** What DynamoDB answers when another transaction holds one of the items. */
function conflict(request: SdkRequest): SdkResponse {
  const { TransactItems = [] } = JSON.parse(bodyText(request.body));
  const CancellationReasons = TransactItems.map((_: unknown, index: number) =>
    index === 0
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' },
  );
  const codes = CancellationReasons.map(({ Code }: { Code: string }) => Code).join(', ');
  return json(400, {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons,
  });
}

function json(statusCode: number, body: object): SdkResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
