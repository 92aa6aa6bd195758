import { expect, it } from 'vitest';
import { openCampaign, seedOf } from './campaign.ts';

it.each([2, 5])(
  'each message comes %i times, late and out of order: the outcome is the same',
  {
    timeout: 120_000,
  },
  async (copies) => {
    const campaign = await openCampaign(`${copies} copies`, { seed: seedOf() });
    await campaign.start({ copies });
    campaign.faultsOn(true);

    await campaign.drive(60);

    expect(await campaign.judge(), campaign.recipe).toEqual([]);
    expect(campaign.acknowledged).toHaveLength(60);
  },
);
