import { ExtractionInput, ExtractionOutput } from '#agents/extraction/schema';
import { targetOf } from '#agents/extraction/target';
import { defineAgent } from '#core/agents/built-in-agent';

/** Makes data of a text. */
export const extractionAgent = defineAgent({
  name: 'Extraction Agent',
  title: 'Get data out of a text',
  description:
    'Fills an object that conforms to your JSON Schema from a text, and says what it did not find. Without a language model it reads values after labels, and the first e-mail address, link, date and choice, and says so: engine is then extractive.',
  input: ExtractionInput,
  mainField: 'text',
  output: ExtractionOutput,
  usesModel: true,
  credits: 5,
  idempotency: 'Writes nothing anywhere; a repeated call may read a text differently with a model.',
  example: {
    input: {
      text: 'Invoice 17\nTotal: 1,250.00 EUR\nSend questions to ada@example.com',
      schema: {
        type: 'object',
        properties: { total: { type: 'number' }, email: { type: 'string', format: 'email' } },
        required: ['total'],
      },
    },
  },

  check(input) {
    const schema = (input as { schema?: unknown } | null)?.schema;
    // What a run fills in is checked when it has.
    if (typeof schema !== 'object' || schema === null || holdsPlaceholder(schema)) return [];
    const target = targetOf(schema as Record<string, unknown>);
    if ('schema' in target) return [];
    return target.problems.map(({ path, message }) => ({ path: ['schema', ...path], message }));
  },

  async run(context) {
    const { extract } = await import('#agents/extraction/extract');
    return extract(context);
  },
});

function holdsPlaceholder(schema: object): boolean {
  return JSON.stringify(schema).includes('{{');
}
