import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { systemAgentId } from '#core/system';
import { alerted } from '#test/contract/alert-flows';
import { approvedFlow, askingRun, timedOutFlow } from '#test/contract/approval-flows';
import {
  client,
  expectOk,
  type Flow,
  firstRunOf,
  over,
  succeeds,
  unlessDenied,
} from '#test/contract/flow-steps';
import { returned } from '#test/contract/mail-flow';
import { meteredFlow, meteredLateFlow } from '#test/contract/usage-flows';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import {
  cdkOut,
  changedCdkOut,
  changeItem,
  copyOf,
  openMachine,
  type Template,
  type TestMachine,
  temporaryDirectory,
} from '#test/helpers/machine';
import { forbid, forbidRole, functionNamed, logName } from '#test/helpers/policies';
import { startReceiver } from '#test/helpers/receiver';
import { handedOver } from './handed-over-flow.ts';
import { letInFlow } from './let-in-flow.ts';

const SECRET = 'a-secret-of-sixteen';
const receiver = await startReceiver();
receiver.answer(({ path, headers }) => {
  if (path === '/large') return { body: { text: 'x'.repeat(300_000) } };
  if (path.startsWith('/stuck')) return new Promise(() => {});
  if (path === '/hold') return delay(1_500).then(() => ({}));
  const key = headers['idempotency-key'];
  const attempts = receiver.requests.filter((one) => one.headers['idempotency-key'] === key);
  return { status: path === '/busy-once' && attempts.length === 1 ? 503 : 200 };
});

const post = (path: string, body: unknown) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body },
});
const small = {
  name: 'Small',
  trigger_config: { type: 'webhook', secret: SECRET },
  actions: [post('/take', {})],
};
const large = {
  ...small,
  settings: { retry: { max_attempts: 2, initial_delay_seconds: 0 } },
  actions: [
    { type: 'http', config: { url: `${receiver.url}/large` } },
    post('/busy-once', { some: 'x'.repeat(10_000) }),
    post('/take', '{{steps.0.output.json}}'),
    post('/take', '{{trigger.body}}'),
  ],
};
const onSchedule = (runAt: number) => ({
  ...small,
  trigger_config: { type: 'schedule', run_at: new Date(wholeSecond(runAt)).toISOString() },
});

function wholeSecond(at: number): number {
  return Math.ceil(at / 1_000) * 1_000;
}

/** Starts a machine whose agents may call the receiver; it stops when it goes out of scope. */
export async function opened(
  directory: string,
  dataDir: string,
): Promise<TestMachine & AsyncDisposable> {
  const egressAllow = [`127.0.0.1:${receiver.port}`];
  const parameters = { ModelId: 'amazon.nova-lite-v1:0', ModelProfile: 'us.amazon.nova-lite-v1:0' };
  const machine = await openMachine({ cdkOut: directory, dataDir, egressAllow, parameters });
  return { ...machine, [Symbol.asyncDispose]: () => machine.stop() };
}

/** Everything that users do, and what follows from it. */
const usual: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const alice = await client(machine);
    const agent = await alice.create(large);
    const path = `/api/agents/${agent.id}`;
    await expectOk(alice.get(path), alice.get('/api/agents'), alice.get('/api/health?deep=1'));

    const headers = { 'x-webhook-secret': SECRET };
    const body = { text: 'y'.repeat(400_000) };
    const called = await send(agent.webhook_url, 'POST', body, { headers });
    expect(called.status).toBe(202);
    await succeeds(alice, called.body.run_id, isDenied);
    const started = await alice.post(`${path}/run`, body);
    expect(started.status).toBe(202);
    await succeeds(alice, started.body.run_id, isDenied);
    await runAlone(alice, body, isDenied);
    await callSigned(alice);
    await sendMail(alice, isDenied);
    await useConnection(alice, isDenied);
    await useApiKey(alice, machine);
    await exportFile(alice, isDenied);
    await askModel(alice);

    await expectOk(
      alice.get(`${path}/runs`),
      alice.get('/api/agents/runs'),
      alice.get(`/api/agents/runs/${started.body.run_id}/logs`),
    );
    await expectOk(alice.request('DELETE', path));
    await expectOk(alice.request('DELETE', '/api/account'));
  },
};

/** Runs of a single action, which are worked off without Step Functions. */
async function runAlone(alice: ApiClient, body: object, isDenied: () => boolean): Promise<void> {
  const retried = { max_attempts: 2, initial_delay_seconds: 0 };
  const busy = post('/busy-once', { some: 'x'.repeat(10_000) });
  for (const action of [busy, post('/take', '{{trigger.body}}')]) {
    const { id } = await alice.create({
      ...small,
      actions: [action],
      settings: { retry: retried },
    });
    const started = await alice.post(`/api/agents/${id}/run`, body);
    await succeeds(alice, started.body.run_id, isDenied);
  }
}

/** A step that sends an e-mail, and the same step tried without an agent. */
async function sendMail(alice: ApiClient, isDenied: () => boolean): Promise<void> {
  const step = {
    type: 'email',
    config: { to: ['ada@example.com'], subject: 'Hello', body: 'Hello, Ada.' },
  };
  const { id } = await alice.create({
    ...small,
    trigger_config: { type: 'manual' },
    actions: [step],
  });
  const started = await alice.post(`/api/agents/${id}/run`, {});
  await succeeds(alice, started.body.run_id, isDenied);
  const twice = await alice.create({ ...small, actions: [step, { ...step, id: 'again' }] });
  const workflow = await alice.post(`/api/agents/${twice.id}/run`, {});
  await succeeds(alice, workflow.body.run_id, isDenied);
  const tried = await alice.post('/api/agents/test-step', { action: step });
  expect(tried.body).toMatchObject({ status: 'success' });
}

/** Steps that ask the deployment's own model, which answers here that it is not there. */
async function askModel(alice: ApiClient): Promise<void> {
  const action = { type: 'run_agent', config: { agent_name: 'Content Agent', prompt: 'Hello.' } };
  const told = 'Amazon Bedrock answered 400';
  const tried = await alice.post('/api/agents/test-step', { action });
  expect(tried.body.error?.message).toContain(told);
  for (const actions of [[action], [action, { ...action, id: 'again' }]]) {
    const { id } = await alice.create({ ...small, actions });
    const started = await alice.post(`/api/agents/${id}/run`, {});
    const run = await alice.finished(started.body.run_id);
    expect(run.error?.message).toContain(told);
  }
}

/** A step that writes a file, in a run and tried alone; each time its link is opened. */
async function exportFile(alice: ApiClient, isDenied: () => boolean): Promise<void> {
  const action = { type: 'run_agent', config: { agent_name: 'Export Agent', input: [{ n: 1 }] } };
  const tried = await alice.post('/api/agents/test-step', { action });
  expect(tried.body.status, JSON.stringify(tried.body)).toBe('success');
  const outputs = [tried.body.output];
  for (const actions of [[action], [action, { ...action, id: 'again' }]]) {
    const { id } = await alice.create({ ...small, actions });
    const started = await alice.post(`/api/agents/${id}/run`, {});
    await succeeds(alice, started.body.run_id, isDenied);
    outputs.push((await alice.finished(started.body.run_id)).steps[0].output);
  }
  for (const { url } of outputs) {
    const file = await send(url, 'GET');
    if (file.status !== 200) throw new Error(file.body);
    expect(file.body).toContain('n\r\n1\r\n');
  }
}

async function useConnection(alice: ApiClient, isDenied: () => boolean): Promise<void> {
  const { body: connection } = await alice.post('/api/connections', {
    kind: 'http_bearer',
    name: 'Receiver',
    allowed_hosts: [receiver.url],
    secret: { token: 'a-token-for-the-receiver' },
  });
  await expectOk(alice.get('/api/connections'));
  const auth = { connection_id: connection.id };
  const action = { type: 'http', config: { url: `${receiver.url}/take`, auth } };
  const tried = await alice.post('/api/agents/test-step', { action });
  expect(tried.body.status, JSON.stringify(tried.body)).toBe('success');
  for (const actions of [[action], [action, action]]) {
    const agent = await alice.create({ ...small, actions });
    const started = await alice.post(`/api/agents/${agent.id}/run`, {});
    await succeeds(alice, started.body.run_id, isDenied);
  }
  await expectOk(alice.request('DELETE', `/api/connections/${connection.id}`));
}

async function useApiKey(alice: ApiClient, { url }: TestMachine): Promise<void> {
  const { body: made } = await alice.post('/api/keys', { name: 'Program' });
  await expectOk(apiClient(url, made.key).get('/api/agents'), alice.get('/api/keys'));
  await expectOk(alice.request('DELETE', `/api/keys/${made.id}`));
}

async function callSigned(alice: ApiClient): Promise<void> {
  const trigger_config = { type: 'webhook', auth: 'github', secret: SECRET };
  const { webhook_url } = await alice.create({ ...small, trigger_config });
  const raw = '{"signed":true}';
  const signature = createHmac('sha256', SECRET).update(raw).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-hub-signature-256': `sha256=${signature}`,
    'x-github-delivery': 'delivery-1',
  };
  expect((await send(webhook_url, 'POST', undefined, { raw, headers })).status).toBe(202);
}

/** An automation of the product's own, which counts what others did. */
const counted: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const admin = await client(machine, { role: 'admin' });
    const agent = await admin.create(small);
    await succeeds(admin, (await admin.post(`/api/agents/${agent.id}/run`)).body.run_id, isDenied);
    const { body } = await admin.post(`/api/agents/${systemAgentId('error-report')}/run`);
    await succeeds(admin, body.run_id, isDenied);
  },
};

/** An agent that runs at a time, and one that is deleted before its time. */
const scheduled: Flow = {
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
const swept: Flow = {
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
const missed: Flow = {
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

/** A run whose approval could not be opened, and that is not waiting for it any more. */
const askedAgain: Flow = {
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
const poisoned: Flow = {
  before: () => prepared('poisoned', () => prepareStuck('dispatch', [post('/stuck', {})])),
  go: givenUp,
};

/** An operator has what was put aside worked off: its run is replayed, once. */
const redriven: Flow = {
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
const poisonedWorkflow: Flow = {
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

/** More runs than may be at once: each that ends lets in one of the other kind. */
const crowded: Flow = {
  before: async () => temporaryDirectory(),
  async go({ url }, isDenied) {
    const { body } = await send(`${url}/local/token`, 'POST', { user: 'carol', plan: 'free' });
    const carol = apiClient(url, body.access_token);
    const manual = { ...small, trigger_config: { type: 'manual' } };
    const single = await carol.create({ ...manual, actions: [post('/hold', {})] });
    const several = await carol.create({
      ...manual,
      actions: [post('/hold', {}), post('/take', {})],
    });
    const started: string[] = [];
    for (const { id } of [single, single, several, several, single, single]) {
      const reply = await carol.post(`/api/agents/${id}/run`, {});
      expect(reply.status).toBe(202);
      started.push(reply.body.run_id);
    }
    for (const runId of started) await succeeds(carol, runId, isDenied);
  },
};

/** All of them. */
export const flows = {
  alerted,
  crowded,
  metered: meteredFlow(post('/take', {})),
  meteredLate: meteredLateFlow(post('/take', {})),
  letIn: letInFlow([post('/hold', {}), post('/take', {})], post('/take', {})),
  letInByDispatch: letInFlow([post('/hold', {})], post('/take', {})),
  usual,
  returned,
  counted,
  approved: approvedFlow(post('/take', {})),
  timedOut: timedOutFlow(post('/take', {})),
  askedAgain,
  scheduled,
  swept,
  missed,
  poisoned,
  redriven,
  poisonedWorkflow,
  handedOver,
};

const directories = new Map<keyof typeof flows, Promise<string>>();

/** Prepares a directory once, and gives each caller a copy. */
async function prepared(name: keyof typeof flows, prepare: () => Promise<string>): Promise<string> {
  const preparing = directories.get(name) ?? prepare();
  directories.set(name, preparing);
  return copyOf(await preparing);
}

/** The assembly that a flow runs on, changed once more by `change`. */
export function assemblyFor(flow: Flow, change?: (template: Template) => void): Promise<string> {
  if (flow.change === undefined && change === undefined) return cdkOut();
  return changedCdkOut((template) => {
    flow.change?.(template);
    change?.(template);
  });
}
