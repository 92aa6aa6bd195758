import { DeliveryAccepted } from '#core/api/run';
import { type Components, errorAnswers, type Json } from '#functions/api/openapi/components';
import type { DocumentedOperation } from '#functions/api/openapi/document-types';
import type { OperationExample } from '#functions/api/openapi/example';
import { headersOf, pathParametersOf } from '#functions/api/openapi/parameters';

/** The ways in which a webhook's caller may prove itself; the agent says which one counts. */
export const signatureSchemes = {
  webhook_secret: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Webhook-Secret',
    description: 'auth: secret.',
  },
  webhook_secret_in_query: {
    type: 'apiKey',
    in: 'query',
    name: 'secret',
    description: 'auth: secret, for callers that cannot send headers. Addresses end up in logs.',
  },
  standard_webhooks: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'auth: standard-webhooks, together with webhook-id and webhook-timestamp.',
  },
  github: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Hub-Signature-256',
    description: 'auth: github.',
  },
  stripe: { type: 'apiKey', in: 'header', name: 'Stripe-Signature', description: 'auth: stripe.' },
  slack: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Slack-Signature',
    description: 'auth: slack, together with X-Slack-Request-Timestamp.',
  },
} as const;

const HEADERS = {
  'Idempotency-Key':
    'Makes a repeated delivery the same run, for as long as settings.dedupe_window_seconds says; with another body it is refused. Event ids of Standard Webhooks, GitHub, Stripe and Slack do so by themselves.',
};

const CODES = [
  'invalid_request',
  'unauthorized',
  'insufficient_credits',
  'forbidden',
  'not_found',
  'conflict',
  'payload_too_large',
  'rate_limited',
  'quota_exceeded',
  'unavailable',
  'internal',
] as const;

/** The one operation that another function answers. */
export function webhookOperation(
  components: Components,
  example: OperationExample,
): { readonly path: string; readonly operation: DocumentedOperation } {
  const path = '/api/agents/webhook/{agent_id}';
  const schema = components.schemaOf(DeliveryAccepted, 'output');
  const text: Json = { type: 'string' };
  return {
    path,
    operation: {
      operationId: 'deliverWebhook',
      tags: ['Webhooks'],
      summary: 'Start an agent from outside',
      description:
        'Answered with 202 once the run is stored: it will end. JSON, forms and text become trigger.body; anything else becomes base64 with its content type. Signatures are checked over the exact bytes, with five minutes of tolerance for the clock.',
      security: [...Object.keys(signatureSchemes).map((name) => ({ [name]: [] })), {}],
      parameters: [...pathParametersOf(path, example), ...headersOf(HEADERS, example)],
      requestBody: {
        required: false,
        content: {
          'application/json': { schema: {}, example: example.body },
          'application/x-www-form-urlencoded': { schema: { type: 'object' } },
          'text/plain': { schema: text },
          'application/octet-stream': { schema: text },
        },
      },
      responses: {
        200: {
          description: "The answer to Slack's url_verification, which starts nothing.",
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { challenge: { type: 'string' } },
                required: ['challenge'],
              },
              example: { challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' },
            },
          },
        },
        202: {
          description: 'The run is stored.',
          content: { 'application/json': { schema, example: example.answers[202] } },
        },
        ...errorAnswers(CODES, components),
      },
    },
  };
}
