import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';
import { afterAll, expect, it } from 'vitest';
import { createLambdaRuntime } from '#local/lambda/runtime';
import { prepare } from '#local/preparation';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import { functionFolders } from '#test/helpers/functions';
import { cdkOut } from '#test/helpers/machine';
import { startReceiver } from '#test/helpers/receiver';

// The deployed bundles and the services that they call, but nothing that would send them events.
const receiver = await startReceiver();
const services = new AsyncDisposableStack();
const dataDir = temporaryDirectory();
const logDirectory = join(dataDir, 'logs');
mkdirSync(logDirectory, { recursive: true });
const directory = await cdkOut();
const { plan, issuer } = await prepare(
  {
    port: 0,
    dataDir,
    logDirectory,
    url: 'http://localhost:3000',
    publicUrl: 'http://localhost:3000',
    accountId: '000000000000',
    region: 'us-east-1',
    egressAllow: [new URL(receiver.url).host],
    synthesize: async () => ({ cdkOut: directory, note: '' }),
    report: { step() {}, problem() {} },
  },
  services,
);
const runtime = createLambdaRuntime(plan.functions, {
  onInitFailure() {},
  onCalls() {},
  onMeasurements() {},
  onIdle() {},
});
afterAll(async () => {
  await runtime.stop(0);
  await services.disposeAsync();
});

/** The sample of a function, with what only a test knows put in. */
function sample<Event>(name: string, replace: Readonly<Record<string, string>> = {}): Event {
  let text = readFileSync(join(ROOT, 'events', `${name}.json`), 'utf8');
  for (const [from, to] of Object.entries(replace)) {
    expect(text).toContain(from);
    text = text.replaceAll(from, to);
  }
  return JSON.parse(text);
}

async function invoke(name: string, event: unknown) {
  const found = plan.functions.find(({ functionName }) =>
    functionName.toLowerCase().includes(name),
  );
  const result = await runtime.invoke(found?.functionName ?? '', JSON.stringify(event));
  if (result.status === 'failed') throw new Error(JSON.stringify(result.error));
  const answer = JSON.parse(result.payload);
  return typeof answer?.body === 'string' ? { ...answer, body: JSON.parse(answer.body) } : answer;
}

async function authorized(name: string, replace: Readonly<Record<string, string>> = {}) {
  const token = await issuer.issue({ user: 'alice', isAdmin: false });
  return sample<APIGatewayProxyEventV2>(name, { TOKEN: token, ...replace });
}

it('there is a sample for each function', () => {
  const files = readdirSync(join(ROOT, 'events')).filter((file) => file.endsWith('.json'));
  const folders = functionFolders();
  expect(files.toSorted()).toEqual(folders.map((folder) => `${folder}.json`).toSorted());
});

it('the samples lead from an agent to its finished run', async () => {
  const created = await invoke(
    'api',
    await authorized('api', { 'https://hooks.example.com': receiver.url }),
  );
  expect(created).toMatchObject({ statusCode: 201, body: { name: 'Lead router' } });

  const delivered = await invoke(
    'webhook',
    sample('webhook', { agt_01kb7q3r8s5t2v9w4x6y1z0a3b: created.body.id }),
  );
  expect(delivered).toMatchObject({ statusCode: 202, body: { duplicate: false } });

  const runId: string = delivered.body.run_id;
  const dispatched = await invoke(
    'dispatch',
    sample<SQSEvent>('dispatch', { run_01kb7q4c9d2e5f8g1h3j6k7m0n: runId }),
  );
  expect(dispatched).toEqual({ batchItemFailures: [] });
  const [request] = await receiver.got('/leads');
  expect(request?.json).toEqual({ text: 'New lead: ada@example.com' });

  const event = await authorized('api');
  const path = `/api/agents/runs/${runId}`;
  const read = await invoke('api', {
    ...event,
    body: undefined,
    rawPath: path,
    requestContext: {
      ...event.requestContext,
      http: { ...event.requestContext.http, method: 'GET', path },
    },
  });
  expect(read).toMatchObject({
    statusCode: 200,
    body: {
      status: 'success',
      trigger: { body: { email: 'ada@example.com' }, query: { campaign: 'spring' } },
    },
  });
});

it('the message of a run that is not there has nothing to do', async () => {
  expect(await invoke('dispatch', sample('dispatch'))).toEqual({ batchItemFailures: [] });
});

it('the sample of run-steps about a run that is not there has nothing to do', async () => {
  expect(await invoke('runsteps', sample('run-steps'))).toEqual({ next: 'done' });
});

it('the sample of token-claims puts the verified address into the access token', async () => {
  const event = sample<{ request: { userAttributes: object } }>('token-claims');
  const claims = { email: 'ada@example.com', email_verified: 'true' };
  expect((await invoke('tokenclaims', event)).response).toEqual({
    claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: claims } },
  });

  const request = { ...event.request, userAttributes: { ...claims, email_verified: 'false' } };
  expect((await invoke('tokenclaims', { ...event, request })).response).toEqual({});
});

it('the sample of sweep starts a sweep', async () => {
  expect(await invoke('sweep', sample('sweep'))).toEqual({ looked: 0, enqueued: 0 });
});

it('the sample of seed makes the five automations of the product, once', async () => {
  expect(await invoke('seed', sample('seed'))).toEqual({ made: 5, changed: 0 });
  expect(await invoke('seed', sample('seed'))).toEqual({ made: 0, changed: 0 });
});

it('the sample of publish puts the site into its bucket', async () => {
  const { published } = await invoke('publish', sample('publish'));
  expect(published).toBeGreaterThan(20);
});

it('the sample of mail-events puts its address on the list', async () => {
  expect(await invoke('mailevents', sample('mail-events'))).toEqual({ suppressed: 1 });
});
