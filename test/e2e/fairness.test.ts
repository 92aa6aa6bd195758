import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { type Reply, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

/** Runs of the flood. */
const FLOOD = 2_000;
const CALLERS = 10;
const SAMPLES = 20;
const SLOW_MS = 1_500;
/** A measurement that something else on the machine disturbed is taken again so often. */
const ROUNDS = 3;
const SECRET = 'a-secret-of-sixteen';

const receiver = await startReceiver();
receiver.answer(({ path }) => (path === '/slow' ? delay(SLOW_MS).then(() => ({})) : {}));
const product = await startProduct({ receivers: [receiver] });
const accounts = await accountsOf(product);
const noisy = await accounts.user('noisy', 'pro');
const quiet = await accounts.user('quiet', 'pro');

const agent = (path: string) => ({
  name: 'Hook',
  trigger_config: { type: 'webhook', secret: SECRET },
  settings: { webhook_rate_per_minute: 10_000 },
  actions: [{ type: 'http', config: { method: 'POST', url: `${receiver.url}${path}`, body: {} } }],
});
const loud = await noisy.create(agent('/slow'));
const calm = await quiet.create(agent('/calm'));

function deliver(url: string): Promise<Reply> {
  return send(url, 'POST', {}, { headers: { 'x-webhook-secret': SECRET } });
}

/** The 95th of a hundred times from trigger to start, in milliseconds. */
async function p95OfLags(): Promise<number> {
  const lags: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { body } = await deliver(calm.webhook_url);
    const run = await quiet.finished(body.run_id);
    lags.push(Date.parse(run.started_at) - Date.parse(run.triggered_at));
  }
  return lags.toSorted((a, b) => a - b)[Math.ceil(0.95 * SAMPLES) - 1] ?? 0;
}

async function queueFlood(): Promise<void> {
  let left = FLOOD;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const { status } = await deliver(loud.webhook_url);
      if (status === 503) left += 1;
      else expect(status).toBe(202);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  // The newest one has come to the end of the line.
  await eventually(async () => {
    const [newest] = (await noisy.get(`/api/agents/${loud.id}/runs?limit=1`)).body.items;
    expect(newest.waiting_for).toMatchObject({ kind: 'slot' });
  }, 60);
}

it(`another user's run starts within three times its usual time, with ${FLOOD} runs before it`, async () => {
  await p95OfLags();
  const alone = await p95OfLags();

  await queueFlood();

  const meanwhile: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    meanwhile.push(await p95OfLags());
    if (Math.min(...meanwhile) <= 3 * alone) break;
  }
  const { items } = (await noisy.get(`/api/agents/${loud.id}/runs?status=waiting`)).body;
  expect(items.length, 'the flood is over').toBeGreaterThan(0);
  expect(Math.min(...meanwhile)).toBeLessThanOrEqual(3 * alone);
}, 300_000);
