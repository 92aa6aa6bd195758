import type * as z from 'zod';
import type { ActionContext, ActionResult } from '#core/action';
import type { EgressPolicy } from '#core/egress/egress';
import type { ConfigProblem } from '#core/errors';
import type { ModelSession } from '#core/models/model-session';

/** The only outside world that a built-in agent can see. */
export type AgentContext<Input> = Omit<ActionContext<unknown>, 'config'> & {
  /** What the step asks for, in words; empty when it says nothing. */
  readonly prompt: string;
  /** Checked against the agent's schema. */
  readonly input: Input;
  /** The language model, for an agent that uses one; undefined where none is set up. */
  readonly model: ModelSession | undefined;
};

/**
 * A named agent that `run_agent` calls. The catalogue, the checks and the documents derive from
 * this value; what it needs to work is loaded when it runs.
 */
export type BuiltInAgent<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> = {
  /** Stored in agents, so never renamed; for example `Scraping Agent`. */
  readonly name: string;
  /** What it does, as a heading. */
  readonly title: string;
  /** What it does and does not do, in a few sentences. */
  readonly description: string;
  readonly input: Input;
  /** The field that an input means which is not an object. */
  readonly mainField: string;
  readonly output: Output;
  /** Whether it works better with a language model. */
  readonly usesModel?: boolean;
  /** What one call costs. */
  readonly credits: number;
  /** What a repeated call does, said plainly. */
  readonly idempotency: string;
  /** An input as somebody would write it. */
  readonly example: { readonly prompt?: string; readonly input?: z.input<Input> };
  /** Checks beyond the schema, on an input without placeholders in the fields concerned. */
  check?(input: unknown, policy: EgressPolicy): readonly ConfigProblem[];
  run(context: AgentContext<z.output<Input>>): Promise<ActionResult<z.input<Output>>>;
};

/** Identity function: it exists so that TypeScript infers the schemas. */
export function defineAgent<Input extends z.ZodType, Output extends z.ZodType>(
  agent: BuiltInAgent<Input, Output>,
): BuiltInAgent<Input, Output> {
  return agent;
}
