import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { amount, openCampaign, seedOf } from './campaign.ts';
import { ALL_WORKLOADS } from './workloads.ts';

// The whole of it: FAULTS_KILLS=200 npm run test:faults -- kills
const KILLS = amount('FAULTS_KILLS', 4);

it(`kill -9 at ${KILLS} random moments under load: nothing acknowledged is lost, nothing is done or charged twice`, {
  timeout: 240_000 + KILLS * 30_000,
}, async () => {
  const campaign = await openCampaign('kills', { seed: seedOf(), workloads: ALL_WORKLOADS });
  for (let kill = 0; kill < KILLS; kill += 1) {
    await campaign.start();
    const driven = campaign.drive(400);
    await campaign.acknowledge(5 + Math.floor(campaign.random() * 60));
    await delay(campaign.random() * 200);
    await campaign.kill();
    await driven;
  }
  await campaign.start();

  expect(await campaign.judge(), campaign.recipe).toEqual([]);
});
