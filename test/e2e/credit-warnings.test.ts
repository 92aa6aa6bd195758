import { describe, expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { apiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const accounts = await accountsOf(product);

async function subjectsTo(address: string): Promise<string[]> {
  const { items } = (await (await fetch(`${product.url}/local/mailbox`)).json()) as {
    items: { to: string[]; subject: string }[];
  };
  return items
    .filter(({ to }) => to.includes(address))
    .map(({ subject }) => subject)
    .toReversed();
}

describe('a user whose credits run out', () => {
  it('is told at 80 % and at 100 %, once each', async () => {
    await accounts.user('vera', 'free', 42);
    const api = apiClient(product.url, await product.token('vera', { email: 'vera@example.com' }));
    const agent = await api.create({
      name: 'Spends',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'http', config: { url: `${receiver.url}/spend` } }],
    });
    const run = () => api.post(`/api/agents/${agent.id}/run`, {});

    const hint = async () => (await api.get('/api/usage')).body.hint;
    // Of 200 credits, 41 are left: less than 80 % is used.
    expect((await run()).status).toBe(202);
    expect(await hint()).toBeNull();
    for (const left of [40, 39, 38]) {
      const started = await run();
      expect(started.status, `${left} left`).toBe(202);
      await api.finished(started.body.run_id);
    }
    const told = "80 % of this month's credits are used";
    await eventually(async () => expect(await subjectsTo('vera@example.com')).toEqual([told]));
    expect(await hint()).toMatchObject({
      code: 'credits_low',
      message: expect.stringContaining("38 of this month's 200 credits are left"),
    });
    const amount = -38;
    await accounts.admin.post('/api/admin/credits', { user_id: 'vera', amount, reason: 'test' });
    for (let tries = 0; tries < 3; tries += 1) expect((await run()).status).toBe(402);
    expect((await hint()).code).toBe('credits_used_up');

    const all = [told, "This month's credits are used up"];
    await eventually(async () => expect(await subjectsTo('vera@example.com')).toEqual(all));
    expect((await run()).status).toBe(402);
    expect(await subjectsTo('vera@example.com')).toEqual(all);
  });
});
