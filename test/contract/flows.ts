import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { systemAgentId } from '#core/system';
import { alerted } from '#test/contract/alert-flows';
import { approvedFlow, timedOutFlow } from '#test/contract/approval-flows';
import { heldStep, post, receiver, SECRET, small } from '#test/contract/flow-machine';
import {
  client,
  expectOk,
  type Flow,
  isInLine,
  slotsAreTaken,
  succeeds,
} from '#test/contract/flow-steps';
import { returned } from '#test/contract/mail-flow';
import { missed, scheduled, swept } from '#test/contract/schedule-flows';
import { askedAgain, poisoned, poisonedWorkflow, redriven } from '#test/contract/stuck-flows';
import { meteredFlow, meteredLateFlow } from '#test/contract/usage-flows';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { cdkOut, changedCdkOut, type Template, type TestMachine } from '#test/helpers/machine';
import { handedOver } from './handed-over-flow.ts';
import { letInFlow } from './let-in-flow.ts';
import { together } from './together-flow.ts';

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

/** More runs than may be at once: each that ends lets in one of the other kind. */
const crowded: Flow = {
  before: async () => temporaryDirectory(),
  async go(machine, isDenied) {
    const carol = await client(machine, { user: 'carol', plan: 'free' });
    const start = async (...actions: object[]): Promise<string> => {
      const { id } = await carol.create({ ...small, trigger_config: { type: 'manual' }, actions });
      const { status, body } = await carol.post(`/api/agents/${id}/run`, {});
      expect(status).toBe(202);
      return body.run_id;
    };
    const { step, letGo } = heldStep();
    const holders = [await start(step), await start(step)];
    await slotsAreTaken(carol);
    const take = post('/take', {});
    const others: string[] = [];
    for (const actions of [[take, take], [take, take], [take], [take]]) {
      others.push(await start(...actions));
    }
    for (const runId of others) await isInLine(carol, runId, isDenied);
    letGo();
    for (const runId of [...holders, ...others]) await succeeds(carol, runId, isDenied);
  },
};

/** All of them. */
export const flows = {
  alerted,
  crowded,
  metered: meteredFlow(post('/take', {})),
  meteredLate: meteredLateFlow(post('/take', {})),
  letIn: letInFlow([post('/take', {})], post('/take', {})),
  letInByDispatch: letInFlow([], post('/take', {})),
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
  together,
};

/** The assembly that a flow runs on, changed once more by `change`. */
export function assemblyFor(flow: Flow, change?: (template: Template) => void): Promise<string> {
  if (flow.change === undefined && change === undefined) return cdkOut();
  return changedCdkOut((template) => {
    flow.change?.(template);
    change?.(template);
  });
}
