import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import type { Caller } from '#adapters/tokens';
import { getAgent } from '#core/agents/agents';
import { LogPage, RunCancelled, RunDetail, RunOpened, RunPage, StepPage } from '#core/api/run';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { notFound } from '#core/errors';
import { isId } from '#core/ids';
import { cancelRun } from '#core/runs/cancel-run';
import { ASKED_WITHIN_MS } from '#core/runs/checkpoints';
import { depthOf } from '#core/runs/depth';
import { type LineDeps, placeInLine } from '#core/runs/place-in-line';
import { Replay, replayRun } from '#core/runs/replay-run';
import { isFinal, type Run } from '#core/runs/run';
import { listRuns, RunQuery, type RunScope } from '#core/runs/run-history';
import { SYSTEM_USER } from '#core/system';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import { ownerOf } from '#functions/api/owner';
import { presentRun, presentRunInFull, presentSteps } from '#functions/api/present-run';

const LogQuery = PageQuery.extend({
  limit: z.coerce
    .number('This must be a whole number from 1 to 1000.')
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Lines a page.'),
});

/** A worker that has just asked about its run knows of a cancellation this much later, at the latest. */
const KNOWN_TO_WORKER_MS = ASKED_WITHIN_MS + 50;

const FILTERED = 'With a status a page may be short; go on while next_cursor is not null.';

/** Runs: history, one run, its log. */
export function runOperations(deps: ApiDeps): Operation[] {
  const history = async (scope: RunScope, query: RunQuery) => {
    const { status = '', since = '', until = '' } = query;
    const filters = [status, since, until].join(' ');
    const list = `runs ${scope.userId} ${scope.agentId ?? ''} ${filters}`.trim();
    const page = await listRuns(scope, query, decodeCursor(list, query.cursor), deps.runs);
    const items = page.items.map(presentRun);
    return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
  };
  const find = async (caller: Caller, runId = ''): Promise<Run> => {
    const owners = caller.isAdmin ? [caller.userId, SYSTEM_USER] : [caller.userId];
    if (!isId('run', runId)) throw notFound('run');
    const found = await Promise.all(owners.map((userId) => deps.runs.find({ userId, runId })));
    const run = found.find((one) => one !== undefined);
    if (run === undefined) throw notFound('run');
    return run;
  };

  return [
    defineOperation({
      id: 'listAgentRuns',
      tag: 'Runs',
      method: 'GET',
      path: '/api/agents/{id}/runs',
      summary: "List an agent's runs, newest first",
      description: FILTERED,
      query: RunQuery,
      answers: { 200: { description: 'A page of runs.', schema: RunPage } },
      async handle({ caller, params, query }) {
        const userId = ownerOf(caller, params['id']);
        const agent = await getAgent(userId, params['id'] ?? '', deps);
        return history({ userId, agentId: agent.id }, query);
      },
    }),
    defineOperation({
      id: 'listRuns',
      tag: 'Runs',
      method: 'GET',
      path: '/api/agents/runs',
      summary: 'List the runs of all your agents, newest first',
      description: FILTERED,
      query: RunQuery,
      answers: { 200: { description: 'A page of runs.', schema: RunPage } },
      handle: ({ caller, query }) => history({ userId: caller.userId }, query),
    }),
    defineOperation({
      id: 'getRun',
      tag: 'Runs',
      method: 'GET',
      path: '/api/agents/runs/{run_id}',
      summary: 'Read one run with its steps',
      answers: { 200: { description: 'The run.', schema: RunDetail } },
      async handle({ caller, params }) {
        const run = await find(caller, params['run_id']);
        const shown = await presentRunInFull(run, deps.payloads);
        return reply(200, await withPlace(shown, run, deps));
      },
    }),
    defineOperation({
      id: 'listLoopSteps',
      tag: 'Runs',
      method: 'GET',
      path: '/api/agents/runs/{run_id}/steps',
      summary: "List the steps inside of a run's loops, item by item",
      description:
        'A page holds whole items: up to limit of them. All other steps come with the run.',
      query: PageQuery,
      answers: { 200: { description: 'A page of steps.', schema: StepPage } },
      async handle({ caller, params, query }) {
        const run = await find(caller, params['run_id']);
        const list = `steps ${run.userId} ${run.runId}`;
        const after = decodeCursor(list, query.cursor);
        const page = await deps.runs.listItems(run, { limit: query.limit, after });
        const items = await presentSteps(run, page.items.flat(), deps.payloads);
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
    defineOperation({
      id: 'cancelRun',
      tag: 'Runs',
      method: 'POST',
      path: '/api/agents/runs/{run_id}/cancel',
      summary: 'Cancel a run',
      description:
        'A run that nobody works on is over at once. Otherwise the step in flight ends, and nothing after it starts: once this is answered, no step does.',
      answers: { 202: { description: 'It will end as cancelled.', schema: RunCancelled } },
      errors: ['conflict'],
      async handle({ caller, params }) {
        const { userId, runId } = await find(caller, params['run_id']);
        const status = await cancelRun({ userId, runId }, deps);
        if (!isFinal(status)) await setTimeout(KNOWN_TO_WORKER_MS);
        return reply(202, { run_id: runId, status });
      },
    }),
    defineOperation({
      id: 'replayRun',
      tag: 'Runs',
      method: 'POST',
      path: '/api/agents/runs/{run_id}/replay',
      summary: 'Run it once more, from one of its steps on',
      description:
        'A new run with the same trigger. Steps before from_step are not executed again: their outputs are taken over, and only what is executed is charged.',
      body: Replay,
      answers: { 202: { description: 'The new run is stored and will end.', schema: RunOpened } },
      errors: ['conflict', 'insufficient_credits', 'quota_exceeded', 'forbidden'],
      async handle({ caller, params, body, headers }) {
        const run = await find(caller, params['run_id']);
        const { runId } = await replayRun(run, body, deps, depthOf(headers));
        return reply(202, { run_id: runId });
      },
    }),
    defineOperation({
      id: 'getRunLog',
      tag: 'Runs',
      method: 'GET',
      path: '/api/agents/runs/{run_id}/logs',
      summary: "Read a run's log, oldest line first",
      query: LogQuery,
      answers: { 200: { description: 'A page of lines.', schema: LogPage } },
      async handle({ caller, params, query }) {
        const run = await find(caller, params['run_id']);
        const list = `log ${run.userId} ${run.runId}`;
        const page = await deps.runs.readLog(run, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const items = [...page.items];
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
  ];
}

/** A run that waits for a slot says how many come before it, and roughly when its turn comes. */
async function withPlace(shown: RunDetail, run: Run, deps: LineDeps): Promise<RunDetail> {
  const found = await placeInLine(run, deps);
  if (found === undefined || shown.waiting_for === null) return shown;
  const { place, estimatedStart } = found;
  const estimated_start =
    estimatedStart === undefined ? null : new Date(estimatedStart).toISOString();
  return { ...shown, waiting_for: { ...shown.waiting_for, place, estimated_start } };
}
