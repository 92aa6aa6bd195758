import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });

beforeEach(async () => {
  await send(`${product.url}/local/mailbox`, 'DELETE');
});

const mailbox = async () => (await send(`${product.url}/local/mailbox`, 'GET')).body.items;

/** Runs one step that writes to these people. */
async function write(api: ApiClient, config: object) {
  const { id } = await api.create({
    name: 'Writer',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'email', config: { subject: 'Hello', body: 'Hello.', ...config } }],
  });
  const { body } = await api.post(`/api/agents/${id}/run`, {});
  const ended = await api.finished(body.run_id);
  const { body: log } = await api.get(`/api/agents/runs/${body.run_id}/logs`);
  return { ...ended, log: log.items };
}

/** The addresses on somebody's list, once there are as many. */
function listed(api: ApiClient, count: number) {
  return eventually(async () => {
    const { body } = await api.get('/api/suppressions');
    expect(body.items).toHaveLength(count);
    return body.items;
  });
}

describe("an address of SES's mailbox simulator", () => {
  it.each([
    {
      address: 'bounce@simulator.amazonses.com',
      reason: 'bounce',
      detail: '550 5.1.1 user unknown',
      told: 'an e-mail to it came back (550 5.1.1 user unknown)',
    },
    {
      address: 'complaint@simulator.amazonses.com',
      reason: 'complaint',
      detail: 'reported as abuse',
      told: 'its reader called it spam (reported as abuse)',
    },
    {
      address: 'suppressionlist@simulator.amazonses.com',
      reason: 'bounce',
      detail: expect.stringContaining('Amazon SES does not send to it'),
      told: 'an e-mail to it came back (Amazon SES does not send to it',
    },
  ])('$address gets one e-mail and no second one', async ({ address, reason, detail, told }) => {
    const user = await product.api(`to-${reason}-${address.split('@')[0]}`);

    const first = await write(user, { to: [address] });
    expect(first).toMatchObject({ status: 'success' });
    expect(first.steps[0].output.suppressed).toEqual([]);
    const [entry] = await listed(user, 1);
    const second = await write(user, { to: [address.toUpperCase()] });

    expect(entry).toEqual({
      address,
      reason,
      detail,
      since: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
    });
    expect(second).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    const { message } = second.error;
    expect(message).toContain(
      `${address} is on your suppression list since ${entry.since.slice(0, 10)}`,
    );
    expect(message).toContain(told);
    expect(message).toContain('DELETE /api/suppressions/');
    expect(await mailbox()).toHaveLength(1);
  });

  it('success and out of office change nothing', async () => {
    const user = await product.api('to-success');
    const to = ['success@simulator.amazonses.com', 'ooto@simulator.amazonses.com'];

    await write(user, { to });
    await write(user, { to: ['bounce@simulator.amazonses.com'] });

    expect(await listed(user, 1)).toMatchObject([{ address: 'bounce@simulator.amazonses.com' }]);
  });
});

describe('a list', () => {
  it('leaves out whom it names, and the run says who, why and since when', async () => {
    const user = await product.api('leaves-out');
    await write(user, { to: ['bounce+one@simulator.amazonses.com'] });
    const [entry] = await listed(user, 1);

    const run = await write(user, {
      to: ['ada@example.com', 'bounce+one@simulator.amazonses.com'],
      cc: ['bob@example.com', 'Bounce+One@simulator.amazonses.com'],
    });

    expect(run).toMatchObject({
      status: 'success',
      output_summary:
        'Sent to ada@example.com; not to bounce+one@simulator.amazonses.com (suppressed)',
    });
    expect(run.steps[0].output.suppressed).toEqual([entry]);
    expect(run.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('bounce+one@simulator.amazonses.com is on your'),
      }),
    );
    const [sent] = await mailbox();
    expect(sent).toMatchObject({ to: ['ada@example.com'], cc: ['bob@example.com'] });
  });

  it("is heeded by a provider's connection too, before anything is sent", async () => {
    const user = await product.api('by-provider');
    await write(user, { to: ['bounce@simulator.amazonses.com'] });
    await listed(user, 1);
    receiver.answer(() => ({ body: { id: 'sent-1' } }));
    const { body: connection } = await user.post('/api/connections', {
      kind: 'resend',
      name: 'Resend',
      settings: { from: 'us@example.com', base_url: receiver.url },
      secret: { api_key: 're_not_a_real_key' },
    });
    const connection_id = connection.id;

    const refused = await write(user, { to: ['bounce@simulator.amazonses.com'], connection_id });
    expect(refused.error.message).toContain('is on your suppression list');
    expect(receiver.requests).toHaveLength(0);
    const to = ['ada@example.com', 'bounce@simulator.amazonses.com'];
    const run = await write(user, { to, connection_id });

    expect(run.steps[0].output).toMatchObject({
      message_id: 'sent-1',
      suppressed: [{ address: 'bounce@simulator.amazonses.com' }],
    });
    expect(receiver.requests.map(({ body }) => JSON.parse(body).to)).toEqual([['ada@example.com']]);
  });

  it('is one user’s own: another one writes to the same address', async () => {
    const [user, other] = [await product.api('has-a-list'), await product.api('has-none')];
    await write(user, { to: ['complaint@simulator.amazonses.com'] });
    await listed(user, 1);

    const list = await other.get('/api/suppressions');
    const run = await write(other, { to: ['complaint@simulator.amazonses.com'] });

    expect(list.body).toEqual({ items: [], next_cursor: null });
    expect(run.status).toBe('success');
  });

  it('is paged, and forgets an address that it is told to forget', async () => {
    const user = await product.api('pages');
    const names = ['a', 'b', 'c'].map((label) => `bounce+${label}@simulator.amazonses.com`);
    for (const address of names) await write(user, { to: [address] });
    await listed(user, 3);

    const first = await user.get('/api/suppressions?limit=2');
    const rest = await user.get(`/api/suppressions?limit=2&cursor=${first.body.next_cursor}`);
    const addresses = [...first.body.items, ...rest.body.items].map(({ address }) => address);
    expect(addresses).toEqual(names);
    expect(rest.body.next_cursor).toBeNull();

    const path = `/api/suppressions/${encodeURIComponent('Bounce+A@simulator.amazonses.com')}`;
    expect((await user.request('DELETE', path)).status).toBe(204);
    expect((await user.request('DELETE', path)).status).toBe(204);
    await listed(user, 2);
    expect(await write(user, { to: [names[0]] })).toMatchObject({ status: 'success' });
    await listed(user, 3);
    expect((await user.request('DELETE', '/api/suppressions/nobody')).status).toBe(404);
  });

  it('is taken along and deleted with the account', async () => {
    const user = await product.api('leaves');
    await write(user, { to: ['bounce@simulator.amazonses.com'] });
    const [suppression] = await listed(user, 1);

    const { body } = await user.get('/api/account/export');
    expect(body.items).toContainEqual({ kind: 'suppression', suppression });
    await eventually(async () => {
      expect((await user.request('DELETE', '/api/account')).status).toBe(204);
    });

    expect((await user.get('/api/suppressions')).body.items).toEqual([]);
  });
});
