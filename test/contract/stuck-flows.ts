import { expect } from 'vitest';
import { askingRun } from '#test/contract/approval-flows';
import { opened, post, prepared, receiver, small } from '#test/contract/flow-machine';
import {
  client,
  type Flow,
  firstRunOf,
  over,
  succeeds,
  unlessDenied,
} from '#test/contract/flow-steps';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { changedCdkOut, changeItem } from '#test/helpers/machine';
import { forbid, functionNamed, logName } from '#test/helpers/policies';

/** A run whose approval could not be opened, and that is not waiting for it any more. */
export const askedAgain: Flow = {
  before: () => prepared('askedAgain', prepareUnasked),
  async go(machine, isDenied) {
    const alice = await client(machine);
    const runId = await firstRunOf(alice, undefined, isDenied);
    await unlessDenied(async () => {
      const { status } = await alice.post(`/api/agents/runs/${runId}/approve`, {});
      return status === 200 ? runId : undefined;
    }, isDenied);
    await succeeds(alice, runId, isDenied);
  },
};

async function prepareUnasked(): Promise<string> {
  const dataDir = temporaryDirectory();
  const directory = await changedCdkOut((template) => {
    forbid(template, { name: 'run-steps', on: 'table', action: 'dynamodb:PutItem' });
  });
  let runId = '';
  {
    await using machine = await opened(directory, dataDir);
    const alice = await client(machine);
    runId = await askingRun(alice, post('/take', {}));
    await eventually(() => expect(machine.log('RunStepsFunction')).toContain('not authorized'));
  }
  const queued = { ':queued': { S: 'queued' } };
  await changeItem(dataDir, `RUN#alice#${runId}`, 'SET #status = :queued', queued, {
    '#status': 'status',
  });
  return dataDir;
}

const givenUp: Flow['go'] = async (machine, isDenied) => {
  const alice = await client(machine);
  const run = await over(alice, await firstRunOf(alice, undefined, isDenied), isDenied);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'worker_crashed' } });
};

/** A run that has killed its worker twice is put aside the third time. */
export const poisoned: Flow = {
  before: () => prepared('poisoned', () => prepareStuck('dispatch', [post('/stuck', {})])),
  go: givenUp,
};

/** An operator has what was put aside worked off: its run is replayed, once. */
export const redriven: Flow = {
  ...poisoned,
  async go(machine, isDenied) {
    await givenUp(machine, isDenied);
    const admin = await client(machine, { role: 'admin' });
    const redrive = async () => (await admin.post('/api/admin/redrive', {})).body.items ?? [];
    const [first] = await unlessDenied(async () => {
      const items = await redrive();
      return items.length > 0 ? items : undefined;
    }, isDenied);
    expect(first).toMatchObject({ outcome: 'replayed', user_id: 'alice' });
    const { body } = await admin.get(`/api/agents/runs/${first.new_run_id}`);
    expect(body).toMatchObject({ triggered_by: 'replay', replay_of: first.run_id });
    // It would show up again if it had not been deleted; that it is not denied is shown at once.
    expect(await redrive()).toEqual([]);
    if (isDenied()) throw new Error('A denied call has stopped the flow');
    expect(machine.log('ApiFunction')).not.toContain('not authorized');
  },
};

/** The same for one that Step Functions carries. */
export const poisonedWorkflow: Flow = {
  before: () =>
    prepared('poisonedWorkflow', () =>
      prepareStuck('run-steps', [post('/stuck-workflow', {}), post('/take', {})]),
    ),
  go: givenUp,
};

/**
 * Its worker is killed at the function's own time-out, as Lambda does. The sweeper would find that
 * out in minutes, twice; what it would write is written here.
 */
async function prepareStuck(name: string, actions: ReturnType<typeof post>[]): Promise<string> {
  const dataDir = temporaryDirectory();
  const directory = await changedCdkOut((template) => {
    functionNamed(template, name).Timeout = 1;
  });
  let runId = '';
  {
    await using machine = await opened(directory, dataDir);
    const alice = await client(machine);
    const agent = { ...small, trigger_config: { type: 'manual' }, actions };
    const { id } = await alice.create(agent);
    const { body } = await alice.post(`/api/agents/${id}/run`, {});
    runId = body.run_id;
    await receiver.got(new URL(actions[0]?.config.url ?? '').pathname, 1);
    // After the time-out it is taken up again, and meets the claim of the worker that is gone.
    await eventually(() => expect(machine.log(logName(name))).toContain('"outcome":"held"'));
  }
  await changeItem(dataDir, `RUN#alice#${runId}`, 'SET claims = :two REMOVE claim_owner', {
    ':two': { N: '2' },
  });
  return dataDir;
}
