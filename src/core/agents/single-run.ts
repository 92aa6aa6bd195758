import * as z from 'zod';
import type { ActionCatalog } from '#core/action';
import { AgentSettings, type AgentVersion } from '#core/agents/agent';
import type { EgressPolicy } from '#core/egress/egress';
import { invalidRequest } from '#core/errors';
import { fieldPath, parseRequest } from '#core/field-path';
import { type OpenedRun, type OpenRunDeps, openRun } from '#core/runs/open-run';
import { mostCredits } from '#core/runs/run-cost';
import { idempotency } from '#core/runs/webhook-trigger';

/** The agent that runs of a single built-in agent belong to: nobody's, the same for everybody. */
export const SINGLE_RUN_AGENT_ID = 'agt_00000000000000000000000001';

/** What such a run executes: one step, whose config came with the trigger. */
const singleRunVersion: AgentVersion = {
  version: 1,
  name: 'A built-in agent',
  description: 'One built-in agent, run by hand.',
  trigger: { type: 'manual' },
  actions: [
    {
      id: 'agent',
      type: 'run_agent',
      config: {
        agent_name: '{{trigger.body.agent_name}}',
        prompt: '{{trigger.body.prompt}}',
        input: '{{trigger.body.input}}',
        max_cost: '{{trigger.body.max_cost}}',
      },
      timeout_seconds: 120,
      on_error: 'fail',
    },
  ],
  settings: AgentSettings.parse({}),
  mostCredits: 0,
  createdAt: '2026-11-22T00:00:00.000Z',
};

/** The definition of an agent that is part of the product instead of the table. */
export function productVersion(agentId: string): AgentVersion | undefined {
  return agentId === SINGLE_RUN_AGENT_ID ? singleRunVersion : undefined;
}

/** Body of `POST /api/agents/run/{agent_name}`. */
export const SingleRun = z.strictObject({
  prompt: z.string().max(50_000).default('').describe('What to do, in words.'),
  input: z
    .json()
    .default(null)
    .describe("What the agent takes; not an object means the agent's main field."),
  max_cost: z
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .describe('Most that a language model may cost, in US dollars.'),
});
export type SingleRun = z.infer<typeof SingleRun>;

/** What opening such a run works with. */
export type SingleRunDeps = OpenRunDeps & {
  readonly catalog: ActionCatalog;
  readonly egress: EgressPolicy;
};

/**
 * Opens a run of one built-in agent, charged and limited like any other. Its history is where all
 * runs are; no agent of the user is made for it.
 *
 * @param request.key the caller's own `Idempotency-Key`
 * @param request.depth how many runs started each other up to this request
 * @throws RequestError `invalid_request` naming the field; and what {@link openRun} throws
 */
export async function openSingleRun(
  userId: string,
  agentName: string,
  body: SingleRun,
  { key, depth }: { readonly key: string | undefined; readonly depth: number },
  deps: SingleRunDeps,
): Promise<OpenedRun> {
  const config = { agent_name: agentName, ...body };
  const { log_retention_days, dedupe_window_seconds } = singleRunVersion.settings;
  check(config, deps);
  return openRun(
    {
      userId,
      agentId: SINGLE_RUN_AGENT_ID,
      agentVersion: singleRunVersion.version,
      retentionDays: log_retention_days,
      mostCredits: mostCredits(singleRunVersion.actions, deps.catalog),
      triggeredBy: 'manual',
      depth,
      trigger: {
        body: config,
        headers: {},
        query: {},
        received_at: new Date(deps.clock.now()).toISOString(),
      },
      ...(key !== undefined && { idempotency: idempotency(key, dedupe_window_seconds) }),
    },
    deps,
  );
}

/** What could be said at save time of an agent is said before the run. */
function check(config: Record<string, unknown>, { catalog, egress }: SingleRunDeps): void {
  const action = catalog.find('run_agent');
  if (action === undefined) throw new Error('the catalogue has no run_agent');
  parseRequest(action.config, config);
  const problems = action.check?.(config, egress) ?? [];
  if (problems.length === 0) return;
  throw invalidRequest(problems.map(({ path, message }) => ({ path: fieldPath(path), message })));
}
