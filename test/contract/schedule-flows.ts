import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { opened, prepared, SECRET, small } from '#test/contract/flow-machine';
import { client, expectOk, type Flow, firstRunOf, succeeds } from '#test/contract/flow-steps';
import { send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { changedCdkOut, type Template } from '#test/helpers/machine';
import { forbid, forbidRole } from '#test/helpers/policies';

const onSchedule = (runAt: number) => ({
  ...small,
  trigger_config: { type: 'schedule', run_at: new Date(wholeSecond(runAt)).toISOString() },
});

function wholeSecond(at: number): number {
  return Math.ceil(at / 1_000) * 1_000;
}

/** An agent that runs at a time, and one that is deleted before its time. */
export const scheduled: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const alice = await client(machine);
    const other = await alice.create(onSchedule(Date.now() + 3_600_000));
    await expectOk(alice.request('DELETE', `/api/agents/${other.id}`));
    const { id } = await alice.create(onSchedule(Date.now() + 1_500));
    await succeeds(alice, await firstRunOf(alice, id, isDenied), isDenied);
    expect(machine.log('ApiFunction')).not.toContain('not authorized');
  },
};

/** A run that was written and never queued, and schedules that Scheduler was not told of. */
export const swept: Flow = {
  before: () => prepared('swept', prepareUnsent),
  async go(machine, isDenied) {
    const alice = await client(machine);
    await succeeds(alice, await firstRunOf(alice, undefined, isDenied), isDenied);
    // One schedule is created and one deleted in Scheduler, or refused.
    const told = () => machine.log('SweepFunction').split(/schedule (?:not )?applied/).length - 1;
    await eventually(() => expect(told()).toBeGreaterThanOrEqual(2));
    expect(machine.log('SweepFunction')).not.toContain('not authorized');
  },
};

async function prepareUnsent(): Promise<string> {
  const dataDir = temporaryDirectory();
  const directory = await changedCdkOut((template) => {
    forbid(template, { name: 'webhook', on: 'runQueue', action: 'sqs:SendMessage' });
    for (const action of ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule']) {
      forbid(template, { name: 'api', on: 'schedules', action });
      forbid(template, { name: 'sweep', on: 'schedules', action });
    }
  });
  await using machine = await opened(directory, dataDir);
  const alice = await client(machine);
  await alice.create(onSchedule(Date.now() + 3_600_000));
  const { id } = await alice.create(onSchedule(Date.now() + 3_600_000));
  await expectOk(alice.request('DELETE', `/api/agents/${id}`));
  const { webhook_url } = await alice.create(small);
  const headers = { 'x-webhook-secret': SECRET };
  expect((await send(webhook_url, 'POST', {}, { headers })).status).toBe(202);
  return dataDir;
}

/** A time that passed while nothing ran, and that Scheduler may not deliver. */
export const missed: Flow = {
  before: () => prepared('missed', prepareMissed),
  change: forbidFastPath,
  async go(machine, isDenied) {
    const alice = await client(machine);
    await succeeds(alice, await firstRunOf(alice, undefined, isDenied), isDenied);
  },
};

/** At a start the sweeper looks at nominal times that passed this long ago. */
const SWEPT_AFTER_MS = 31_000;

async function prepareMissed(): Promise<string> {
  const dataDir = temporaryDirectory();
  const directory = await changedCdkOut(forbidFastPath);
  let runAt = 0;
  {
    await using machine = await opened(directory, dataDir);
    runAt = Date.now() + 10_000;
    await (await client(machine)).create(onSchedule(runAt));
  }
  // Nothing can be awaited here: what the flow is about is that time passes.
  await delay(runAt + SWEPT_AFTER_MS - Date.now());
  return dataDir;
}

function forbidFastPath(template: Template): void {
  const taken = forbidRole(
    template,
    (role) => role.startsWith('SchedulesRole'),
    ({ Action }) => Action === 'sqs:SendMessage',
  );
  expect(taken).toBe(1);
}
