import { ClassifierInput, ClassifierOutput } from '#agents/classifier/schema';
import { defineAgent } from '#core/agents/built-in-agent';

/** Puts a text under one of given labels. */
export const classifierAgent = defineAgent({
  name: 'Classifier Agent',
  title: 'Choose a label for a text',
  description:
    'Puts a text under one of the labels that you give, with a reason. Without a language model it counts the words of each label, its description and its keywords in the text, and says so: engine is then extractive.',
  input: ClassifierInput,
  mainField: 'text',
  output: ClassifierOutput,
  usesModel: true,
  credits: 5,
  idempotency: 'Writes nothing anywhere; a repeated call may decide differently with a model.',
  example: {
    input: {
      text: 'I want my money back for order 1234.',
      labels: [{ name: 'refund', keywords: ['money back'] }, 'question'],
    },
  },
  async run(context) {
    const { classify } = await import('#agents/classifier/classify');
    return classify(context);
  },
});
