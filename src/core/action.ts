import type * as z from 'zod';
import type { Connection } from '#core/connections/connection';
import type { ConnectionField } from '#core/connections/connection-field';
import type { ConnectionKind } from '#core/connections/kinds';
import type { EgressPolicy } from '#core/egress/egress';
import type { ConfigProblem } from '#core/errors';
import type { LogLevel } from '#core/runs/run-log';
import type { Embed } from '#core/templates/templates';
import type { World } from '#core/world';

/** The only outside world that an action can see. */
export type ActionContext<Config> = Omit<World, 'connections' | 'profiles'> & {
  /**
   * Opens a connection of the run's owner. Its secret is hidden in everything that the step gives.
   *
   * @param kinds the kinds that fit
   * @param scopes what a Google connection is used for
   * @throws ActionRejectedError when it is not there, or of another kind
   */
  readonly connect: (
    id: string,
    kinds: readonly ConnectionKind[],
    scopes?: readonly string[],
  ) => Promise<Connection>;
  /** The step's config with every placeholder resolved and checked against the schema. */
  readonly config: Config;
  /** Whose run this is, and which of its steps. */
  readonly run: RunPlace;
  /** `<run id>:<step path>`, the same on every attempt: pass it on where the other side takes one. */
  readonly idempotencyKey: string;
  /** Aborted at the step's time-out, or when the run is stopped. */
  readonly signal: AbortSignal;
  /**
   * Reserves credits for the deployment's own language model, before it is asked for the first time.
   *
   * @param maxUsd most that the step may spend on it, in all its attempts
   * @returns US dollars that are left of it
   * @throws InsufficientCreditsError
   */
  readonly reserveModel: (maxUsd: number) => Promise<number>;
  /** Counts US dollars that the step spent outside; negative takes an estimate back. */
  readonly spend: (usd: number) => void;
  /** What the attempts at the step so far left of an amount of US dollars. */
  readonly leftOf: (maxUsd: number) => number;
  /** Adds a line to the run's log. Never put secrets, headers or bodies in it. */
  readonly log: (level: LogLevel, message: string) => void;
};

/** One step of one run. */
export type RunPlace = {
  readonly userId: string;
  readonly agentId: string;
  readonly runId: string;
  /** Where the step stands in the definition, for example `2`. */
  readonly stepPath: string;
};

/** What an action gives back. */
export type ActionResult<Output> = {
  /** What later steps reach as `{{steps.<id>.output}}`. */
  readonly output: Output;
  /** One line for people, shown in the run's list. */
  readonly summary: string;
};

/**
 * One kind of step. API validation, the OpenAPI document, the dashboard's form and the docs table
 * derive from this value.
 */
export type Action<Config extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> = {
  /** Stored in agents, so never renamed; also the name of its file and of its sample event. */
  readonly type: string;
  readonly title: string;
  /** One sentence: what it does. */
  readonly description: string;
  /** Form hints are the schema's descriptions, examples and defaults. */
  readonly config: Config;
  readonly output: Output;
  /** What a step of this type costs. */
  readonly credits: number;
  /** What a repeated call does, said plainly. */
  readonly idempotency: string;
  /** Which fields of the config name connections. */
  readonly connections?: readonly ConnectionField[];
  /** How data is written into fields that have a syntax of their own. Default: as it is. */
  readonly embed?: Embed;
  /** Checks beyond the schema, on a config without placeholders in the fields concerned. */
  check?(config: unknown, policy: EgressPolicy): readonly ConfigProblem[];
  run(context: ActionContext<z.output<Config>>): Promise<ActionResult<z.input<Output>>>;
};

/** Identity function: it exists so that TypeScript infers the schemas. */
export function defineAction<Config extends z.ZodType, Output extends z.ZodType>(
  action: Action<Config, Output>,
): Action<Config, Output> {
  return action;
}

/** The action types that this product knows. */
export type ActionCatalog = {
  readonly actions: readonly Action[];
  find(type: string): Action | undefined;
};
