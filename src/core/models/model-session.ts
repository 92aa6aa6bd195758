import { ActionRejectedError } from '#core/errors';
import { costOf, type KnownPrice } from '#core/models/model-prices';
import type { Model } from '#core/models/models';

/** A model as one step may use it: within its budget. */
export type ModelSession = {
  readonly name: string;
  readonly price: KnownPrice;
  /** What was used so far. */
  used(): { readonly input: number; readonly output: number };
  /** Whether an answer ended at its limit, before the model had said all. */
  wasCut(): boolean;
  /**
   * Asks once and gives the text of the answer.
   *
   * @throws ActionRejectedError when that could cost more than is left of the budget, or when the limit
   *   was reached before a word was said; and what the model throws
   */
  ask(question: {
    readonly system: string;
    readonly prompt: string;
    readonly maxOutputTokens: number;
  }): Promise<string>;
};

/** What a session works with. */
export type SessionDeps = {
  readonly model: Model;
  /** US dollars for all questions of the step together. */
  readonly maxCostUsd: number;
  readonly signal: AbortSignal;
  /** Counts US dollars; negative where less was used than had been counted. */
  readonly spend: (usd: number) => void;
};

/** A token has three bytes and more in most texts and languages; two leaves room. */
const BYTES_A_TOKEN = 2;

/** An answer that has to be shorter than this, in tokens, is of no use. */
const SHORTEST_ANSWER = 64;

/**
 * A model with a budget: a question whose text and answer could cost more than what is left gets a
 * shorter answer, or none. What was really used is counted, also for a step that fails later. An
 * answer that nobody waited for any more is counted with its question's estimate.
 */
export function modelSession({ model, maxCostUsd, signal, spend }: SessionDeps): ModelSession {
  const { price, name } = model;
  let left = maxCostUsd;
  const used = { input: 0, output: 0 };
  let wasCut = false;
  const count = (usd: number) => {
    left -= usd;
    spend(usd);
  };
  return {
    name,
    price,
    used: () => ({ ...used }),
    wasCut: () => wasCut,
    async ask({ system, prompt, maxOutputTokens }) {
      const estimate = Math.ceil(Buffer.byteLength(system + prompt) / BYTES_A_TOKEN);
      const forText = costOf(price, estimate, 0);
      const affordable =
        price.output === 0 ? maxOutputTokens : Math.floor(((left - forText) * 1e6) / price.output);
      if (forText > left || affordable < Math.min(SHORTEST_ANSWER, maxOutputTokens)) {
        throw overBudget(estimate, maxCostUsd, name);
      }
      const most = Math.min(maxOutputTokens, affordable);
      count(forText);
      const answer = await model
        .ask({ system, prompt, maxOutputTokens: most, signal })
        .catch((error) => {
          // A refused question is not billed; one that nobody waits for any more may be.
          if (!signal.aborted) count(-forText);
          throw error;
        });
      used.input += answer.inputTokens;
      used.output += answer.outputTokens;
      count(costOf(price, answer.inputTokens, answer.outputTokens) - forText);
      if (answer.isCut && answer.text.trim() === '') throw saidNothing(name, most);
      wasCut ||= answer.isCut;
      return answer.text;
    },
  };
}

function overBudget(tokens: number, maxCostUsd: number, name: string): ActionRejectedError {
  return new ActionRejectedError(
    `This could cost more than is left of max_cost (${Number(maxCostUsd.toFixed(6))} USD): about ${tokens} tokens for ${name} to read, and its answer. Give it less text, raise max_cost, or choose a cheaper model.`,
  );
}

/** Models that think before they answer pay for it in tokens of the answer. */
function saidNothing(name: string, tokens: number): ActionRejectedError {
  return new ActionRejectedError(
    `${name} used up the ${tokens} tokens that it had before it said a word: it thinks first. Raise max_cost, or choose a model that answers at once.`,
  );
}
