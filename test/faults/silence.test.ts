import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { startProduct } from '#test/helpers/product';

const TIME_LIMIT_MS = 10_000;
const MARGIN_MS = 500;

it('a table that never answers: callers are told to come again, well before the function runs out of time', async () => {
  const dataDir = temporaryDirectory();
  const whileFile = join(dataDir, 'silent');
  const FAULTS = JSON.stringify({ silent: 1, whileFile });
  const product = await startProduct({ dataDir, env: { FAULTS } });
  const agent = await (await product.api('alice')).create({
    name: 'Door',
    trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
    actions: [{ type: 'delay', config: { seconds: 1 } }],
  });
  const call = () =>
    send(agent.webhook_url, 'POST', {}, { headers: { 'x-webhook-secret': 'a-secret-of-sixteen' } });

  writeFileSync(whileFile, '');
  const calledAt = performance.now();
  const refused = await call();
  const tookMs = performance.now() - calledAt;
  rmSync(whileFile);

  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.body.error).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/Try again in a moment/),
  });
  expect(tookMs).toBeLessThan(TIME_LIMIT_MS - MARGIN_MS);
  expect(await call()).toMatchObject({ status: 202 });
});
