import * as z from 'zod';
import { builtInAgents, findBuiltInAgent } from '#agents/registry';
import { type ActionContext, defineAction } from '#core/action';
import type { BuiltInAgent } from '#core/agents/built-in-agent';
import type { ChosenConnection } from '#core/connections/connection-field';
import { ActionRejectedError, type ConfigProblem } from '#core/errors';
import { partsOf, problemsOf } from '#core/field-path';
import { costOf, ownPrice } from '#core/models/model-prices';
import { type ModelSession, modelSession } from '#core/models/model-session';
import type { Model } from '#core/models/models';
import { plainWords } from '#core/plain-words';

/** Connections behind which language models are. */
const MODEL_KINDS = ['openai_compatible'] as const;

const names = builtInAgents.map((agent) => agent.name);

const ModelChoice = {
  connection_id: z
    .string()
    .optional()
    .describe(
      "One of your connections to a language model; without it the deployment's own is asked, where there is one.",
    ),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Name of the model at that connection; default: the one it names.')
    .meta({ examples: ['gpt-4.1-mini'] }),
  max_cost: z
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .describe(
      'Most that the language model may cost in this step, in US dollars, all its attempts together.',
    ),
};

const Config = z.strictObject({
  agent_name: z
    .enum(names)
    .describe('Which built-in agent works; the catalogue says what each takes and gives.'),
  prompt: z
    .string()
    .max(50_000)
    .default('')
    .describe('What to do, in words. Put texts from outside into input, where they stay data.')
    .meta({ examples: ['Summarise this for a sales team.'] }),
  ...ModelChoice,
  input: z
    .json()
    .optional()
    .describe("What the agent takes. A plain text, number or list means the agent's main field.")
    .meta({ examples: [{ text: '{{steps.read.output.markdown}}' }] }),
});

const Output = z
  .looseObject({})
  .describe('What the agent gives; the catalogue has the schema of each.');

/** Has a built-in agent do a piece of work. */
export const runAgent = defineAction({
  type: 'run_agent',
  title: 'Run a built-in agent',
  description:
    'Has a built-in agent read a page, write, extract, classify, export or watch, and gives what it made to later steps.',
  config: Config,
  output: Output,
  credits: 5,
  idempotency: 'Each agent says it for itself; none of them acts on anything but its own output.',
  connections: [{ at: ['connection_id'], kinds: MODEL_KINDS, check: modelOf }],

  check(config, policy) {
    const { agent_name, input, model, connection_id } = config as z.input<typeof Config>;
    const agent = findBuiltInAgent(agent_name);
    if (model !== undefined && connection_id === undefined) {
      return [{ path: ['model'], message: MODEL_WITHOUT_CONNECTION }];
    }
    if (agent === undefined || isPlaceholder(input)) return [];
    const given = asInput(agent, input);
    const parsed = agent.input.safeParse(given, { error: plainWords });
    const wrong = parsed.success
      ? (agent.check?.(given, policy) ?? [])
      : settledProblems(given, parsed.error.issues);
    return wrong.map(({ path, message }) => ({ path: ['input', ...path], message }));
  },

  async run({ config, ...context }) {
    const agent = findBuiltInAgent(config.agent_name);
    if (agent === undefined) {
      throw new ActionRejectedError(`There is no agent "${config.agent_name}" any more.`);
    }
    const parsed = agent.input.safeParse(asInput(agent, config.input), { error: plainWords });
    if (!parsed.success) {
      const problems = problemsOf(parsed.error.issues, 'input').slice(0, 5);
      throw new ActionRejectedError(
        `The ${agent.name} cannot work with this. ${problems.map((one) => `${one.path}: ${one.message}`).join(' ')}`,
      );
    }
    const model = agent.usesModel ? await sessionFor(config, context) : undefined;
    const { prompt } = config;
    const result = await agent.run({ ...context, prompt, input: parsed.data, model });
    if (model) tellUse(model, context);
    return { ...result, output: result.output as z.input<typeof Output> };
  },
});

const MODEL_WITHOUT_CONNECTION = 'A model is chosen at a connection: give connection_id, too.';

function namesNoModel(connection: string): string {
  return `The connection "${connection}" names no model. Name one here.`;
}

/** Which model is asked must be said in the step or at its connection. */
function modelOf({ name, settings }: ChosenConnection, config: unknown): ConfigProblem | undefined {
  const { agent_name, model = settings['model'] } = config as z.input<typeof Config>;
  const isAsked = findBuiltInAgent(agent_name)?.usesModel === true;
  return isAsked && model === undefined
    ? { path: ['model'], message: namesNoModel(name) }
    : undefined;
}

/** The model of the step's connection, or the deployment's own; undefined where there is neither. */
async function sessionFor(
  { connection_id, model: named, max_cost }: z.output<typeof Config>,
  { connect, models, signal, spend, leftOf, reserveModel }: Omit<ActionContext<unknown>, 'config'>,
): Promise<ModelSession | undefined> {
  let model = models.own;
  let maxCostUsd = leftOf(max_cost);
  if (connection_id !== undefined) {
    const { name, settings, http } = await connect(connection_id, MODEL_KINDS);
    const chosen = named ?? settings['model'];
    if (chosen === undefined) throw new ActionRejectedError(`config.model: ${namesNoModel(name)}`);
    const baseUrl = settings['base_url'] ?? '';
    model = models.at({ baseUrl, model: chosen, price: ownPrice(settings), http });
  } else if (named !== undefined) {
    throw new ActionRejectedError(`config.model: ${MODEL_WITHOUT_CONNECTION}`);
  } else if (model && isBilled(model)) {
    maxCostUsd = await reserveModel(max_cost);
  }
  return model && modelSession({ model, maxCostUsd, signal, spend });
}

function isBilled({ price }: Model): boolean {
  return price.input > 0 || price.output > 0;
}

function tellUse(model: ModelSession, { log }: Pick<ActionContext<unknown>, 'log'>): void {
  const { input, output } = model.used();
  const usd = costOf(model.price, input, output).toFixed(6);
  log(
    'info',
    `${model.name} read ${input} and wrote ${output} tokens: ${usd} USD, counted by ${model.price.source}.`,
  );
  if (!model.wasCut()) return;
  log(
    'warn',
    `${model.name} was stopped at the most tokens that an answer may have: its text may lack its end.`,
  );
}

/** What is not an object means the agent's main field. */
function asInput(agent: BuiltInAgent, input: unknown): unknown {
  if (input === undefined || input === null) return {};
  const isObject = typeof input === 'object' && !Array.isArray(input);
  return isObject ? input : { [agent.mainField]: input };
}

/** A field that holds a placeholder is checked when a run resolves it. */
function settledProblems(input: unknown, issues: readonly z.core.$ZodIssue[]): ConfigProblem[] {
  const settled = issues.filter((issue) => {
    let value: unknown = input;
    for (const part of issue.path) value = (value as Record<PropertyKey, unknown>)?.[part];
    return !isPlaceholder(value);
  });
  return partsOf(settled);
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{');
}
