import type * as z from 'zod';
import type { Evidence, LabelHints, LabelRequest } from '#agents/classifier/evidence';
import type { ClassifierInput, ClassifierOutput } from '#agents/classifier/schema';
import { withModel, withoutModel } from '#agents/model-use';
import { askModel, objectIn } from '#agents/question';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';
import type { ModelSession } from '#core/models/model-session';

type Output = z.input<typeof ClassifierOutput>;

type Context = AgentContext<z.output<typeof ClassifierInput>>;

/** Chooses the label. */
export async function classify(context: Context): Promise<ActionResult<Output>> {
  const { text, labels, fallback } = context.input;
  const hints = labels.map((label) =>
    typeof label === 'string' ? { name: label, description: '', keywords: [] } : label,
  );
  if (context.model) return classifyWith(context.model, hints, context);
  const request: LabelRequest = { text, labels: hints };
  const evidence = await context.isolate<Evidence | undefined>('weigh_labels', request, {
    signal: context.signal,
  });
  if (evidence === undefined && fallback === undefined) {
    throw new ActionRejectedError(
      'Nothing in the text points to any of the labels. Give them keywords, give a fallback, or set up a language model.',
    );
  }
  const label = evidence?.name ?? fallback ?? '';
  const reason = evidence
    ? `The text has ${evidence.found
        .slice(0, 5)
        .map((word) => `"${word}"`)
        .join(', ')}.${rivalry(evidence.rivals)}`
    : 'Nothing in the text points to any of the labels.';
  return { output: { label, reason, ...withoutModel }, summary: `Chose ${label}` };
}

function rivalry(rivals: readonly string[]): string {
  return rivals.length > 0 ? ` As much points to ${rivals.join(', ')}.` : '';
}

const MAX_REASON = 300;

/** The model is believed when it names one of the labels, and asked once more when it does not. */
async function classifyWith(
  model: ModelSession,
  labels: readonly LabelHints[],
  { prompt, input, idempotencyKey }: Context,
): Promise<ActionResult<Output>> {
  const names = [...labels.map(({ name }) => name), ...(input.fallback ? [input.fallback] : [])];
  const question = {
    task: 'You put a text under exactly one label. Answer with JSON alone: {"label": "…", "reason": "…"}, the reason in one short sentence.',
    instruction: [
      `The labels:\n${labels.map(line).join('\n')}`,
      fallbackLine(input.fallback),
      prompt,
    ]
      .filter(Boolean)
      .join('\n\n'),
    material: input.text,
    maxOutputTokens: 200,
  };
  for (const instruction of [
    question.instruction,
    `${question.instruction}\n\nName one of these labels exactly: ${names.join(', ')}.`,
  ]) {
    const answer = objectIn(await askModel(model, { ...question, instruction }, idempotencyKey));
    const said = String(answer?.['label'] ?? '')
      .trim()
      .toLowerCase();
    const label = names.find((name) => name.toLowerCase() === said);
    if (label === undefined) continue;
    const reason = String(answer?.['reason'] || 'The model gave none.').slice(0, MAX_REASON);
    return {
      output: { label, reason, ...withModel(model) },
      summary: `${model.name} chose ${label}`,
    };
  }
  throw new ActionRejectedError(
    `${model.name} chose none of the labels. Describe them better, or give a fallback.`,
  );
}

function line({ name, description, keywords }: LabelHints): string {
  const hints = [description, keywords.join(', ')].filter(Boolean).join('; ');
  return `- ${name}${hints && `: ${hints}`}`;
}

function fallbackLine(fallback: string | undefined): string {
  return fallback === undefined ? '' : `When none fits, the label is ${fallback}.`;
}
