import { ActionRejectedError, ActionUnavailableError, AppError } from '#core/errors';
import { isPassing, statusError } from '#core/provider-answer';

/** What the SDK tells about an answer that was none. */
export type CallFailure = {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
};

/** Longest denial that is logged, in characters. */
const MOST_DENIAL = 1_000;

/** Providers' own words for what no later try mends, and what to do about it. */
const WORDS: Readonly<Record<string, string>> = {
  insufficient_quota: 'The account there has no credit left: see to its billing.',
  billing_hard_limit_reached: 'The account there has reached its spending limit: raise it there.',
  context_length_exceeded: 'The text is too long for the model: give it less.',
  content_filter: "The provider's filter refused the text.",
  content_policy_violation: "The provider's filter refused the text.",
  invalid_api_key: 'The key is not valid: give the connection another secret.',
  model_not_found: 'There is no such model: check its name, and that the key may use it.',
  AccessDeniedException:
    'Whoever runs this deployment must see whether the account and the functions may use this model; the log has what AWS said.',
  ResourceNotFoundException:
    'There is no such model in this region, or not any more. Whoever runs this deployment must check ModelId and ModelProfile.',
  ServiceQuotaExceededException: 'The quota of the account is used up: ask AWS for a higher one.',
};

/**
 * What AWS says in sentences under words that mean several things, and what to do about it.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
 */
const AWS_SENTENCES: readonly (readonly [said: RegExp, advice: string])[] = [
  [
    /aws-marketplace|marketplace subscription|payment instrument/i,
    'The account is not subscribed to this model yet, which the functions may not do. An administrator who may aws-marketplace:Subscribe must ask the model once in the Amazon Bedrock console, with a valid way to pay; it works a quarter of an hour later.',
  ],
  [
    /use case details/i,
    'The provider wants to know what its models are for: whoever runs this deployment must fill in the use case form in the Amazon Bedrock console, once for the account. It works a quarter of an hour later.',
  ],
  [
    /not authorized to perform: bedrock/i,
    'The functions may not ask it: whoever runs this deployment must deploy it with the ModelId and the ModelProfile that are asked, and see whether a policy of the organisation forbids it. The log has what AWS said.',
  ],
  [
    /on-demand throughput/i,
    'This model is asked through an inference profile only: whoever runs this deployment must set ModelProfile.',
  ],
];

/** Says in our words why a model did not answer. Names the host and never the texts. */
export function modelFailure(error: unknown, host: string, model: string): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AppError) return cause;
  }
  const failure = error as CallFailure;
  const { statusCode } = failure;
  if (statusCode === undefined || (statusCode >= 200 && statusCode < 300)) {
    return new ActionUnavailableError(
      `${host} answered, but not as a model does: what came for ${model} could not be read.`,
    );
  }
  const word = wordOf(failure);
  const told = `${host} answered ${statusCode}${word && ` (${word})`}`;
  const advice = sentenceAdvice(failure) ?? WORDS[word];
  if (advice !== undefined) return new ActionRejectedError(`${told}. ${advice}`);
  if (isPassing(statusCode)) {
    const answer = { status: statusCode, headers: failure.responseHeaders ?? {} };
    return statusError(answer, `${told}: the model is busy.`, undefined);
  }
  return new ActionRejectedError(`${told}. ${adviceFor(statusCode, model)}`);
}

/** What AWS says when a model may not be asked, for operators: it names the role and the model. */
export function denialIn(error: unknown): string | undefined {
  const { statusCode, responseBody = '' } = error as CallFailure;
  const isDenial = statusCode === 403 || statusCode === 404;
  return isDenial ? responseBody.slice(0, MOST_DENIAL) : undefined;
}

function sentenceAdvice({ responseHeaders = {}, responseBody = '' }: CallFailure) {
  if (responseHeaders['x-amzn-errortype'] === undefined) return undefined;
  return AWS_SENTENCES.find(([said]) => said.test(responseBody))?.[1];
}

/** The provider kept back what the model had answered. */
export function filtered(host: string, model: string): ActionRejectedError {
  return new ActionRejectedError(
    `${host} kept back what ${model} answered: its filter refused it. Change the prompt or the text.`,
  );
}

/** The provider's own word for what went wrong: of OpenAI's protocol, or of AWS's. */
function wordOf({ responseHeaders = {}, responseBody = '' }: CallFailure): string {
  const type = responseHeaders['x-amzn-errortype']?.split(':', 1)[0];
  const word = type ?? codeIn(responseBody);
  return typeof word === 'string' && /^[\w.-]{1,60}$/.test(word) ? word : '';
}

function codeIn(body: string): unknown {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; type?: unknown } };
    return error?.code ?? error?.type;
  } catch {
    return undefined;
  }
}

function adviceFor(status: number, model: string): string {
  switch (status) {
    case 401:
    case 403:
      return `It does not let us ask ${model}: check the connection's key, or the deployment's permission.`;
    case 404:
      return `It has no model "${model}": check the name and the base URL.`;
    case 413:
      return 'The text is too long for the model: give it less.';
    default:
      return 'It refused the request: the text may be too long, or the model is not there.';
  }
}
