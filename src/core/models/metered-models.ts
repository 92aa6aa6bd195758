import type { Metrics } from '#core/metrics';
import type { Model, Models } from '#core/models/models';

/** The same models, with the tokens of each answer measured. */
export function meteredModels({ own, at }: Models, metrics: Metrics): Models {
  const metered = (model: Model, whose: 'own' | 'connected'): Model => ({
    ...model,
    async ask(request) {
      const answer = await model.ask(request);
      metrics.record('Model', whose, {
        ModelTokensRead: answer.inputTokens,
        ModelTokensWritten: answer.outputTokens,
      });
      return answer;
    },
  });
  return {
    own: own && metered(own, 'own'),
    at: (endpoint) => metered(at(endpoint), 'connected'),
  };
}
