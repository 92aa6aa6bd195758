import type { CallFailure } from '#adapters/model-failures';

/** How a model is asked where models differ: newer ones refuse what older ones need. */
export type Dialect = {
  /** Whether it is told to vary its answers as little as it can. */
  readonly steady: boolean;
  /** What OpenAI's protocol calls the most tokens of an answer. */
  readonly limit: 'max_tokens' | 'max_completion_tokens';
};

/** What nearly every server takes. */
const USUAL: Dialect = { steady: true, limit: 'max_tokens' };

/** Models of which it is remembered. */
const MOST_REMEMBERED = 500;

/** In which dialect each model is asked: the usual one until its server says no. */
export function rememberedDialects() {
  const known = new Map<string, Dialect>();
  return {
    of: (host: string, model: string): Dialect => known.get(`${host} ${model}`) ?? USUAL,
    remember(host: string, model: string, dialect: Dialect): void {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(`${host} ${model}`, dialect);
    },
  };
}

/**
 * The dialect to ask in again, when a model refused a question for a parameter of it; undefined when
 * it was refused for anything else. Each leads further from the usual one, so asking again ends.
 */
export function dialectAfter(error: unknown, dialect: Dialect): Dialect | undefined {
  const { statusCode, responseBody = '' } = error as CallFailure;
  if (statusCode !== 400 && statusCode !== 422) return undefined;
  if (dialect.limit === 'max_tokens' && responseBody.includes('max_completion_tokens')) {
    return { ...dialect, limit: 'max_completion_tokens' };
  }
  if (dialect.steady && responseBody.includes('temperature')) return { ...dialect, steady: false };
  return undefined;
}

/** A request of OpenAI's protocol in a dialect. */
export function spoken(
  body: Readonly<Record<string, unknown>>,
  { limit }: Dialect,
): Record<string, unknown> {
  const { max_tokens, ...others } = body;
  return max_tokens === undefined ? others : { ...others, [limit]: max_tokens };
}
