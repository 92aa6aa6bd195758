import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';
import { sign } from '#test/unit/core/webhook-auth/signers';

it('a copy of the data directory is a backup: agents, secrets and history are there, and work; without its keys sealed secrets are missing', async () => {
  const receiver = await startReceiver();
  const original = await startProduct({ receivers: [receiver] });
  const alice = await original.api('alice');
  const { body: connection } = await alice.post('/api/connections', {
    kind: 'http_bearer',
    name: 'The API',
    secret: { token: 'a-token-that-is-a-secret' },
    allowed_hosts: [`http://127.0.0.1:${receiver.port}`],
  });
  const agent = await alice.create({
    name: 'Kept',
    trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
    actions: [
      {
        type: 'http',
        config: {
          method: 'POST',
          url: `http://127.0.0.1:${receiver.port}/kept`,
          auth: { connection_id: connection.id },
          body: { n: '{{trigger.body.n}}' },
        },
      },
    ],
  });
  const signed = await alice.create({
    name: 'Signed',
    trigger_config: { type: 'webhook', auth: 'github' },
    actions: [{ type: 'http', config: { url: `http://127.0.0.1:${receiver.port}/signed` } }],
  });
  const headers = { 'x-webhook-secret': 'a-secret-of-sixteen' };
  const call = (base: string, n: number) =>
    send(`${base}${new URL(agent.webhook_url).pathname}`, 'POST', { n }, { headers });
  const first = await call(original.url, 1);
  await alice.finished(first.body.run_id);
  await original.stop();

  const dataDir = join(temporaryDirectory(), 'restored');
  cpSync(original.dataDir, dataDir, { recursive: true });
  const restored = await startProduct({ dataDir, receivers: [receiver] });

  const again = await restored.api('alice');
  const run = await again.get(`/api/agents/runs/${first.body.run_id}`);
  expect(run.body).toMatchObject({ status: 'success', trigger: { body: { n: 1 } } });
  expect(await call(restored.url, 2)).toMatchObject({ status: 202 });
  const requests = await receiver.got('/kept', 2);
  expect(requests.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(requests[1]?.headers.authorization).toBe('Bearer a-token-that-is-a-secret');
  await restored.stop();

  // The keys did not come along: what they had sealed is lost.
  rmSync(join(dataDir, 'kms'), { recursive: true });
  const keyless = await startProduct({ dataDir, receivers: [receiver] });
  const owner = await keyless.api('alice');
  const deliver = (secret: string) => {
    const delivery = sign('github', { secret, body: '{}' });
    const url = `${keyless.url}${new URL(signed.webhook_url).pathname}`;
    const raw = new Uint8Array(delivery.body);
    return send(url, 'POST', undefined, { headers: delivery.headers, raw });
  };
  expect((await deliver(signed.trigger_config.secret)).status).toBe(401);
  const { items: refused } = (await owner.get(`/api/agents/${signed.id}/deliveries`)).body;
  expect(refused).toMatchObject([{ status: 401, reason: expect.stringContaining('No signing') }]);
  expect((await owner.get(`/api/agents/${signed.id}/runs`)).body.items).toEqual([]);
  const { body: rotated } = await owner.post(`/api/agents/${signed.id}/rotate-secret`);
  expect((await deliver(rotated.trigger_config.secret)).status).toBe(202);
  expect(await call(keyless.url, 3)).toMatchObject({ status: 202 });
});
