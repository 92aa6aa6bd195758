import * as z from 'zod';
import { getAgent } from '#core/agents';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { notFound } from '#core/errors';
import { isId } from '#core/ids';
import type { Run } from '#core/run';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation } from '#functions/api/operation';
import { presentRun, presentRunInFull } from '#functions/api/present';

const LogQuery = PageQuery.extend({
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Lines a page.'),
});

/** Runs: history, one run, its log. */
export function runOperations(deps: ApiDeps): Operation[] {
  const history = async (
    scope: { userId: string; agentId?: string },
    query: z.infer<typeof PageQuery>,
  ) => {
    const list = `runs ${scope.userId} ${scope.agentId ?? ''}`;
    const page = await deps.runs.list(scope, {
      limit: query.limit,
      after: decodeCursor(list, query.cursor),
    });
    return {
      status: 200,
      body: { items: page.items.map(presentRun), next_cursor: encodeCursor(list, page.next) },
    };
  };
  const find = async (userId: string, runId = ''): Promise<Run> => {
    const run = isId('run', runId) ? await deps.runs.find({ userId, runId }) : undefined;
    if (run === undefined) throw notFound('run');
    return run;
  };

  return [
    defineOperation({
      method: 'GET',
      path: '/api/agents/{id}/runs',
      summary: "List an agent's runs, newest first",
      query: PageQuery,
      async handle({ caller, params, query }) {
        const agent = await getAgent(caller.userId, params['id'] ?? '', deps);
        return history({ userId: caller.userId, agentId: agent.id }, query);
      },
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents/runs',
      summary: 'List the runs of all your agents, newest first',
      query: PageQuery,
      handle: ({ caller, query }) => history({ userId: caller.userId }, query),
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents/runs/{run_id}',
      summary: 'Read one run with its steps',
      query: z.strictObject({}),
      async handle({ caller, params }) {
        const run = await find(caller.userId, params['run_id']);
        return { status: 200, body: await presentRunInFull(run, deps.payloads) };
      },
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents/runs/{run_id}/logs',
      summary: "Read a run's log, oldest line first",
      query: LogQuery,
      async handle({ caller, params, query }) {
        const run = await find(caller.userId, params['run_id']);
        const list = `log ${run.userId} ${run.runId}`;
        const page = await deps.runs.readLog(run, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        return {
          status: 200,
          body: { items: page.items, next_cursor: encodeCursor(list, page.next) },
        };
      },
    }),
  ];
}
