import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type ApiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { type Product, startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const dataDir = temporaryDirectory();
const APPROVER = 'ada@example.com';

/** The same machine, started once more. */
async function started(): Promise<{ product: Product; alice: ApiClient }> {
  const product = await startProduct({ dataDir, receivers: [receiver] });
  return { product, alice: await product.api('alice') };
}

const post = (id: string) => ({
  id,
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}/${id}`, body: '{{trigger.body.n}}' },
});
const workflow = {
  name: 'Killed',
  trigger_config: { type: 'manual' },
  actions: [
    post('before'),
    {
      type: 'approval',
      config: { message: 'Go on with {{trigger.body.n}}!', approvers: [APPROVER] },
    },
    post('after'),
  ],
};

let numbers = 0;

/** A run that has asked, and the token that it has mailed. */
async function asked(product: Product, alice: ApiClient) {
  numbers += 1;
  const n = numbers;
  const { id } = await alice.create(workflow);
  const { body } = await alice.post(`/api/agents/${id}/run`, { n });
  const token = await eventually(async () => {
    const box = await send(`${product.url}/local/mailbox`, 'GET');
    const text = (box.body.items as { text: string }[]).find((mail) =>
      mail.text.includes(`Go on with ${n}!`),
    )?.text;
    const found = /approve#(\S+)/.exec(text ?? '')?.[1];
    if (found === undefined) throw new Error(`Nobody was asked about ${n}`);
    return found;
  });
  return { runId: body.run_id as string, token, n };
}

const door = (product: Product, method: string, token: string, body?: unknown) =>
  send(`${product.url}/api/approvals`, method, body, { headers: { 'x-approval-token': token } });

/** Steps in flight at a kill may act again, with the same key: keys are counted. */
const keysOf = (path: string, n: number) =>
  new Set(
    receiver.requests
      .filter((request) => request.path === path && String(request.body) === String(n))
      .map(({ headers }) => headers['idempotency-key']),
  );

describe('T-9: kill -9 around a decision', () => {
  it('before it: the run still waits after the restart, and the link still works', async () => {
    const first = await started();
    const { runId, token, n } = await asked(first.product, first.alice);
    await first.product.kill();

    const { product, alice } = await started();
    expect((await door(product, 'GET', token)).body).toMatchObject({ status: 'waiting' });
    expect((await door(product, 'POST', token, { decision: 'approve' })).status).toBe(200);

    expect((await alice.finished(runId)).status).toBe('success');
    expect(keysOf('/before', n).size).toBe(1);
    expect(keysOf('/after', n).size).toBe(1);
    await product.kill();
  });

  it.each([0, 3, 20])(
    'during it, after %i ms: it is there or it is not, and the run completes once',
    async (ms) => {
      const first = await started();
      const { runId, token, n } = await asked(first.product, first.alice);
      const answer = door(first.product, 'POST', token, { decision: 'approve' }).then(
        ({ status }) => status,
        () => undefined,
      );
      await delay(ms);
      await first.product.kill();
      const status = await answer;

      const { product, alice } = await started();
      const { body } = await door(product, 'GET', token);
      if (status === 200) expect(body.status).toBe('approved');
      if (body.status === 'waiting') {
        expect((await door(product, 'POST', token, { decision: 'approve' })).status).toBe(200);
      }

      expect((await alice.finished(runId, 60)).status).toBe('success');
      expect(keysOf('/after', n).size).toBe(1);
      await product.kill();
    },
    90_000,
  );

  it('after it: a decision that was answered is never lost', async () => {
    const first = await started();
    const { runId, token, n } = await asked(first.product, first.alice);
    const decided = await door(first.product, 'POST', token, {
      decision: 'reject',
      comment: 'No.',
    });
    await first.product.kill();
    expect(decided.status).toBe(200);

    const { product, alice } = await started();

    expect((await alice.finished(runId, 60)).status).toBe('cancelled');
    expect((await door(product, 'GET', token)).body.decision).toMatchObject({ comment: 'No.' });
    expect(keysOf('/after', n).size).toBe(0);
    await product.stop();
  }, 90_000);
});
