import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiClient } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const HOUR_MS = 3_600_000;
/** The sweeper looks once a minute. */
const TOLD_WITHIN_S = 80;

const receiver = await startReceiver();
const dataDir = temporaryDirectory();
const clockFile = join(dataDir, 'clock');
writeFileSync(clockFile, '0');
const product = await startProduct({
  dataDir,
  receivers: [receiver],
  env: { FAULTS: JSON.stringify({ seed: 1, clockFile }) },
});

async function subjectsTo(address: string): Promise<string[]> {
  const { items } = (await (await fetch(`${product.url}/local/mailbox`)).json()) as {
    items: { to: string[]; subject: string }[];
  };
  return items
    .filter(({ to }) => to.includes(address))
    .map(({ subject }) => subject)
    .toReversed();
}

describe('an agent that has not succeeded for hours', () => {
  it('is told of once, and once more when it works again', async () => {
    const address = 'hope@example.com';
    const api = apiClient(product.url, await product.token('hope', { email: address }));
    const agentOf = (name: string, absence_hours: number) =>
      api.create({
        name,
        trigger_config: { type: 'manual' },
        settings: { alert: { absence_hours } },
        actions: [{ type: 'http', config: { url: `${receiver.url}/${name}` } }],
      });
    const quiet = await agentOf('quiet', 1);
    await agentOf('patient', 3);
    const run = async (status = 'success') => {
      const { body } = await api.post(`/api/agents/${quiet.id}/run`, {});
      expect((await api.finished(body.run_id)).status).toBe(status);
    };
    // A failure long ago must not make the last success look newer than the absence.
    receiver.answer(() => ({ status: 422 }));
    await run('failed');
    receiver.answer(() => ({ status: 200 }));
    await run();
    expect(await subjectsTo(address)).toEqual([]);

    writeFileSync(clockFile, String(HOUR_MS + 60_000));
    await eventually(async () => {
      expect(await subjectsTo(address)).toEqual(['No success: quiet']);
    }, TOLD_WITHIN_S);

    await run();
    await eventually(async () => {
      expect(await subjectsTo(address)).toEqual(['No success: quiet', 'Works again: quiet']);
    }, TOLD_WITHIN_S);
  }, 200_000);
});
