import { client, type Flow, unlessDenied } from '#test/contract/flow-steps';
import { send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';

/** An agent that fails until it is switched off, whose owner is told by e-mail and in Slack. */
export const alerted: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const alice = await client(machine, { email: 'alice@example.com' });
    const { body: slack } = await alice.post('/api/connections', {
      kind: 'slack_webhook',
      name: 'Team',
      secret: { url: `${machine.url}/local/slack/alerts-of-alice` },
    });
    const { id } = await alice.create({
      name: 'Failing',
      trigger_config: { type: 'manual' },
      settings: { alert: { after_consecutive_failures: null, slack_connection_id: slack.id } },
      actions: [{ type: 'http', config: { url: '{{trigger.body.nothing}}' } }],
    });
    for (let count = 0; count < 20; count += 1) await alice.post(`/api/agents/${id}/run`, {});
    await unlessDenied(async () => {
      const { enabled } = (await alice.get(`/api/agents/${id}`)).body;
      return enabled === false ? id : undefined;
    }, isDenied);
    for (const door of ['mailbox', 'slack']) {
      await unlessDenied(async () => {
        const { body } = await send(`${machine.url}/local/${door}`, 'GET');
        return JSON.stringify(body).includes('Switched off') ? door : undefined;
      }, isDenied);
    }
  },
};
