import { beforeAll, beforeEach, expect, it } from 'vitest';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { type Product, startProduct } from '#test/helpers/product';

let product: Product;
let alice: ApiClient;

beforeAll(async () => {
  product = await startProduct();
  alice = await product.api('alice');
});
beforeEach(async () => {
  const emptied = await send(`${product.url}/local/mailbox`, 'DELETE');
  expect(emptied.status).toBe(204);
});

const mailbox = async () => (await send(`${product.url}/local/mailbox`, 'GET')).body.items;

async function run(agentId: string, body: unknown) {
  const started = await alice.post(`/api/agents/${agentId}/run`, body);
  return alice.finished(started.body.run_id);
}

const agent = {
  name: 'Greeter',
  trigger_config: { type: 'manual' },
  actions: [
    {
      type: 'email',
      config: {
        to: ['{{trigger.body.email}}'],
        subject: 'Hello {{trigger.body.name}}',
        body: 'Dear {{trigger.body.name}}, <b>welcome</b>.',
      },
    },
  ],
};

it('sends what the agent says, filled in, and shows it in the mailbox', async () => {
  const { id } = await alice.create(agent);

  const ended = await run(id, { email: 'ada@example.com', name: 'Ada' });

  expect(ended).toMatchObject({ status: 'success', output_summary: 'Sent to ada@example.com' });
  expect(await mailbox()).toMatchObject([
    {
      from: 'CrucibAI Agents <agents@localhost>',
      to: ['ada@example.com'],
      subject: 'Hello Ada',
      text: 'Dear Ada, <b>welcome</b>.',
      html: expect.stringContaining('Dear Ada, &lt;b&gt;welcome&lt;/b&gt;.'),
      message_id: ended.steps[0].output.message_id,
    },
  ]);
});

it.each([
  ['a list of addresses', 'ada@example.com, eve@example.com'],
  ['a header', 'ada@example.com\r\nBcc: eve@example.com'],
  ['no address', 'ada'],
])('sends nothing when the data is %s', async (_, email) => {
  const { id } = await alice.create(agent);

  const ended = await run(id, { email, name: 'Ada' });

  expect(ended).toMatchObject({
    status: 'failed',
    error: { code: 'action_rejected', message: expect.stringContaining('plain e-mail address') },
  });
  expect(await mailbox()).toEqual([]);
});

it('names the address that cannot be one when the agent is saved', async () => {
  const config = { ...agent.actions[0]?.config, to: ['ada@example.com', 'nobody'] };
  const refused = await alice.post('/api/agents', {
    ...agent,
    actions: [{ type: 'email', config }],
  });
  expect(refused.status).toBe(400);
  expect(refused.body.error.details.fields).toEqual([
    { path: 'actions[0].config.to[1]', message: 'Give one plain e-mail address.' },
  ]);
});

it('goes to the verified address of its user on the free plan, and to no other', async () => {
  const token = await product.token('fred', { plan: 'free', email: 'fred@example.com' });
  const fred = apiClient(product.url, token);
  const { id } = await fred.create(agent);
  const sendTo = async (email: string) => {
    const { body } = await fred.post(`/api/agents/${id}/run`, { email, name: 'Fred' });
    return fred.finished(body.run_id);
  };

  const toOther = await sendTo('ada@example.com');
  const toOwn = await sendTo('fred@example.com');

  expect(toOther).toMatchObject({
    status: 'failed',
    error: {
      code: 'action_rejected',
      message: expect.stringContaining('which is fred@example.com'),
    },
  });
  expect(toOwn.status).toBe('success');
  expect(await mailbox()).toMatchObject([{ to: ['fred@example.com'] }]);
});

it('says what to do where the deployment may not send as its own sender', async () => {
  const parameters = 'MailFrom=nobody@unverified.example';
  const elsewhere = await startProduct({ env: { STACK_PARAMETERS: parameters } });
  const user = await elsewhere.api('alice');
  const { id } = await user.create(agent);
  const { body } = await user.post(`/api/agents/${id}/run`, {
    email: 'ada@example.com',
    name: 'Ada',
  });

  const ended = await user.finished(body.run_id);

  expect(ended).toMatchObject({
    status: 'failed',
    error: {
      code: 'action_rejected',
      message: expect.stringContaining('set the parameter MailFrom to an address that is verified'),
    },
    steps: [{ attempts: 1 }],
  });
});
