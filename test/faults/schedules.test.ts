import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

// The night in which London's clocks skip the hour from 01:00 to 02:00.
const BEFORE_THE_GAP = Date.parse('2027-03-28T00:59:00Z');
const MINUTE = 60_000;
/** Soon after their time has come, whoever finds them. */
const FOUND_WITHIN_S = 20;

const receiver = await startReceiver();
const dataDir = temporaryDirectory();
const clockFile = join(dataDir, 'clock');
/** How much the clocks are ahead of the real time. */
let offset = BEFORE_THE_GAP - Date.now();
const now = () => Date.now() + offset;
let alice: ApiClient;

async function setClock(milliseconds: number): Promise<void> {
  offset += milliseconds;
  writeFileSync(clockFile, String(offset));
  // Threads look at the file every 25 ms.
  await delay(100);
}

beforeAll(async () => {
  writeFileSync(clockFile, String(offset));
  const FAULTS = JSON.stringify({ seed: 1, clockFile });
  const product = await startProduct({ dataDir, receivers: [receiver], env: { FAULTS } });
  alice = await product.api('alice');
});

function scheduled(path: string, trigger: object) {
  return {
    name: path,
    trigger_config: { type: 'schedule', ...trigger },
    actions: [
      {
        type: 'http',
        config: {
          method: 'POST',
          url: `${receiver.url}${path}`,
          body: { at: '{{trigger.scheduled_at}}' },
        },
      },
    ],
  };
}

const runsOf = async (id: string) => (await alice.get(`/api/agents/${id}/runs`)).body.items;
const timesAt = (path: string) =>
  receiver.requests.filter((request) => request.path === path).map(({ json }) => json.at);

describe('clocks that are set, in a night in which they change', () => {
  it('each nominal time is one run: asleep over it, set back before it, in the hour that is skipped', async () => {
    const runAt = new Date(now() + 3 * MINUTE).toISOString();
    const [once, inTheGap] = await Promise.all([
      alice.create(scheduled('/once', { run_at: runAt })),
      alice.create(scheduled('/gap', { cron_expression: '30 1 * * *', timezone: 'Europe/London' })),
    ]);
    expect(inTheGap.next_run_at).toBe('2027-03-28T01:00:00.000Z');

    await setClock(5 * MINUTE);
    await eventually(async () => {
      expect(timesAt('/once')).toEqual([runAt]);
      expect(timesAt('/gap')).toEqual(['2027-03-28T01:00:00.000Z']);
    }, FOUND_WITHIN_S);
    const [late] = await runsOf(once.id);
    expect(late.late_by_ms).toBeGreaterThan(MINUTE);
    expect((await alice.get(`/api/agents/${inTheGap.id}`)).body.next_run_at).toBe(
      '2027-03-29T00:30:00.000Z',
    );

    // Both times come once more.
    await setClock(-5 * MINUTE);
    await setClock(5 * MINUTE);
    await delay(5_000);

    expect(timesAt('/once')).toHaveLength(1);
    expect(timesAt('/gap')).toHaveLength(1);
    expect(await runsOf(once.id)).toHaveLength(1);
    expect(await runsOf(inTheGap.id)).toHaveLength(1);
  }, 180_000);
});
