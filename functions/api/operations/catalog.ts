import * as z from 'zod';
import type { ActionCatalog } from '#core/action';
import { defineOperation, type Operation } from '#functions/api/operation';
import packageJson from '../../../package.json' with { type: 'json' };

/** What can be asked without an agent: the product's health and its action types. */
export function catalogOperations({ catalog }: { readonly catalog: ActionCatalog }): Operation[] {
  return [
    defineOperation({
      method: 'GET',
      path: '/api/health',
      isPublic: true,
      summary: 'Whether the API answers',
      query: z.strictObject({}),
      handle: async () => ({ status: 200, body: { status: 'ok', version: packageJson.version } }),
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents/catalog',
      summary: 'List the action types with their schemas',
      query: z.strictObject({}),
      handle: async () => ({
        status: 200,
        body: {
          actions: catalog.actions.map((action) => ({
            type: action.type,
            title: action.title,
            description: action.description,
            credits: action.credits,
            idempotency: action.idempotency,
            config_schema: z.toJSONSchema(action.config, { io: 'input' }),
            output_schema: z.toJSONSchema(action.output, { io: 'input' }),
          })),
        },
      }),
    }),
  ];
}
