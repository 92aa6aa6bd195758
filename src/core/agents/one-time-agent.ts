import * as z from 'zod';
import { type Agent, CreateAgent } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { filteredPage } from '#core/filtered-page';
import type { Slice } from '#core/ports';
import { runAtProblem } from '#core/schedules/schedules';

/** The built-in agent that a prompt alone is for. */
const WRITER = 'Content Agent';

const { name, actions } = CreateAgent.shape;

/** Body of `POST /api/agents/run/automation`, the older way to do something once at a time. */
export const OneTimeAgent = z
  .strictObject({
    name,
    run_at: z
      .string()
      .check((context) => {
        const message = runAtProblem(context.value);
        if (message) context.issues.push({ code: 'custom', message, input: context.value });
      })
      .describe('The one time, ISO 8601 with its zone.')
      .meta({ examples: ['2027-01-01T09:00:00Z'] }),
    prompt: z
      .string()
      .trim()
      .min(1)
      .max(50_000)
      .optional()
      .describe(`What the ${WRITER} shall write.`),
    actions: actions.optional().describe('Instead of a prompt: what is done, in order.'),
  })
  .refine((body) => (body.prompt === undefined) !== (body.actions === undefined), {
    message: 'Give either prompt or actions.',
    path: ['prompt'],
  });
export type OneTimeAgent = z.infer<typeof OneTimeAgent>;

/** The agent that does this once: it is like any other, and can be read and changed as one. */
export function definitionOf({ prompt, actions, ...body }: OneTimeAgent): unknown {
  const writing = { type: 'run_agent', config: { agent_name: WRITER, prompt } };
  return {
    name: body.name,
    trigger_config: { type: 'schedule', run_at: body.run_at },
    actions: actions ?? [writing],
  };
}

/**
 * A page of a user's agents that run once, newest first. It may be short and yet have a next one.
 *
 * @param page.after the id of the last agent of the previous page
 */
export async function listOneTimeAgents(
  userId: string,
  page: { readonly limit: number; readonly after: string | undefined },
  agents: Pick<AgentStore, 'list'>,
): Promise<Slice<Agent>> {
  return filteredPage(page, {
    read: (chunk) => agents.list(userId, chunk),
    matches: ({ trigger }) => trigger.type === 'schedule' && trigger.runAt !== undefined,
    positionOf: (agent) => agent.id,
  });
}
