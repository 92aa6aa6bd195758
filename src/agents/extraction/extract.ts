import type * as z from 'zod';
import type { FillRequest } from '#agents/extraction/from-text';
import type { ExtractionInput, ExtractionOutput } from '#agents/extraction/schema';
import { type JsonSchema, type Target, targetOf } from '#agents/extraction/target';
import { withModel, withoutModel } from '#agents/model-use';
import { askModel, objectIn } from '#agents/question';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';
import { problemsOf } from '#core/field-path';
import type { ModelSession } from '#core/models/model-session';
import { plainWords } from '#core/plain-words';

type Output = z.input<typeof ExtractionOutput>;

type Context = AgentContext<z.output<typeof ExtractionInput>>;

type UsableTarget = Extract<Target, { readonly schema: JsonSchema }>;

/** Fills the schema's object from the text. */
export async function extract(context: Context): Promise<ActionResult<Output>> {
  const target = targetOf(context.input.schema);
  if ('problem' in target) throw new ActionRejectedError(`input.schema: ${target.problem}`);
  const output = context.model
    ? await extractWith(context.model, target, context)
    : await extractByRules(target, context);
  if (!output.is_complete && !context.input.allow_partial) throw incomplete(output);
  const count = Object.keys(output.data).length;
  return { output, summary: `Found ${count} ${count === 1 ? 'value' : 'values'}` };
}

async function extractByRules(
  { schema, check }: UsableTarget,
  { input, isolate, signal }: Context,
): Promise<Output> {
  const request: FillRequest = { text: input.text, schema };
  const filled = await isolate<Record<string, unknown>>('fill_schema', request, { signal });
  return { ...judged(filled, check), ...withoutModel };
}

/** Longest answer, in tokens. */
const MAX_ANSWER = 4_000;

/** An answer that does not conform is shown its mistakes once. */
async function extractWith(
  model: ModelSession,
  { schema, check }: UsableTarget,
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
  const first = judged(
    known(objectIn(await askModel(model, question, idempotencyKey)), schema),
    check,
  );
  if (first.is_complete) return { ...first, ...withModel(model) };
  const instruction = `${question.instruction}\n\nAn earlier answer lacked or had wrong: ${first.missing.slice(0, 20).join(', ')}. Where the text has no such value, leave it out.`;
  const again = { ...question, instruction };
  const second = judged(
    known(objectIn(await askModel(model, again, idempotencyKey)), schema),
    check,
  );
  return { ...second, ...withModel(model) };
}

/** Only what the schema names: a model may add whatever a text told it to. */
function known(answer: Record<string, unknown> = {}, schema: JsonSchema): Record<string, unknown> {
  const names = Object.keys(schema['properties'] ?? {});
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(answer, name)).map((name) => [name, answer[name]]),
  );
}

type Judged = Pick<Output, 'data' | 'is_complete' | 'missing'>;

/** What of the data conforms. A value that does not is left out and counts as missing. */
function judged(filled: Record<string, unknown>, check: z.ZodType): Judged {
  const first = check.safeParse(filled, { error: plainWords });
  if (first.success) return { data: filled as Output['data'], is_complete: true, missing: [] };
  const wrong = first.error.issues.filter((issue) => issue.path.length > 0);
  const names = new Set(wrong.map((issue) => String(issue.path[0])));
  const data = Object.fromEntries(Object.entries(filled).filter(([name]) => !names.has(name)));
  const missing = [...new Set(problemsOf(wrong).map(({ path }) => path))];
  return { data: data as Output['data'], is_complete: false, missing };
}

function incomplete(output: Output): ActionRejectedError {
  const names = output.missing.slice(0, 10).join(', ');
  return new ActionRejectedError(
    `The text does not give what the schema requires: ${names}. What was found is the step's output; allow_partial lets the run go on with it.`,
    { output },
  );
}
