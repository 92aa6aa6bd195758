import * as z from 'zod';
import { getAgent } from '#core/agents';
import { LogPage, RunDetail, RunPage } from '#core/api/run';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { notFound } from '#core/errors';
import { isId } from '#core/ids';
import type { Run } from '#core/run';
import { listRuns, RunQuery, type RunScope } from '#core/run-history';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import { presentRun, presentRunInFull } from '#functions/api/present-run';

const LogQuery = PageQuery.extend({
  limit: z.coerce
    .number('limit must be a whole number from 1 to 1000.')
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Lines a page.'),
});

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
  const find = async (userId: string, runId = ''): Promise<Run> => {
    const run = isId('run', runId) ? await deps.runs.find({ userId, runId }) : undefined;
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
        const agent = await getAgent(caller.userId, params['id'] ?? '', deps);
        return history({ userId: caller.userId, agentId: agent.id }, query);
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
        const run = await find(caller.userId, params['run_id']);
        return reply(200, await presentRunInFull(run, deps.payloads));
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
        const run = await find(caller.userId, params['run_id']);
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
