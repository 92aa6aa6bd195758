import { setTimeout } from 'node:timers/promises';
import { openSingleRun, SingleRun } from '#core/agents/single-run';
import { RunOpened, SingleRunView } from '#core/api/run';
import { RequestError } from '#core/errors';
import { depthOf } from '#core/runs/depth';
import { isFinal, type Run, type RunRef } from '#core/runs/run';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import { presentStep } from '#functions/api/present-run';

/** Longest time that an answer waits for its run, in milliseconds: API Gateway gives up after 30 s. */
const PATIENCE_MS = 25_000;

/** Time that is kept for reading and sending the answer, in milliseconds. */
const RESERVE_MS = 3_000;

const FIRST_LOOK_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Running one built-in agent without making an agent for it. */
export function builtInAgentOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'runBuiltInAgent',
      tag: 'Agents',
      method: 'POST',
      path: '/api/agents/run/{agent_name}',
      summary: 'Run one built-in agent now',
      description:
        'A run like any other: charged, limited, and in your history. It is answered with 200 once the run is over, also when it failed, and with 202 when that takes longer than 25 seconds: then read the run.',
      headers: { 'Idempotency-Key': 'Makes a repeated request the same run, for 24 hours.' },
      body: SingleRun,
      answers: {
        200: { description: 'The run is over.', schema: SingleRunView },
        202: { description: 'The run goes on.', schema: RunOpened },
      },
      errors: ['not_found', 'conflict', 'insufficient_credits', 'quota_exceeded', 'forbidden'],
      async handle({ caller, params, body, headers, msLeft }) {
        const name = nameOf(params['agent_name'] ?? '', deps);
        const request = { key: headers['idempotency-key'], depth: depthOf(headers) };
        const { userId } = caller;
        const { runId } = await openSingleRun(userId, name, body, request, deps);
        const patience = Math.min(PATIENCE_MS, msLeft() - RESERVE_MS);
        const run = await endOf({ userId, runId }, patience, deps);
        if (run === undefined) return reply(202, { run_id: runId });
        return reply(200, await present(run, deps));
      },
    }),
  ];
}

/** @throws RequestError `not_found`, which says what there is */
function nameOf(wanted: string, { builtInAgents, findBuiltInAgent }: ApiDeps): string {
  const agent = findBuiltInAgent(decoded(wanted));
  if (agent !== undefined) return agent.name;
  const names = builtInAgents.map(({ name }) => name).join(', ');
  throw new RequestError('not_found', `There is no such built-in agent. There are: ${names}.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The run once it is over; undefined when it is not within the time. */
async function endOf(ref: RunRef, patienceMs: number, deps: ApiDeps): Promise<Run | undefined> {
  const end = deps.clock.now() + patienceMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const run = await deps.runs.find(ref);
    if (run !== undefined && isFinal(run.status)) return run;
    if (deps.clock.now() + pause > end) return undefined;
    await setTimeout(pause);
  }
}

async function present(run: Run, { payloads }: ApiDeps) {
  const record = run.steps['0'];
  const step = record && (await presentStep(run, record, payloads));
  return {
    run_id: run.runId,
    status: run.status,
    output: step?.output ?? null,
    output_summary: run.outputSummary ?? null,
    error: run.error ?? null,
    ...(step?.omitted && { omitted: step.omitted }),
  };
}
