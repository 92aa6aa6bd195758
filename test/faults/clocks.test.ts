import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openCampaign, seedOf } from './campaign.ts';

const FIVE_MINUTES_MS = 300_000;

it('workers whose clocks are wrong by up to five minutes, and clocks that are set forward and back under load: nothing is lost or done twice', {
  timeout: 240_000,
}, async () => {
  const campaign = await openCampaign('clocks', { seed: seedOf(), wrongClocks: true });
  await campaign.start({ skewMs: FIVE_MINUTES_MS });

  const driven = campaign.drive(120);
  for (const offset of [FIVE_MINUTES_MS, 0, -FIVE_MINUTES_MS, 0]) {
    await campaign.setClock(offset);
    await delay(800);
  }
  await driven;

  expect(await campaign.judge(), campaign.recipe).toEqual([]);
  expect(campaign.acknowledged).toHaveLength(120);
});
