import { describe, expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import type { ApiClient, Reply } from '#test/helpers/api-client';
import { canariesFor, stepUsing } from '#test/helpers/canary';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const service = await startReceiver();
const product = await startProduct({ receivers: [service] });
const alice = await product.api('alice');
const bob = await product.api('bob');
const NEVER = `con_${'0'.repeat(26)}`;
const { bodies } = canariesFor(service.url);

/** A kind that the steps of each type of action use. */
const kindOf: Readonly<Record<string, string>> = {
  http: 'http_bearer',
  email: 'resend',
  slack: 'slack_bot',
  run_agent: 'openai_compatible',
  google_sheets: 'google_service_account',
  youtube: 'google_oauth',
};

async function connect(kind: string): Promise<string> {
  const { body } = await alice.post('/api/connections', { kind, name: kind, ...bodies[kind] });
  return body.id;
}

function stepOf(type: string, connectionId: string) {
  if (type !== 'youtube') return stepUsing(kindOf[type] ?? '', connectionId, service.url);
  const video = { source_url: `${service.url}/video.mp4`, title: 'T', privacy: 'private' };
  return { type, config: { connection_id: connectionId, operation: 'upload_video', ...video } };
}

const agentOf = (actions: object[], more: object = {}) => ({
  name: "Bob's",
  trigger_config: { type: 'manual' },
  actions,
  ...more,
});
const plain = { type: 'http', config: { url: `${service.url}/plain` } };
const { id: own } = await bob.create(agentOf([plain]));

/** Every way in which a step comes to the server. */
const ways: Readonly<Record<string, (user: ApiClient, step: object) => Promise<Reply>>> = {
  'a new agent': (user, step) => user.post('/api/agents', agentOf([step])),
  'a changed agent': (user, step) =>
    user.request('PATCH', `/api/agents/${own}`, { actions: [plain, step] }),
  'a loop': (user, step) =>
    user.post(
      '/api/agents',
      agentOf([{ type: 'for_each', config: { items: [1], actions: [step] } }]),
    ),
  'a branch': (user, step) =>
    user.post(
      '/api/agents',
      agentOf([
        {
          type: 'branch',
          config: {
            branches: [{ when: { left: 1, op: 'equals', right: 1 }, actions: [plain] }],
            otherwise: [step],
          },
        },
      ]),
    ),
  'a step that is tried': (user, step) => user.post('/api/agents/test-step', { action: step }),
};

/** What a caller could tell two answers apart by. */
const seen = ({ status, body }: Reply) => ({
  status,
  code: body.error?.code,
  fields: body.error?.details?.fields,
});

/** Answered as one that never was: by the field, whose name the caller gave. */
function expectUnknown(theirs: Reply, never: Reply, field: string): void {
  expect(seen(theirs)).toEqual(seen(never));
  expect(seen(theirs), JSON.stringify(theirs.body)).toMatchObject({
    status: 400,
    code: 'invalid_request',
    fields: [
      {
        path: expect.stringMatching(new RegExp(`${field}$`)),
        message: expect.stringContaining('There is no such connection.'),
      },
    ],
  });
}

describe("somebody else's connection is one that never was", () => {
  it('for each type of step that takes one', () => {
    const taking = catalog.actions.filter(({ connections = [] }) => connections.length > 0);

    expect(taking.map(({ type }) => type).toSorted()).toEqual(Object.keys(kindOf).toSorted());
  });

  it.each(Object.keys(kindOf))('in a step of the type %s, however it comes', async (type) => {
    const id = await connect(kindOf[type] ?? '');

    for (const send of Object.values(ways)) {
      const [theirs, never] = await Promise.all([
        send(bob, stepOf(type, id)),
        send(bob, stepOf(type, NEVER)),
      ]);
      expectUnknown(theirs, never, 'connection_id');
    }
    const mine = await alice.post('/api/agents', agentOf([stepOf(type, id)]));
    expect(mine.status, JSON.stringify(mine.body)).toBe(201);
  });

  it('in a template', async () => {
    const id = await connect('google_oauth');
    const from = (user: ApiClient, connection_id: string) =>
      user.post('/api/agents/from-template', {
        template_slug: 'youtube-poster',
        overrides: { connection_id, slack_webhook_url: `${service.url}/slack` },
      });

    expectUnknown(await from(bob, id), await from(bob, NEVER), 'connection_id');
    expect((await from(alice, id)).status).toBe(201);
  });

  it('in the alerts of a new and of a changed agent', async () => {
    const id = await connect('slack_webhook');
    const made = (user: ApiClient, slack_connection_id: string) =>
      user.post('/api/agents', agentOf([plain], { settings: { alert: { slack_connection_id } } }));
    const changed = (slack_connection_id: string) =>
      bob.request('PATCH', `/api/agents/${own}`, { settings: { alert: { slack_connection_id } } });

    expectUnknown(await made(bob, id), await made(bob, NEVER), 'alert.slack_connection_id');
    expectUnknown(await changed(id), await changed(NEVER), 'alert.slack_connection_id');
    expect((await made(alice, id)).status).toBe(201);
  });

  it('and nothing was sent by it, or kept with it', async () => {
    expect(service.requests).toEqual([]);
    expect(JSON.stringify((await bob.get(`/api/agents/${own}`)).body)).not.toContain('con_');
    expect((await bob.get('/api/agents')).body.items).toHaveLength(1);
  });
});
