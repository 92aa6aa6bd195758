import type * as z from 'zod';
import type { ContentInput, ContentOutput } from '#agents/content/schema';
import type { SummaryRequest } from '#agents/content/summary';
import { textIn } from '#agents/material';
import { withModel, withoutModel } from '#agents/model-use';
import { askModel } from '#agents/question';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { ModelSession } from '#core/models/model-session';

/** A prompt of fewer characters is an instruction, not a text to take sentences from. */
const TEXT_CHARACTERS = 300;

type Context = AgentContext<z.output<typeof ContentInput>>;

/** Writes what the prompt asks for. */
export async function write(
  context: Context,
): Promise<ActionResult<z.input<typeof ContentOutput>>> {
  const { input, prompt, isolate, signal } = context;
  const material = [textIn(input.text), textIn(input.facts)].filter(Boolean).join('\n\n');
  if (context.model) return writeWith(context.model, material, context);
  const source = material || (prompt.length >= TEXT_CHARACTERS ? prompt : '');
  if (source === '') {
    throw new ActionRejectedError(
      'There is no language model here to write with, and no text to take sentences from. Put the text into input.text, or set up a model.',
    );
  }
  const request: SummaryRequest = { text: source, maxWords: input.max_words };
  const text = await isolate<string>('summarise', request, { signal });
  return { output: { text, ...withoutModel }, summary: 'Took the sentences that say most' };
}

/** A word has one token and a half in most languages; some have more. */
const TOKENS_A_WORD = 3;

async function writeWith(
  model: ModelSession,
  material: string,
  { prompt, input, idempotencyKey }: Context,
): Promise<ActionResult<z.input<typeof ContentOutput>>> {
  if (prompt === '' && material === '') {
    throw new ActionRejectedError('Say what to write in prompt, or put a text into input.text.');
  }
  const question = {
    task: `You write texts for an automation. Answer with the text alone, in at most ${input.max_words} words, without any remark about it.`,
    instruction: prompt || 'Summarise the material.',
    material,
    maxOutputTokens: input.max_words * TOKENS_A_WORD,
  };
  const text = (await askModel(model, question, idempotencyKey)).trim();
  if (text === '') throw new ActionUnavailableError(`${model.name} answered with nothing.`);
  return {
    output: { text, ...withModel(model) },
    summary: `${model.name} wrote ${text.length} characters`,
  };
}
