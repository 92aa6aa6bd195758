import { StatsView } from '#core/api/stats';
import { TestStepView } from '#core/api/test-step';
import { StatsQuery, userStats } from '#core/runs/stats';
import { TestStep, testStep } from '#core/steps/test-step';
import type { ApiDeps } from '#functions/api/deps';
import {
  defineOperation,
  MAX_DEFINITION_BODY_BYTES,
  type Operation,
  reply,
} from '#functions/api/operation';
import { presentTestStep } from '#functions/api/present-run';
import { takeTry } from '#functions/api/tries';

/** Seeing how things go, and trying what will be done. */
export function insightOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'getStats',
      tag: 'Insight',
      method: 'GET',
      path: '/api/stats',
      summary: 'See how your runs of the last day or week went',
      description:
        'Computed from the newest 2,000 runs of the window; truncated says whether there were more.',
      query: StatsQuery,
      answers: { 200: { description: 'The statistics.', schema: StatsView } },
      async handle({ caller, query }) {
        return reply(200, await userStats(caller.userId, query.window, deps));
      },
    }),
    defineOperation({
      id: 'testStep',
      tag: 'Insight',
      method: 'POST',
      path: '/api/agents/test-step',
      summary: 'Try one action with a given trigger and given earlier outputs',
      description:
        'Nothing is saved, and its when, retry and approval_required do not count, but the action really acts: an HTTP request is really sent. It is free, but for the deployment’s own language model. It ends after 25 seconds at the latest. A step that fails is answered with 200 and says why.',
      body: TestStep,
      maxBodyBytes: MAX_DEFINITION_BODY_BYTES,
      answers: { 200: { description: 'How the step went.', schema: TestStepView } },
      errors: ['forbidden'],
      async handle({ caller, body }) {
        const world = await deps.loadWorld();
        const plan = await takeTry(caller.userId, 'step', deps);
        const result = await testStep(caller.userId, body, { ...deps, world, plan });
        return reply(200, presentTestStep(result));
      },
    }),
  ];
}
