import type { Http } from '#core/http';
import type { KnownPrice } from '#core/models/model-prices';

/** One question to a language model. */
export type ModelRequest = {
  /** What the model is to do: our words. */
  readonly system: string;
  /** What the author asked, and the fenced material. */
  readonly prompt: string;
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
};

/** What it answered, and what that took. */
export type ModelAnswer = {
  readonly text: string;
  /** Whether it ended because it had reached its most tokens. */
  readonly isCut: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** A language model. It has no tools: all it can do is answer. */
export type Model = {
  /** For people and for the bill, for example `gpt-4.1-mini`. */
  readonly name: string;
  readonly price: KnownPrice;
  /**
   * Asks once.
   *
   * @throws ActionUnavailableError when it is busy or cannot be reached
   * @throws ActionRejectedError when it refuses: the credential, the model's name, the length
   */
  ask(request: ModelRequest): Promise<ModelAnswer>;
};

/** The language models that there are. */
export type Models = {
  /** The deployment's own; undefined where none is set up. */
  readonly own: Model | undefined;
  /** A model behind an endpoint that speaks OpenAI's protocol. */
  at(endpoint: {
    /** Such as `https://api.openai.com/v1`. */
    readonly baseUrl: string;
    readonly model: string;
    /** What it costs, where its owner says so. */
    readonly price: KnownPrice | undefined;
    /** The way there, with the credential on it. */
    readonly http: Http;
  }): Model;
};
