import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { amount, openCampaign, seedOf } from './campaign.ts';

// A minute of it: FAULTS_SECONDS=60 npm run test:faults -- failing-calls
const SECONDS = amount('FAULTS_SECONDS', 8);

it('30 % of the calls to the table and the queue fail, some after they were done: callers get 202 or 503, nothing is lost or charged twice', {
  timeout: 240_000 + SECONDS * 3_000,
}, async () => {
  const campaign = await openCampaign('failing calls', { seed: seedOf(), repeats: true });
  await campaign.start({ failing: 0.3, conflicts: 0.3 });

  campaign.faultsOn(true);
  const driven = campaign.drive(SECONDS * 20);
  await delay(SECONDS * 1_000);
  campaign.faultsOn(false);
  await driven;

  // What nobody was told of is found by the sweeper, which looks after a minute.
  expect(await campaign.judge(), campaign.recipe).toEqual([]);
});
