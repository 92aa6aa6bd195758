/** A refusal in SQS's words. */
export class SqsError extends Error {
  override readonly name = 'SqsError';
  /** The error's shape, such as `QueueDoesNotExist`. */
  readonly code: string;
  /** The older name that the SDK's clients report, from `x-amzn-query-error`. */
  readonly queryCode: string;

  constructor(code: string, message: string, queryCode = code) {
    super(message);
    this.code = code;
    this.queryCode = queryCode;
  }
}

/** The queue is not there. */
export function noQueue(): SqsError {
  return new SqsError(
    'QueueDoesNotExist',
    'The specified queue does not exist.',
    'AWS.SimpleQueueService.NonExistentQueue',
  );
}

/** A parameter has an impossible value. */
export function invalid(parameter: string, reason: string): SqsError {
  return new SqsError(
    'InvalidParameterValue',
    `Value for parameter ${parameter} is invalid. Reason: ${reason}.`,
  );
}

/** What a refused call was told. @throws anything else. */
export function refusalOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof SqsError)) throw error;
  return { code: error.code, message: error.message };
}
