import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { ANSWER_IN_TIME, bearerChallenge, problems } from '#adapters/http-answer';
import { logger } from '#adapters/logger';
import { type Authenticate, tokenVerifier } from '#adapters/tokens';
import { notFound } from '#core/errors';
import { apiDeps } from '#functions/api/deps';
import { ApiEnv } from '#functions/api/env';
import { limitCalls } from '#functions/api/limit-calls';
import { allOperations } from '#functions/api/operations';
import { takeKeys } from '#functions/api/take-keys';

const env = ApiEnv.parse(process.env);
const deps = apiDeps(env);
const verify = tokenVerifier({
  oidcIssuer: env.OIDC_ISSUER,
  oidcAudience: env.OIDC_AUDIENCE,
  oidcJwks: env.OIDC_JWKS,
  cognitoUserPoolId: env.COGNITO_USER_POOL_ID,
  cognitoClientId: env.COGNITO_CLIENT_ID,
});
const identify: Authenticate = async (authorization) => {
  const caller = await verify(authorization);
  await deps.profiles.remember(caller);
  return caller;
};
const authenticate = limitCalls(takeKeys(identify, deps), deps);
const route = httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
  routes: allOperations(deps).flatMap(({ method, path, answer }) =>
    // Whatever can be read can be asked for without its body, as monitors do.
    (method === 'GET' ? (['GET', 'HEAD'] as const) : [method]).map((taken) => ({
      method: taken,
      path,
      handler: (event: APIGatewayProxyEventV2, context: Context) =>
        answer(event, authenticate, () => context.getRemainingTimeInMillis()),
    })),
  ),
  notFoundResponse: () => {
    throw notFound('route');
  },
});

/** Everything under /api but the webhook door, and the readable documents. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(
  ANSWER_IN_TIME,
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(problems(bearerChallenge))
  .handler(route);
