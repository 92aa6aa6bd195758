import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { changedCdkOut, openMachine, type TestMachine } from '#test/helpers/machine';
import { functionNamed } from '#test/helpers/policies';
import { startReceiver } from '#test/helpers/receiver';

/** Once an invocation has run for a moment, there is no time for a step of this length and the last writes. */
const STEP_SECONDS = 30;
const INVOCATION_SECONDS = 40;

const receiver = await startReceiver();
let machine: TestMachine;
let alice: ApiClient;

beforeAll(async () => {
  const cdkOut = await changedCdkOut((template) => {
    functionNamed(template, 'run-steps').Timeout = INVOCATION_SECONDS;
  });
  const egressAllow = [`127.0.0.1:${receiver.port}`];
  machine = await openMachine({ cdkOut, dataDir: temporaryDirectory(), egressAllow });
  const { body } = await send(`${machine.url}/local/token`, 'POST', { user: 'alice' });
  alice = apiClient(machine.url, body.access_token);
});
afterAll(() => machine.stop());

const post = (path: string, body: unknown) => ({
  type: 'http',
  timeout_seconds: STEP_SECONDS,
  config: { method: 'POST', url: `${receiver.url}${path}`, body },
});

/** Runs these actions. @returns the run, and what arrived at a path */
async function carried(actions: object[], path: string) {
  const agent = await alice.create({
    name: 'Long',
    trigger_config: { type: 'manual' },
    actions,
  });
  const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
  const run = await alice.finished(body.run_id);
  const arrived = receiver.requests.filter((request) => request.path === path);
  return { run, bodies: arrived.map(({ json }) => json) };
}

describe('a run that nears the end of its invocation', () => {
  it('goes on in the next one from where it was', async () => {
    const actions = [1, 2, 3].map((n) => post('/step', n));
    const before = machine.counters().state_transitions;

    const { run, bodies } = await carried(actions, '/step');

    expect(run).toMatchObject({ status: 'success', waiting_for: null });
    expect(run.steps.map(({ attempts }: { attempts: number }) => attempts)).toEqual([1, 1, 1]);
    expect(bodies).toEqual([1, 2, 3]);
    // Three invocations, each routed, and the end.
    await eventually(() => expect(machine.counters().state_transitions - before).toBe(7));
  });

  it('goes on inside of a loop, and does no item twice', async () => {
    const items = [1, 2, 3, 4, 5];
    const each = {
      type: 'for_each',
      config: { items, actions: [post('/item', '{{item}}')], concurrency: 2 },
    };

    const before = machine.counters().state_transitions;

    const { run, bodies } = await carried([each, post('/after', 1)], '/item');

    expect(run).toMatchObject({ status: 'success' });
    expect(machine.counters().state_transitions - before).toBeGreaterThan(5);
    expect(bodies.toSorted()).toEqual(items);
  });
});
