import { isObject } from '#dashboard/app/forms/json-text.ts';
import type { Definitions, FieldSchema } from '#dashboard/app/forms/schema.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import type { BuiltInAgent, CatalogEntry } from '#dashboard/app/pages/editor/editor-context.ts';

type Schema = FieldSchema & { readonly $defs?: Definitions };

/** What a step's form asks for. */
export type StepSchema = {
  readonly schema: Schema;
  readonly definitions: Definitions;
  readonly config: Step['config'];
  readonly description: string;
};

/**
 * What a step's form asks for, from its action's schema. A step that runs a built-in agent is asked for what
 * that very agent takes.
 */
export function stepSchema(
  entry: CatalogEntry,
  step: Step,
  agents: readonly BuiltInAgent[],
): StepSchema {
  const schema = entry.config_schema as Schema;
  const definitions = schema.$defs ?? {};
  const { config } = step;
  const plain = { schema, definitions, config, description: entry.description };
  const agent = agents.find(({ name }) => name === config['agent_name']);
  if (step.type !== 'run_agent' || !agent || isWholePlaceholder(config['input'])) return plain;

  const { $defs = {}, ...input } = own(agent.input_schema as Schema);
  const { input: _, agent_name, prompt, ...rest } = schema.properties ?? {};
  const before = { ...(agent_name && { agent_name }), ...(prompt && { prompt }) };
  return {
    schema: { ...schema, properties: { ...before, input: { ...input, title: 'Input' }, ...rest } },
    definitions: { ...definitions, ...$defs },
    config: { ...config, input: asObject(config['input'], agent.main_field) },
    description: agent.description,
  };
}

/** A changed config, without the input of another agent than the one that is chosen now. */
export function withFittingInput(
  before: Step['config'],
  after: Readonly<Record<string, unknown>>,
): Step['config'] {
  const { input: _, ...rest } = after;
  return before['agent_name'] === after['agent_name'] ? after : rest;
}

/** The schema with its named parts renamed, so that they do not meet those of another schema. */
function own(schema: Schema): Schema {
  const { $defs = {}, ...rest } = JSON.parse(
    JSON.stringify(schema).replaceAll('"#/$defs/', '"#/$defs/input_'),
  ) as Schema;
  const renamed = Object.entries($defs).map(([name, inner]) => [`input_${name}`, inner]);
  return { ...rest, $defs: Object.fromEntries(renamed) };
}

/** What is not an object means the agent's main field. */
function asObject(input: unknown, mainField: string): unknown {
  if (input === undefined) return undefined;
  return isObject(input) ? input : { [mainField]: input };
}

/** Such an input may become anything when it is resolved. */
function isWholePlaceholder(input: unknown): boolean {
  return typeof input === 'string' && /^\s*\{\{[^{}]*\}\}\s*$/.test(input);
}
