import { afterEach, describe, expect, it, vi } from 'vitest';
import { aiModels } from '#adapters/ai-models';
import { logger } from '#adapters/logger';
import { failureOf } from '#test/helpers/egress-send';

const CARRIER = Symbol.for('crucibai.aws-request-handler');
const MODEL = 'amazon.nova-micro-v1:0';
const PROFILE = `eu.${MODEL}`;
const noHttp = { send: () => expect.unreachable() };

type Answer = {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
};

/** What Amazon Bedrock gets from now on, by the AI SDK; it answers by turns. */
function carry(...answers: readonly Answer[]) {
  const asked: { path: string; json: Record<string, unknown> }[] = [];
  const handle = async ({ path, body }: { path: string; body: Uint8Array }) => {
    asked.push({ path, json: JSON.parse(Buffer.from(body).toString()) });
    const given = answers[asked.length - 1] ?? expect.unreachable();
    const { status = 200, type, body: answer } = given;
    const headers = {
      'content-type': 'application/json',
      ...(type && { 'x-amzn-errortype': type }),
      ...given.headers,
    };
    return { response: { statusCode: status, headers, body: Buffer.from(JSON.stringify(answer)) } };
  };
  Object.assign(globalThis, { [CARRIER]: { handle } });
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  logger.setLogLevel('SILENT');
  return asked;
}

afterEach(() => {
  delete (globalThis as { [CARRIER]?: unknown })[CARRIER];
  vi.unstubAllEnvs();
});

function ask(bedrockId = MODEL) {
  const { own } = aiModels({ bedrockId, bedrockProfile: PROFILE, url: '', name: '' }, noHttp);
  const signal = AbortSignal.timeout(60_000);
  const question = { system: 'Be brief.', prompt: 'Hello?', maxOutputTokens: 100, signal };
  return own?.ask(question) ?? expect.unreachable();
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const converse = (text: string, stopReason = 'end_turn') => ({
  body: {
    metrics: { latencyMs: 12 },
    output: { message: { role: 'assistant', content: [{ text }] } },
    stopReason,
    usage: { inputTokens: 11, outputTokens: 3, totalTokens: 14 },
  },
});

describe("the deployment's model of Amazon Bedrock", () => {
  it('is asked through its profile, and says what it used', async () => {
    const asked = carry(converse('Good day.'));

    expect(await ask()).toEqual({
      text: 'Good day.',
      isCut: false,
      inputTokens: 11,
      outputTokens: 3,
    });
    expect(asked).toMatchObject([
      {
        path: `/model/${encodeURIComponent(PROFILE)}/converse`,
        json: {
          system: [{ text: 'Be brief.' }],
          messages: [{ role: 'user', content: [{ text: 'Hello?' }] }],
          inferenceConfig: { maxTokens: 100, temperature: 0 },
        },
      },
    ]);
  });

  it('says when an answer was cut off', async () => {
    carry(converse('Good', 'max_tokens'));
    expect(await ask()).toMatchObject({ text: 'Good', isCut: true });
  });

  it('is asked without what it does not take', async () => {
    const message =
      'The model returned the following errors: `temperature` is deprecated for this model.';
    const asked = carry(
      { status: 400, type: 'ValidationException', body: { message } },
      converse('Good day.'),
    );

    expect(await ask('example.new-model-v9:0')).toMatchObject({ text: 'Good day.' });
    expect(asked[1]?.json['inferenceConfig']).toEqual({ maxTokens: 100 });
  });

  it.each([
    [
      403,
      'AccessDeniedException',
      'User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: bedrock:InvokeModel on resource: z',
      'deploy it with the ModelId and the ModelProfile',
    ],
    [
      403,
      'AccessDeniedException',
      'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model.',
      'An administrator who may aws-marketplace:Subscribe must ask the model once',
    ],
    [
      404,
      'ResourceNotFoundException',
      'Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model.',
      'fill in the use case form',
    ],
    [
      400,
      'ValidationException',
      'Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.',
      'must set ModelProfile',
    ],
    [403, 'AccessDeniedException', 'No.', 'the log has what AWS said'],
    [404, 'ResourceNotFoundException', 'No.', 'check ModelId and ModelProfile'],
    [400, 'ServiceQuotaExceededException', 'No.', 'ask AWS for a higher one'],
  ])('that answers %i %s (%s) says what to change', async (status, type, message, told) => {
    carry({ status, type, body: { message } });

    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ name: 'ActionRejectedError' });
    expect(failure.message).toContain(`Amazon Bedrock answered ${status} (${type}). `);
    expect(failure.message).toContain(told);
    expect(failure.message).not.toContain('arn:');
  });

  it.each([
    [429, 'ThrottlingException'],
    [408, 'ModelTimeoutException'],
    [425, 'TooEarlyException'],
    [503, 'ServiceUnavailableException'],
    [500, 'InternalServerException'],
    [429, 'ModelNotReadyException'],
  ])('that answers %i %s is asked again later', async (status, type) => {
    carry({ status, type, body: { message: 'Not now.' } });
    expect(await failureOf(ask())).toMatchObject({ name: 'ActionUnavailableError' });
  });

  it.each([
    ['7', 7],
    ['Sun, 22 Nov 2026 09:01:30 GMT', 90],
  ])('is asked again no sooner than its Retry-After %s says', async (asked, seconds) => {
    const headers = { 'retry-after': asked, date: 'Sun, 22 Nov 2026 09:00:00 GMT' };
    carry({ status: 503, headers, body: { message: 'Not now.' } });
    expect(await failureOf(ask())).toMatchObject({ retryAfterSeconds: seconds });
  });
});
