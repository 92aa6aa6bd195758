import * as z from 'zod';
import type { ModelSession } from '#core/models/model-session';

/** How an answer came about. */
export const Engine = z
  .enum(['model', 'extractive'])
  .describe(
    'Whether a language model made this, or a fixed method that takes from the text itself.',
  );

/** What an answer of a model says about it; null without one. */
export const ModelUse = {
  model: z.string().nullable().describe('Which model answered.'),
  tokens: z
    .strictObject({ input: z.int(), output: z.int() })
    .nullable()
    .describe('What the model read and wrote.'),
};

/** What an answer says that a model made. */
export function withModel(model: ModelSession) {
  return { engine: 'model', model: model.name, tokens: { ...model.used() } } as const;
}

/** What an answer says that no model made. */
export const withoutModel = { engine: 'extractive', model: null, tokens: null } as const;
