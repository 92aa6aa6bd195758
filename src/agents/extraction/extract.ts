import type * as z from 'zod';
import { faultsIn } from '#agents/extraction/conforms';
import type { FillRequest } from '#agents/extraction/from-text';
import type { JsonSchema } from '#agents/extraction/json-schema';
import type { ExtractionInput, ExtractionOutput } from '#agents/extraction/schema';
import { targetOf } from '#agents/extraction/target';
import { withModel, withoutModel } from '#agents/model-use';
import { askModel, objectIn } from '#agents/question';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';
import { fieldPath } from '#core/field-path';
import type { ModelSession } from '#core/models/model-session';

type Output = z.input<typeof ExtractionOutput>;

type Context = AgentContext<z.output<typeof ExtractionInput>>;

/** Fills the schema's object from the text. */
export async function extract(context: Context): Promise<ActionResult<Output>> {
  const target = targetOf(context.input.schema);
  if ('problems' in target) {
    const [{ path, message }] = target.problems;
    throw new ActionRejectedError(`${fieldPath(['input', 'schema', ...path])}: ${message}`);
  }
  const output = context.model
    ? await extractWith(context.model, target.schema, context)
    : await extractByRules(target.schema, context);
  if (!output.is_complete && !context.input.allow_partial) throw incomplete(output);
  const count = Object.keys(output.data).length;
  return { output, summary: `Found ${count} ${count === 1 ? 'value' : 'values'}` };
}

async function extractByRules(
  schema: JsonSchema,
  { input, isolate, signal }: Context,
): Promise<Output> {
  const request: FillRequest = { text: input.text, schema };
  const filled = await isolate<Record<string, unknown>>('fill_schema', request, { signal });
  return { ...judged(filled, schema), ...withoutModel };
}

/** Longest answer, in tokens. */
const MAX_ANSWER = 4_000;

/** An answer that does not conform is shown its mistakes once. */
async function extractWith(
  model: ModelSession,
  schema: JsonSchema,
  { prompt, input, idempotencyKey }: Context,
): Promise<Output> {
  const question = {
    task: 'You get data out of a text. Answer with one JSON object alone that conforms to the JSON Schema you are given. Take every value from the text; leave out what is not in it. Never invent anything.',
    instruction: [`The JSON Schema:\n${JSON.stringify(schema)}`, prompt]
      .filter(Boolean)
      .join('\n\n'),
    material: input.text,
    maxOutputTokens: MAX_ANSWER,
  };
  const first = judged(objectIn(await askModel(model, question, idempotencyKey)), schema);
  if (first.is_complete) return { ...first, ...withModel(model) };
  const instruction = `${question.instruction}\n\nAn earlier answer lacked or had wrong: ${first.missing.slice(0, 20).join(', ')}. Where the text has no such value, leave it out.`;
  const again = { ...question, instruction };
  const second = judged(objectIn(await askModel(model, again, idempotencyKey)), schema);
  return { ...second, ...withModel(model) };
}

type Data = Record<string, unknown>;

type Judged = Pick<Output, 'data' | 'is_complete' | 'missing'>;

/** What of the data conforms. A value that does not is left out and counts as missing. */
function judged(filled: Data = {}, schema: JsonSchema): Judged {
  const named = known(filled, schema) as Data;
  const faults = faultsIn(named, schema);
  const wrong = new Set(faults.map(([name]) => name));
  const data = Object.fromEntries(Object.entries(named).filter(([name]) => !wrong.has(name)));
  const missing = faults.map((place) => (place.length > 0 ? fieldPath(place) : 'data'));
  return { data: data as Output['data'], is_complete: faults.length === 0, missing };
}

/** Only what the schema names: a model may add whatever a text told it to. */
function known(value: unknown, schema: JsonSchema): unknown {
  const { properties, items, additionalProperties = false, allOf, anyOf, oneOf } = schema;
  if (Array.isArray(value)) return items ? value.map((one) => known(one, items)) : value;
  const isSaidElsewhere = additionalProperties !== false || (allOf ?? anyOf ?? oneOf) !== undefined;
  if (typeof value !== 'object' || value === null || !properties || isSaidElsewhere) return value;
  const entries = Object.entries(properties).filter(([name]) => Object.hasOwn(value, name));
  return Object.fromEntries(
    entries.map(([name, part]) => [name, known((value as Data)[name], part)]),
  );
}

function incomplete(output: Output): ActionRejectedError {
  const names = output.missing.slice(0, 10).join(', ');
  return new ActionRejectedError(
    `The text does not give what the schema requires: ${names}. What was found is the step's output; allow_partial lets the run go on with it.`,
    { output },
  );
}
