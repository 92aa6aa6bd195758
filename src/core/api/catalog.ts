import * as z from 'zod';

/** Whether the product works. */
export const HealthView = z.strictObject({
  status: z.literal('ok'),
  version: z.string(),
  checks: z
    .record(z.string(), z.literal('ok'))
    .optional()
    .describe('What was tried, if a deep check was asked for.'),
  dispatch: z
    .enum(['running', 'paused'])
    .optional()
    .describe('Whether runs are started, if a deep check was asked for.'),
});

/** Every type of step, with what it takes and gives as JSON Schemas. */
export const CatalogView = z.strictObject({
  actions: z.array(
    z.strictObject({
      type: z.string(),
      kind: z
        .enum(['action', 'control'])
        .describe('Whether a step of this type acts, or decides what runs and when.'),
      title: z.string(),
      description: z.string(),
      credits: z.number().describe('What a step of this type costs.'),
      idempotency: z.string().describe('What a repeated call does.'),
      config_schema: z.record(z.string(), z.unknown()),
      output_schema: z.record(z.string(), z.unknown()),
    }),
  ),
  agents: z
    .array(
      z.strictObject({
        name: z.string().describe('What agent_name takes.'),
        title: z.string(),
        description: z.string(),
        credits: z.number().describe('What one call costs.'),
        idempotency: z.string().describe('What a repeated call does.'),
        input_schema: z.record(z.string(), z.unknown()),
        main_field: z.string().describe('The field that an input means which is not an object.'),
        output_schema: z.record(z.string(), z.unknown()),
        example: z.record(z.string(), z.unknown()).describe('A prompt, an input, or both.'),
      }),
    )
    .describe('The built-in agents that run_agent and POST /api/agents/run/{agent_name} call.'),
  condition_schema: z
    .record(z.string(), z.unknown())
    .describe('What `when` takes, in any step and in a branch.'),
});
