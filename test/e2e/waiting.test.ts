import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { call, type Target } from '#test/bench/api';
import { callTogether } from '#test/bench/load';
import { treeUse } from '#test/bench/processes';
import { startProduct } from '#test/bench/product';
import { freePort } from '#test/bench/starts';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';

const RUNS = 1_000;
const WARM_UP = 20;
const WINDOW_MS = 10_000;
/** Of one core, more than without them: what a measurement of ten seconds cannot tell from nothing. */
const NOTHING = 0.05;

const product = startProduct({
  root: ROOT,
  dataDir: temporaryDirectory(),
  port: await freePort(),
  receiverPort: 9,
});
afterAll(() => product.stop());
await product.ready();

const signedIn = await call('POST', `${product.url}/local/token`, { body: { user: 'bench' } });
const token = String(signedIn['access_token']);

/** An agent whose runs wait for an hour. */
async function patientAgent(): Promise<Target> {
  const agent = await call('POST', `${product.url}/api/agents`, {
    token,
    body: {
      name: 'Patient',
      trigger_config: { type: 'webhook' },
      settings: { webhook_rate_per_minute: 60_000 },
      actions: [{ type: 'delay', config: { seconds: 3_600 } }],
    },
  });
  const { secret } = agent['trigger_config'] as { secret: string };
  const webhookUrl = String(agent['webhook_url']);
  return { agentId: String(agent['id']), steps: 0, paths: [], webhookUrl, secret };
}

/** How many of its runs are in their delay; others are worked on, or wait for a slot. */
async function delayed({ agentId }: Target): Promise<number> {
  let count = 0;
  let cursor = '';
  do {
    const address = `${product.url}/api/agents/${agentId}/runs?status=waiting&limit=100${cursor}`;
    const page = await call('GET', address, { token });
    const items = page['items'] as { waiting_for: { kind: string } | null }[];
    count += items.filter(({ waiting_for }) => waiting_for?.kind === 'delay').length;
    const next = page['next_cursor'];
    cursor = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : '';
  } while (cursor !== '');
  return count;
}

/** Share of one core that all of the product's processes use while nothing happens. */
async function cpuShare(): Promise<number> {
  const used = () => treeUse(product.pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const before = used();
  await delay(WINDOW_MS);
  return (used() - before) / WINDOW_MS;
}

it('a thousand runs that wait use no CPU', { timeout: 300_000 }, async () => {
  const target = await patientAgent();
  await callTogether(target, { webhooks: WARM_UP, callers: 5 });
  await delay(5_000);
  const without = await cpuShare();

  await callTogether(target, { webhooks: RUNS, callers: 3 });
  await eventually(async () => {
    // A look at all of them is work, too.
    await delay(1_000);
    expect(await delayed(target)).toBe(RUNS + WARM_UP);
  }, 180);
  // Work that was put off is done by then.
  await delay(5_000);
  const withThem = await cpuShare();

  console.log(`CPU of one core: ${percent(without)} without, ${percent(withThem)} with them`);
  expect(withThem - without).toBeLessThan(NOTHING);
});

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
