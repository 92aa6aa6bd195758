import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openCampaign, seedOf } from './campaign.ts';
import { ALL_WORKLOADS } from './workloads.ts';

it('executions are stopped from outside: their runs fail and say so, and give back what they did not use; others are not concerned', {
  timeout: 240_000,
}, async () => {
  const campaign = await openCampaign('aborts', {
    seed: seedOf(),
    aborts: true,
    workloads: ALL_WORKLOADS,
  });
  await campaign.start({ aborts: 0.05 });
  campaign.faultsOn(true);
  const driven = campaign.drive(90);
  await delay(4_000);
  await driven;
  campaign.faultsOn(false);

  expect(await campaign.judge(), campaign.recipe).toEqual([]);
  expect(campaign.failed(), 'nothing was stopped').toBeGreaterThan(0);
});
