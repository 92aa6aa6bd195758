import { describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const broken = new Set<string>();
receiver.answer(({ path }) => ({ status: broken.has(path) ? 422 : 200 }));
const product = await startProduct({ receivers: [receiver] });

async function signIn(user: string, plan?: string): Promise<ApiClient> {
  const more = plan === undefined ? {} : { plan };
  const token = await product.token(user, { email: `${user}@example.com`, ...more });
  const api = await product.api(user);
  // The address is known from the first call that carries it.
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.request('GET', '/api/usage', undefined, { headers })).status).toBe(200);
  return api;
}

async function agentOf(api: ApiClient, name: string, settings: object = {}) {
  const config = { method: 'POST', url: `${receiver.url}/${name}`, body: {} };
  return api.create({
    name,
    trigger_config: { type: 'manual' },
    settings,
    actions: [{ type: 'http', config }],
  });
}

async function runs(api: ApiClient, agent: { id: string }, count: number, status: string) {
  for (let done = 0; done < count; done += 1) {
    const started = await api.post(`/api/agents/${agent.id}/run`, {});
    expect(started.status).toBe(202);
    expect((await api.finished(started.body.run_id)).status).toBe(status);
  }
}

type Mail = { to: string[]; subject: string; text: string };

async function mailsTo(address: string): Promise<Mail[]> {
  const { items } = (await (await fetch(`${product.url}/local/mailbox`)).json()) as {
    items: Mail[];
  };
  return items.filter(({ to }) => to.includes(address)).toReversed();
}

/** Waits until there are so many mails, the oldest first. */
async function mails(address: string, count: number): Promise<Mail[]> {
  return eventually(async () => {
    const found = await mailsTo(address);
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found;
  }, 30);
}

describe.concurrent('alerts', () => {
  it('come once after three failures in a row, and once when it works again', async () => {
    const api = await signIn('anna');
    const agent = await agentOf(api, 'flaky');
    broken.add('/flaky');

    await runs(api, agent, 2, 'failed');
    expect(await mailsTo('anna@example.com')).toEqual([]);
    await runs(api, agent, 1, 'failed');

    const [alert] = await mails('anna@example.com', 1);
    expect(alert?.subject).toBe('Failing: flaky');
    expect(alert?.text).toContain('the last 3 runs failed');
    expect(alert?.text).toContain('answered 422');
    expect(alert?.text).toContain(`${product.url}/app/agents/${agent.id}`);

    await runs(api, agent, 2, 'failed');
    broken.delete('/flaky');
    await runs(api, agent, 1, 'success');
    const all = await mails('anna@example.com', 2);
    expect(all.map(({ subject }) => subject)).toEqual(['Failing: flaky', 'Works again: flaky']);
  });

  it('go to another address and to Slack, if they are to', async () => {
    const api = await signIn('bert');
    const made = await api.post('/api/connections', {
      kind: 'slack_webhook',
      name: 'Team',
      secret: { url: `${product.url}/local/slack/alerts-of-bert` },
    });
    expect(made.status).toBe(201);
    const agent = await agentOf(api, 'told-twice', {
      alert: {
        after_consecutive_failures: 1,
        email: 'team@example.com',
        slack_connection_id: made.body.id,
      },
    });
    broken.add('/told-twice');

    await runs(api, agent, 1, 'failed');

    const [mail] = await mails('team@example.com', 1);
    expect(mail?.subject).toBe('Failing: told-twice');
    await eventually(async () => {
      const { items } = (await (await fetch(`${product.url}/local/slack`)).json()) as {
        items: { name: string; payload: { text: string } }[];
      };
      const posted = items.filter(({ name }) => name === 'alerts-of-bert');
      expect(posted).toHaveLength(1);
      expect(posted[0]?.payload.text).toContain('*Failing: told-twice*');
    });
    expect(await mailsTo('bert@example.com')).toEqual([]);
  });

  it('go to the own address on the free plan, which writes to no other', async () => {
    const api = await signIn('emil', 'free');
    const alert = { after_consecutive_failures: 1, email: 'others@example.com' };
    const agent = await agentOf(api, 'free-of-charge', { alert });
    broken.add('/free-of-charge');

    await runs(api, agent, 1, 'failed');

    const [mail] = await mails('emil@example.com', 1);
    expect(mail?.subject).toBe('Failing: free-of-charge');
    expect(await mailsTo('others@example.com')).toEqual([]);
  });

  it('refuse a bot that has no channel to post to', async () => {
    const api = await signIn('fritz');
    const made = await api.post('/api/connections', {
      kind: 'slack_bot',
      name: 'Bot',
      secret: { token: 'xoxb-not-a-real-one' },
    });
    expect(made.status).toBe(201);
    const body = (slack_channel: string | null) => ({
      name: 'Told by a bot',
      trigger_config: { type: 'manual' },
      settings: { alert: { slack_connection_id: made.body.id, slack_channel } },
      actions: [{ type: 'http', config: { url: receiver.url } }],
    });

    const refused = await api.post('/api/agents', body(null));

    expect(refused.status).toBe(400);
    expect(refused.body.error.details.fields).toEqual([
      { path: 'settings.alert.slack_channel', message: expect.stringContaining('needs a channel') },
    ]);
    expect((await api.post('/api/agents', body('#alerts'))).status).toBe(201);
  });

  it('say that an agent was switched off after 20 failures; enabling it is enough', async () => {
    const api = await signIn('carla');
    const agent = await agentOf(api, 'hopeless', { alert: { after_consecutive_failures: null } });
    broken.add('/hopeless');

    await runs(api, agent, 20, 'failed');

    const [notice] = await mails('carla@example.com', 1);
    expect(notice?.subject).toBe('Switched off after failures: hopeless');
    expect((await api.get(`/api/agents/${agent.id}`)).body.enabled).toBe(false);
    expect((await api.post(`/api/agents/${agent.id}/run`, {})).status).toBe(409);

    expect((await api.post(`/api/agents/${agent.id}/enable`)).status).toBe(200);
    await runs(api, agent, 1, 'failed');
    expect((await api.get(`/api/agents/${agent.id}`)).body.enabled).toBe(true);
    broken.delete('/hopeless');
    await runs(api, agent, 1, 'success');
    const all = await mails('carla@example.com', 2);
    expect(all.map(({ subject }) => subject).slice(1)).toEqual(['Works again: hopeless']);
  });

  it.each([
    [{ after_consecutive_failures: 0 }, 'settings.alert.after_consecutive_failures'],
    [{ absence_hours: 0 }, 'settings.alert.absence_hours'],
    [{ email: 'nobody' }, 'settings.alert.email'],
    [{ slack_connection_id: 'con_none' }, 'settings.alert.slack_connection_id'],
    [{ sms: '+44' }, 'settings.alert'],
  ])('refuse the setting %j', async (alert, path) => {
    const api = await product.api('dora');

    const { status, body } = await api.post('/api/agents', {
      name: 'Wrong',
      trigger_config: { type: 'manual' },
      settings: { alert },
      actions: [{ type: 'http', config: { url: receiver.url } }],
    });

    expect(status).toBe(400);
    expect(JSON.stringify(body.error.details)).toContain(path);
  });
});
