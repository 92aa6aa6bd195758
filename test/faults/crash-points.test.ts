import { expect, it } from 'vitest';
import { amount, openCampaign, seedOf } from './campaign.ts';

// All points: FAULTS_POINTS=1000 npm run test:faults -- crash-points
const POINTS = amount('FAULTS_POINTS', 6);
const DIED_WITHIN_S = 30;
const MOST_DRIVES = 4;

it('dies before and after each kind of call between two effects: nothing is lost, nothing is done or charged twice', {
  timeout: 120_000 + POINTS * 30_000,
}, async () => {
  const campaign = await openCampaign('crash points', { seed: seedOf() });
  await campaign.start();
  const atStart = campaign.points();
  await campaign.drive(10);
  expect(await campaign.judge(), campaign.recipe).toEqual([]);
  const points = [...campaign.points()].filter(([point]) => isOfRuns(point) && !atStart.has(point));
  // What a run cannot do without: written, enqueued, claimed, recorded, its message deleted.
  const names = points.map(([point]) => point).join('\n');
  expect(names).toMatch(/TransactWriteItems\/after/);
  expect(names).toMatch(/SendMessage\/before/);
  expect(names).toMatch(/UpdateItem\/after/);
  expect(names).toMatch(/poller\/DeleteMessageBatch\/before/);
  await campaign.kill();

  const passed = shuffled(points.toSorted(), campaign.random).slice(0, POINTS);
  const missed: string[] = [];
  for (const [point, times] of passed) {
    const crash = { point, occurrence: 1 + Math.floor(campaign.random() * times) };
    // The start recovers runs, which may already pass the point.
    if (!(await campaign.start({ crash }))) continue;
    // Calls that come together share some, so that a point is not passed as often in each drive.
    for (let drive = 0; drive < MOST_DRIVES; drive += 1) {
      await Promise.race([campaign.drive(40), campaign.died(DIED_WITHIN_S)]);
      if (await campaign.died(1)) break;
    }
    if (!(await campaign.died(DIED_WITHIN_S))) {
      missed.push(`${point} ${crash.occurrence}`);
      await campaign.kill();
    }
  }
  await campaign.start();

  expect(await campaign.judge(), campaign.recipe).toEqual([]);
  expect(missed, campaign.recipe).toEqual([]);
});

/**
 * Whoever carries runs passes its points again with the next runs; what the others do depends on the
 * hour. Reading changes nothing, so that dying around it is dying around what comes before or after.
 */
function isOfRuns(point: string): boolean {
  const isCarrier = /^(poller|[^/]*(Webhook|Dispatch|RunSteps))/.test(point);
  return isCarrier && !/GetItem|Query|Describe|GetObject|Decrypt/.test(point);
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
