import { getAgent } from '#core/agents/agents';
import { DeliveryList, SchedulePreview } from '#core/api/triggers';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { previewSchedule, SchedulePreviewQuery } from '#core/schedules/schedule-preview';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

/** What starts agents, looked at before and after. */
export function triggerOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'previewSchedule',
      tag: 'Agents',
      method: 'GET',
      path: '/api/agents/schedule/preview',
      summary: 'See when a schedule would run',
      description:
        'Times that a change of the clocks leaves out or repeats are explained in notes. What can never run is refused.',
      query: SchedulePreviewQuery,
      answers: { 200: { description: 'The next times, and why.', schema: SchedulePreview } },
      handle: async ({ query }) => reply(200, previewSchedule(query, deps.clock.now())),
    }),
    defineOperation({
      id: 'listDeliveries',
      tag: 'Webhooks',
      method: 'GET',
      path: '/api/agents/{id}/deliveries',
      summary: 'List the webhook calls that were refused, newest first',
      description:
        'Kept for seven days. When many alike come at once, one entry stands for several. Calls that were taken are runs.',
      query: PageQuery,
      answers: { 200: { description: 'A page of the refused calls.', schema: DeliveryList } },
      async handle({ caller, params, query }) {
        const agent = await getAgent(caller.userId, params['id'] ?? '', deps);
        const list = `deliveries ${caller.userId} ${agent.id}`;
        const after = decodeCursor(list, query.cursor);
        const { limit } = query;
        const page = await deps.deliveries.list(caller.userId, agent.id, { limit, after });
        return reply(200, { items: [...page.items], next_cursor: encodeCursor(list, page.next) });
      },
    }),
  ];
}
