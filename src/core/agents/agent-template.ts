import * as z from 'zod';
import { CreateAgent } from '#core/agents/agent';
import { invalidRequest } from '#core/errors';
import { problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';

/** What a template is for; the gallery is ordered by these. */
export const templateCategories = [
  'Monitoring',
  'Sales and marketing',
  'Support',
  'Finance',
  'Engineering',
  'Content',
  'Reporting',
] as const;

/** An agent that people start from, with parameters of its own. */
export type AgentTemplate<Parameters extends z.ZodObject = z.ZodObject> = {
  /** Part of its address; never renamed. */
  readonly slug: string;
  readonly name: string;
  /** One line for the gallery. */
  readonly summary: string;
  /** What it does step by step, and what must be at hand. */
  readonly description: string;
  readonly category: (typeof templateCategories)[number];
  /** What whoever uses it fills in. Names must differ from an agent's own fields. */
  readonly parameters: Parameters;
  /** Parameters as somebody might give them, and what its trigger then gets. */
  readonly sample: { readonly parameters: z.input<Parameters>; readonly trigger?: unknown };
  /** The agent with the parameters filled in; its name and description are the template's own. */
  agent(
    parameters: z.output<Parameters>,
  ): Pick<z.input<typeof CreateAgent>, 'trigger_config' | 'actions' | 'settings'>;
};

/** Identity function: it exists so that TypeScript infers the parameters. */
export function defineTemplate<Parameters extends z.ZodObject>(
  template: AgentTemplate<Parameters>,
): AgentTemplate<Parameters> {
  return template;
}

/** An agent's own fields, any of which may replace what the template says. */
const ownFields = CreateAgent.partial();

/**
 * The agent that a template gives.
 *
 * @param overrides the template's parameters, and fields of the agent itself.
 * @throws RequestError `invalid_request` that names every bad field below `overrides`.
 */
export function fromTemplate(
  template: AgentTemplate,
  overrides: Readonly<Record<string, unknown>>,
): CreateAgent {
  const schema = z.strictObject({ ...template.parameters.shape, ...ownFields.shape });
  const entries = Object.entries(check(schema, overrides));
  const isOwn = (name: string) => Object.hasOwn(ownFields.shape, name);
  // A field that was not given has its default here: it must not hide what the template says.
  const own = Object.fromEntries(entries.filter(([name]) => isOwn(name) && name in overrides));
  const parameters = Object.fromEntries(entries.filter(([name]) => !isOwn(name)));
  const { name, description } = template;
  return check(CreateAgent, { name, description, ...template.agent(parameters), ...own });
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (parsed.success) return parsed.data;
  throw invalidRequest(problemsOf(parsed.error.issues, 'overrides'));
}
