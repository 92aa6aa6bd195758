import { ContentInput, ContentOutput } from '#agents/content/schema';
import { defineAgent } from '#core/agents/built-in-agent';

/** Writes and summarises. */
export const contentAgent = defineAgent({
  name: 'Content Agent',
  title: 'Write or summarise',
  description:
    'Writes a text from your prompt and the input, or summarises it. Without a language model it takes the sentences that say most from the text itself, and says so: engine is then extractive.',
  input: ContentInput,
  mainField: 'text',
  output: ContentOutput,
  usesModel: true,
  credits: 5,
  idempotency: 'Writes nothing anywhere; a repeated call may word its answer differently.',
  example: {
    prompt: 'Summarise this in three sentences.',
    input: { text: 'The harbour opened in 1902. It closed in 1998.', max_words: 60 },
  },
  async run(context) {
    const { write } = await import('#agents/content/write');
    return write(context);
  },
});
