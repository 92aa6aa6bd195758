import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { catalog } from '#actions/registry';
import { controlSteps } from '#core/steps/control-steps';
import { ROOT } from '#test/helpers/assembly';

type Schema = {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};

/** `docs/actions.md`, made from the definitions themselves. */
export function actionsDocument(): string {
  const actions = catalog.actions.toSorted((a, b) => a.type.localeCompare(b.type));
  const table = actions.map(({ type, credits, description, idempotency }) =>
    row([`[\`${type}\`](#${type})`, credits, description, idempotency]),
  );
  return `# Steps

Every type of step, with what it takes and gives. This page is made from the definitions; \`GET /api/agents/catalog\` has
the same as JSON Schemas. Any text of a config may hold [placeholders](guides/data-in-steps.md).

## Actions

| Type | Credits | What it does | What a repeated call does |
|---|---|---|---|
${table.join('\n')}

Credits are those of one step; what built-in agents cost is in [their guide](guides/built-in-agents.md). Steps that control a
run cost nothing: ${controlSteps.map(({ type }) => `[\`${type}\`](#${type})`).join(', ')}.

${actions.map((one) => `${section(one)}\n${sample(one.type)}`).join('\n')}
${controlSteps.map(section).join('\n')}`;
}

/** The part about one type. */
function section(step: {
  readonly type: string;
  readonly description: string;
  readonly config: z.ZodType;
  readonly output: z.ZodType;
}): string {
  const config = z.toJSONSchema(step.config, { io: 'input' }) as Schema;
  const output = z.toJSONSchema(step.output, { io: 'input' }) as Schema;
  return `## ${step.type}

${step.description}

${fields(config)}

Gives ${Object.keys(output.properties ?? {}).length > 0 ? `an object:\n\n${fields(output)}` : `${typeWords(output)}${ending(output.description)}`}
`;
}

function ending(description: string | undefined): string {
  return description === undefined ? '.' : `: ${description}`;
}

function fields({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const isOptional = !required.includes(name);
    const told =
      schema.default === undefined ? '' : ` Default: \`${JSON.stringify(schema.default)}\`.`;
    return row([
      `\`${name}\`${isOptional ? '?' : ''}`,
      typeWords(schema),
      `${schema.description ?? ''}${told}`.trim(),
    ]);
  });
  return `| Field | Kind | |\n|---|---|---|\n${rows.join('\n')}`;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function typeWords(schema: Schema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeWords))].join(' or ');
  if (schema.type === 'array') return `list of ${typeWords(schema.items ?? {})}`;
  return [schema.type ?? 'any JSON'].flat().join(' or ');
}

function sample(type: string): string {
  const json = readFileSync(`${ROOT}/events/actions/${type}.json`, 'utf8').trim();
  return `\`\`\`json\n${json}\n\`\`\`\n`;
}
