import { afterAll, describe, expect, it } from 'vitest';
import { isAsked } from '#test/contract/approval-flows';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { executionsOf } from '#test/helpers/executions';
import { cdkOut, changedCdkOut, openMachine, type TestMachine } from '#test/helpers/machine';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
let release = () => {};
receiver.answer(({ path }) => {
  if (path !== '/held') return {};
  return new Promise((resolve) => {
    release = () => resolve({});
  });
});
const machines: TestMachine[] = [];
afterAll(() => Promise.all(machines.map((machine) => machine.stop())));

const post = (path: string) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body: {} },
});
const delay = { type: 'delay', config: { seconds: 3_600 } };
const approval = { type: 'approval', config: { message: 'Go on?' } };

async function opened(directory: string): Promise<TestMachine> {
  const egressAllow = [`127.0.0.1:${receiver.port}`];
  const machine = await openMachine({
    cdkOut: directory,
    dataDir: temporaryDirectory(),
    egressAllow,
  });
  machines.push(machine);
  return machine;
}

async function user({ url }: TestMachine, name: string): Promise<ApiClient> {
  const { body } = await send(`${url}/local/token`, 'POST', { user: name, plan: 'free' });
  return apiClient(url, body.access_token);
}

async function started(alice: ApiClient, actions: object[], settings = {}): Promise<string> {
  const trigger_config = { type: 'manual' };
  const { id } = await alice.create({ name: 'Stopped', trigger_config, actions, settings });
  return (await alice.post(`/api/agents/${id}/run`, {})).body.run_id;
}

async function inStatus(alice: ApiClient, runId: string, status: string): Promise<void> {
  await eventually(async () => {
    expect((await alice.get(`/api/agents/runs/${runId}`)).body.status).toBe(status);
  });
}

/** As somebody does in the console of Step Functions. */
async function stopExecution(machine: TestMachine, runId: string): Promise<void> {
  const executions = executionsOf(machine);
  const running = await eventually(async () => {
    const execution = await executions.of(runId);
    if (execution?.status !== 'RUNNING') throw new Error(`It is ${execution?.status}`);
    return execution;
  });
  await executions.stop(running);
}

/** Nothing of it is left: it says why it ended, and holds neither slot nor credits. */
async function closed(alice: ApiClient, runId: string): Promise<void> {
  const run = await alice.finished(runId);
  expect(run).toMatchObject({
    status: 'failed',
    error: { code: 'workflow_stopped', message: expect.stringContaining('Replay') },
  });
  await eventually(async () => {
    const { concurrency, credits } = (await alice.get('/api/usage')).body;
    expect(concurrency.running).toBe(0);
    expect(credits.reserved).toBe(0);
  });
}

describe('an execution that is stopped from outside', () => {
  it('closes its run, whatever it was doing', async () => {
    const machine = await opened(await cdkOut());
    const alice = await user(machine, 'alice');

    const delayed = await started(alice, [post('/first'), delay, post('/never')]);
    await inStatus(alice, delayed, 'waiting');
    await stopExecution(machine, delayed);
    await closed(alice, delayed);

    const asking = await started(alice, [approval, post('/never')]);
    await isAsked(alice);
    await stopExecution(machine, asking);
    await closed(alice, asking);
    expect((await alice.get('/api/agents/approvals')).body.items).toEqual([]);

    const working = await started(alice, [post('/held'), post('/never')]);
    await receiver.got('/held', 1);
    await stopExecution(machine, working);
    await inStatus(alice, working, 'failed');
    release();
    await closed(alice, working);

    expect(receiver.requests.filter(({ path }) => path === '/never')).toEqual([]);
  });

  it('closes its run that waits for a slot, and gives back those that it had', async () => {
    const machine = await opened(await cdkOut());
    const alice = await user(machine, 'alice');
    // Before its first step it would wait for a slot without an execution.
    const parked = await started(alice, [approval, post('/never')], { max_concurrent_runs: 1 });
    await isAsked(alice);
    const before = receiver.requests.filter(({ path }) => path === '/held').length;
    const busy = await started(alice, [post('/held'), post('/second')]);
    await receiver.got('/held', before + 1);
    const letGo = release;
    const other = await started(alice, [post('/held'), post('/second')]);
    await receiver.got('/held', before + 2);
    expect((await alice.post(`/api/agents/runs/${parked}/approve`, {})).status).toBe(200);
    await inStatus(alice, parked, 'waiting');

    await stopExecution(machine, parked);
    await inStatus(alice, parked, 'failed');
    letGo();
    release();
    await alice.finished(busy);
    await alice.finished(other);

    await closed(alice, parked);
  });

  it('closes its run when it has taken longer than an execution may', async () => {
    const directory = await changedCdkOut((template) => {
      const [machine] = Object.values(template.Resources).filter(
        ({ Type }) => Type === 'AWS::StepFunctions::StateMachine',
      );
      const definition = JSON.parse(machine?.Properties.DefinitionString);
      if (machine === undefined) throw new Error('The template has no state machine.');
      machine.Properties.DefinitionString = JSON.stringify({ ...definition, TimeoutSeconds: 2 });
    });
    const alice = await user(await opened(directory), 'alice');

    const runId = await started(alice, [post('/first'), delay]);

    await closed(alice, runId);
  });
});
