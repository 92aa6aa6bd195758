import { describe, expect, it } from 'vitest';
import { executable } from '#actions/internal/registry';
import { CreateAgent } from '#core/agents/agent';
import { checkActions } from '#core/agents/agent-definition';
import { parseEgressAllow } from '#core/egress/egress';
import { systemAutomations } from '#templates/internal/automations';
import { workflowWorld } from '#test/helpers/workflow-world';
import { worldWith } from '#test/helpers/world';

const SLACK = 'https://hooks.slack.com/services/T000/B000/XXXX';

/** Runs the deployment check where the health endpoint answers this. */
async function deploymentCheck(status: number, body: object) {
  const automation = systemAutomations({ email: '', slackWebhook: SLACK }).find(
    ({ slug }) => slug === 'deployment-check',
  );
  const { actions } = CreateAgent.parse(automation?.agent);
  const world = workflowWorld(
    checkActions(actions, { catalog: executable, egress: parseEgressAllow('') }),
  );
  const kept: unknown[] = [];
  const posted: { url: string; text: string }[] = [];
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  Object.assign(world.deps, {
    catalog: executable,
    world: worldWith({
      own: { get: async (url) => ({ status, body: bytes(body), url }) },
      records: { put: async (_collection, _id, data) => void kept.push(data) },
      http: {
        send: async ({ url, body: sent }) => {
          posted.push({ url, ...JSON.parse(String(sent)) });
          return { status: 200, headers: {}, body: Buffer.from('ok'), url };
        },
      },
    }),
  });
  const ended = await world.run();
  return { ended, kept, posted };
}

describe('the deployment check', () => {
  it('tells Slack what does not work, once it was tried again, and ends well', async () => {
    const { ended, kept, posted } = await deploymentCheck(503, {
      error: { code: 'unavailable', message: 'Not working now: table.' },
    });

    expect(ended).toMatchObject({ next: 'done', status: 'success' });
    expect(kept).toEqual([{ status: 'failed' }]);
    expect(posted).toEqual([
      { url: SLACK, text: expect.stringContaining('answered 503: Not working now: table.') },
    ]);
  });

  it('leaves Slack alone when all is well', async () => {
    const { ended, kept, posted } = await deploymentCheck(200, { status: 'ok' });

    expect(ended).toMatchObject({ next: 'done', status: 'success' });
    expect(kept).toEqual([{ status: 'success' }]);
    expect(posted).toEqual([]);
  });
});
