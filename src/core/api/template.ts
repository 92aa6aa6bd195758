import * as z from 'zod';
import { type AgentTemplate, fromTemplate, templateCategories } from '#core/agents/agent-template';

/** A template as the gallery shows it. */
export const TemplateSummary = z
  .strictObject({
    slug: z.string().describe('Names the template.'),
    name: z.string(),
    summary: z.string().describe('One line.'),
    category: z.enum(templateCategories),
    trigger_type: z.enum(['schedule', 'webhook', 'manual']).describe('What starts its agents.'),
    action_types: z.array(z.string()).describe('Types of its steps, nested ones included.'),
  })
  .meta({ id: 'TemplateSummary' });
export type TemplateSummary = z.infer<typeof TemplateSummary>;

/** A template, whole. */
export const TemplateView = z
  .strictObject({
    ...TemplateSummary.shape,
    description: z.string().describe('What it does, and what must be at hand.'),
    parameters_schema: z
      .record(z.string(), z.unknown())
      .describe('JSON Schema of its parameters, for a form.'),
    example: z.record(z.string(), z.unknown()).describe('Parameters as they may be given.'),
    example_trigger: z
      .unknown()
      .describe('What a webhook agent made from it expects as body; null for others.'),
    agent: z
      .record(z.string(), z.unknown())
      .describe('The agent that the example leads to, for a preview.'),
  })
  .meta({ id: 'Template' });
export type TemplateView = z.infer<typeof TemplateView>;

/** Every template. */
export const TemplateList = z.strictObject({
  items: z.array(TemplateSummary),
  next_cursor: z.null().describe('All templates are on one page.'),
});

/** Body of `POST /api/agents/from-template`. */
export const FromTemplate = z.strictObject({
  template_slug: z.string().min(1).max(60).describe('Which template.'),
  overrides: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      "The template's parameters, and any field of the agent itself that shall differ: name, description, enabled, trigger_config, actions, settings.",
    ),
});

/** A template for the gallery. */
export function summarize(template: AgentTemplate): TemplateSummary {
  const { slug, name, summary, category } = template;
  const { trigger_config, actions } = fromTemplate(template, template.sample.parameters);
  return {
    slug,
    name,
    summary,
    category,
    trigger_type: trigger_config.type,
    action_types: [...new Set(typesOf(actions))],
  };
}

/** A template, whole. */
export function presentTemplate(template: AgentTemplate): TemplateView {
  const { description, parameters, sample } = template;
  const agent = fromTemplate(template, sample.parameters);
  return {
    ...summarize(template),
    description,
    parameters_schema: z.toJSONSchema(parameters, { io: 'input' }) as Record<string, unknown>,
    example: sample.parameters,
    example_trigger: sample.trigger ?? null,
    agent,
  };
}

type Nested = { readonly type?: unknown; readonly config?: unknown };

/** Types of steps, nested ones included. */
function typesOf(steps: readonly Nested[]): string[] {
  return steps.flatMap(({ type, config }) => {
    const { actions, branches, otherwise } = (config ?? {}) as {
      actions?: Nested[];
      branches?: { actions?: Nested[] }[];
      otherwise?: Nested[];
    };
    const inner = [
      ...(Array.isArray(actions) ? actions : []),
      ...(Array.isArray(branches) ? branches.flatMap((branch) => branch.actions ?? []) : []),
      ...(Array.isArray(otherwise) ? otherwise : []),
    ];
    return [String(type), ...typesOf(inner)];
  });
}
