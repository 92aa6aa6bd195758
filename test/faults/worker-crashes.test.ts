import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openCampaign, seedOf } from './campaign.ts';

it('environments of functions end in the middle of calls: each run ends, nothing is lost or charged twice', {
  timeout: 240_000,
}, async () => {
  const campaign = await openCampaign('worker crashes', { seed: seedOf(), anyDeath: true });
  await campaign.start({ workerCrashes: 0.01 });
  campaign.faultsOn(true);
  const driven = campaign.drive(100);
  await delay(6_000);
  campaign.faultsOn(false);
  await driven;

  expect(await campaign.judge(), campaign.recipe).toEqual([]);
});
