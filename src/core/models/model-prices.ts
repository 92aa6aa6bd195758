/** US dollars for a million tokens. */
export type ModelPrice = { readonly input: number; readonly output: number };

/** A price, and who says so. */
export type KnownPrice = ModelPrice & {
  /** For people, as the end of "counted by …". */
  readonly source: string;
};

/** What a provider asks for its models, by the beginning of their names. */
type PriceList = {
  /** Where it can be looked up. */
  readonly source: string;
  /** From when these are: year and month. */
  readonly asOf: string;
  readonly prices: Readonly<Record<string, ModelPrice>>;
};

/**
 * List prices without discounts, regional surcharges and taxes. They bound and count what steps
 * spend; the bill is the provider's. A price that changed is changed here, or set at a connection.
 */
const lists: readonly PriceList[] = [
  {
    source: 'https://aws.amazon.com/bedrock/pricing/',
    asOf: '2026-04',
    prices: {
      'amazon.nova-micro': { input: 0.035, output: 0.14 },
      'amazon.nova-lite': { input: 0.06, output: 0.24 },
      'amazon.nova-pro': { input: 0.8, output: 3.2 },
      'amazon.nova-premier': { input: 2.5, output: 12.5 },
      'anthropic.claude-3-haiku': { input: 0.25, output: 1.25 },
      'anthropic.claude-3-5-haiku': { input: 0.8, output: 4 },
      'anthropic.claude-haiku-4': { input: 1, output: 5 },
      'anthropic.claude-3-5-sonnet': { input: 6, output: 30 },
      'anthropic.claude-3-7-sonnet': { input: 3, output: 15 },
      'anthropic.claude-sonnet-4': { input: 3, output: 15 },
      'anthropic.claude-opus-4': { input: 15, output: 75 },
      'anthropic.claude-opus-4-5': { input: 5, output: 25 },
      'anthropic.claude-opus-4-6': { input: 5, output: 25 },
      'anthropic.claude-opus-4-7': { input: 5, output: 25 },
      'meta.llama3-3-70b': { input: 0.72, output: 0.72 },
    },
  },
  {
    source: 'https://platform.openai.com/docs/pricing',
    asOf: '2025-08',
    prices: {
      'gpt-4o': { input: 2.5, output: 10 },
      'gpt-4o-mini': { input: 0.15, output: 0.6 },
      'gpt-4.1': { input: 2, output: 8 },
      'gpt-4.1-mini': { input: 0.4, output: 1.6 },
      'gpt-4.1-nano': { input: 0.1, output: 0.4 },
      'gpt-5': { input: 1.25, output: 10 },
      'gpt-5-mini': { input: 0.25, output: 2 },
      'gpt-5-nano': { input: 0.05, output: 0.4 },
    },
  },
];

/** What a model costs whose price nobody told us: as much as the dearest, so that budgets hold. */
export const DEAREST: KnownPrice = {
  input: 15,
  output: 75,
  source: "the dearest model's price, since this one is on no list: set it at the connection",
};

/** What a model costs that runs on a machine of one's own. */
export const FREE: KnownPrice = {
  input: 0,
  output: 0,
  source: "the operator's word that it is free",
};

/** The list price of a model; undefined for one that is on no list. The longest name that fits counts. */
export function listPrice(model: string): KnownPrice | undefined {
  const name = model.toLowerCase().replace(/^(us|eu|apac|global|us-gov)\./, '');
  const fitting = lists.flatMap(({ source, asOf, prices }) =>
    Object.entries(prices)
      .filter(([start]) => name.startsWith(start))
      .map(([start, price]) => ({ start, ...price, source: `the list of ${asOf} (${source})` })),
  );
  const [longest] = fitting.toSorted((a, b) => b.start.length - a.start.length);
  if (longest === undefined) return undefined;
  const { start: _, ...price } = longest;
  return price;
}

/** The price that a connection's settings say; undefined where they say none. */
export function ownPrice(settings: Readonly<Record<string, string>>): KnownPrice | undefined {
  const { input_price, output_price } = settings;
  if (input_price === undefined || output_price === undefined) return undefined;
  const source = 'the price that the connection says';
  return { input: Number(input_price), output: Number(output_price), source };
}

/** What so many tokens cost, in US dollars. */
export function costOf(price: ModelPrice, inputTokens: number, outputTokens: number): number {
  return (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
}
