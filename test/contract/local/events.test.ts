import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, expect, it, vi } from 'vitest';
import { eventBridgeUsage } from '#adapters/eventbridge-usage';
import type { UsageEvent } from '#core/limits/usage-events';
import { openJsonClient } from '#local/json-client';
import { createSdkHandler } from '#local/sdk-handler';
import { startEventBridge } from '#local/services/events';
import type { PolicyStatement, SdkRequestHandler } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { PLACE } from './small-stack.ts';

// The adapter's client finds its way to AWS where a machine leaves it.
let carrier: SdkRequestHandler;
let asked = 0;
const passing: SdkRequestHandler = {
  handle(...call) {
    asked += 1;
    return carrier.handle(...call);
  },
  destroy: () => undefined,
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
};
Object.assign(globalThis, { [Symbol.for('crucibai.aws-request-handler')]: passing });
vi.stubEnv('AWS_REGION', PLACE.region);

const opened: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of opened.splice(0).reverse()) await close();
});

const onBus = (bus: string): PolicyStatement => ({
  effect: 'Allow',
  actions: ['events:PutEvents'],
  resources: [`arn:aws:events:${PLACE.region}:${PLACE.accountId}:event-bus/${bus}`],
  conditions: [],
});

async function start(statements: readonly PolicyStatement[] = [onBus('usage'), onBus('nobody-s')]) {
  const directory = temporaryDirectory();
  const events = await startEventBridge({ ...PLACE, dataDir: directory });
  opened.push(events.close);
  const admin = openJsonClient(events.endpoint);
  await admin.call('AWSEvents.CreateEventBus', { Name: 'usage' });
  admin.close();
  const nowhere = 'http://127.0.0.1:1';
  carrier = createSdkHandler({
    functionName: 'Worker',
    roleArn: 'arn:aws:iam::000000000000:role/worker',
    statements,
    region: PLACE.region,
    endpoints: {
      dynamodb: nowhere,
      sqs: nowhere,
      s3: nowhere,
      scheduler: nowhere,
      kms: nowhere,
      states: nowhere,
      ses: nowhere,
      events: events.endpoint,
    },
  });
  opened.push(carrier.destroy);
  return events;
}

function client(): EventBridgeClient {
  return new EventBridgeClient({
    requestHandler: passing as never,
    region: PLACE.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

const entry = { EventBusName: 'usage', Source: 'ours', DetailType: 'Thing', Detail: '{"a":1}' };
const event: UsageEvent = {
  id: 'run_1',
  run_id: 'run_1',
  user_id: 'alice',
  agent_id: 'agt_1',
  plan: 'free',
  status: 'success',
  triggered_by: 'manual',
  triggered_at: '2026-11-22T09:00:00.000Z',
  started_at: '2026-11-22T09:00:00.100Z',
  finished_at: '2026-11-22T09:00:01.000Z',
  credits_charged: 1,
  cost_usd: 0,
};

it('keeps what is put on a bus, as rules would see it', async () => {
  const { kept } = await start();

  await eventBridgeUsage('usage').publish(event);

  expect(kept.newestFirst()).toEqual([
    {
      version: '0',
      id: expect.any(String),
      'detail-type': 'Run settled',
      source: 'crucibai.agents',
      account: PLACE.accountId,
      time: '2026-11-22T09:00:01Z',
      region: PLACE.region,
      resources: [],
      detail: event,
    },
  ]);
  kept.clear();
  expect(kept.newestFirst()).toEqual([]);
});

it('takes some of several, and says what is wrong with the others', async () => {
  const { kept } = await start();
  const { Source: _, ...nameless } = entry;

  const answer = await client().send(
    new PutEventsCommand({ Entries: [entry, { ...entry, Detail: '[]' }, nameless] }),
  );

  expect(answer.FailedEntryCount).toBe(2);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'MalformedDetail',
    'InvalidArgument',
  ]);
  expect(kept.newestFirst()).toHaveLength(1);
});

it.each([
  ['more than ten events', Array(11).fill(entry), 'ValidationException'],
  ['a field that is not emulated', [{ ...entry, TraceHeader: 'x' }], 'ValidationException'],
  [
    'a bus that is not there',
    [{ ...entry, EventBusName: 'nobody-s' }],
    'ResourceNotFoundException',
  ],
  ['a bus of others', [{ ...entry, EventBusName: 'theirs' }], 'AccessDeniedException'],
])('refuses %s', async (_, Entries, name) => {
  await start();

  await expect(client().send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({ name });
});

it('is not asked again for a while once it has failed', async () => {
  await start([]);
  vi.useFakeTimers({ toFake: ['Date'] });
  const usage = eventBridgeUsage('usage');
  await expect(usage.publish(event)).rejects.toThrow('not authorized');
  const before = asked;

  await expect(usage.publish(event)).rejects.toThrow('has just failed');
  expect(asked).toBe(before);

  vi.setSystemTime(Date.now() + 10_001);
  await expect(usage.publish(event)).rejects.toThrow('not authorized');
});
