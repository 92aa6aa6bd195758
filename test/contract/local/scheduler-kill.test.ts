import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openJsonClient } from '#local/json-client';
import { startScheduler } from '#local/services/scheduler';
import type { World } from '#local/services/scheduler/world';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import {
  type ManualClock,
  manualClock,
  messageSchedule,
  received,
  startMachine,
} from './scheduler-stack.ts';
import { deployed, PLACE, smallStack } from './small-stack.ts';

/** A machine that makes schedules until it is killed; `lines` grows while it lives. */
function startProcess(directory: string, mode: string) {
  const script = fileURLToPath(import.meta.resolve('./killed-scheduler.ts'));
  const child = spawn(process.execPath, [script, directory, mode], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((settle) => child.once('close', settle));
  child.kill('SIGKILL');
  await ended;
}

it('loses no acknowledged schedule to kill -9', async () => {
  const directory = temporaryDirectory();
  const { child, lines } = startProcess(directory, 'create');
  await eventually(() => expect(lines.length).toBeGreaterThan(100), 30);
  await kill(child);

  const clock = manualClock('2098-12-31T23:30:00Z');
  const machine = await startMachine(directory, { clock });
  clock.advanceTo('2099-01-01T00:00:00Z');

  const names: string[] = [];
  await eventually(async () => {
    for (const { body } of await received(machine)) names.push(JSON.parse(body).name);
    expect(names).toEqual(expect.arrayContaining(lines));
  });
  expect(new Set(names).size).toBe(names.length);
  await machine.close();
});

it('delivers what came due before kill -9, if need be twice', async () => {
  const directory = temporaryDirectory();
  const { child, lines } = startProcess(directory, 'fire');
  await eventually(() => expect(lines).toContain('fired'), 30);
  await kill(child);

  const machine = await startMachine(directory, {
    clock: manualClock('2099-01-01T00:01:00Z'),
  });

  const names = new Set<string>();
  await eventually(async () => {
    for (const { body } of await received(machine)) names.add(JSON.parse(body).name);
    expect(names.size).toBe(300);
  });
  await machine.close();
});

/** A scheduler without the rest of a machine. @param send takes the bodies of messages. */
async function startAlone(dataDir: string, clock: ManualClock, send: (body: string) => unknown) {
  const problems: string[] = [];
  const world: World = {
    mayAssume: () => true,
    allows: () => true,
    async sendMessage(input) {
      await send(String(input['MessageBody']));
      return undefined;
    },
    invoke: async () => undefined,
    onProblem: (message) => problems.push(message),
  };
  const scheduler = await startScheduler({ dataDir, ...PLACE, clock });
  scheduler.run(world);
  const client = openJsonClient(scheduler.endpoint);
  onTestFinished(() => client.close());
  return {
    scheduler,
    problems,
    create(name: string, retries?: number) {
      const deployment = deployed({
        Resources: { ...smallStack(), Caller: { Type: 'AWS::IAM::Role', Properties: {} } },
      });
      const { Target, ...schedule } = messageSchedule({ deployment }, name);
      const QueueUrl = deployment.physical('Work');
      const MessageBody = `${name} <aws.scheduler.attempt-number>`;
      return client.call('AWSChronosService.CreateSchedule', {
        ...schedule,
        GroupName: 'default',
        Target: {
          ...Target,
          Input: JSON.stringify({ QueueUrl, MessageBody }),
          ...(retries !== undefined && { RetryPolicy: { MaximumRetryAttempts: retries } }),
        },
      });
    },
  };
}

it('delivers twice only what was sent and not yet recorded', async () => {
  const directory = temporaryDirectory();
  const clock = manualClock('2026-11-22T08:00:00Z');
  const first: string[] = [];
  const never = new Promise(() => {});
  const crashing = await startAlone(directory, clock, (body) => {
    first.push(body);
    return body.startsWith('stuck') ? never : undefined;
  });
  for (const name of ['a', 'b', 'stuck']) await crashing.create(name);
  clock.advanceTo('2026-11-22T09:00:00Z');
  await eventually(() => expect(first.toSorted()).toEqual(['a 1', 'b 1', 'stuck 1']));
  // Whatever was recorded is so after the answer to another change.
  await crashing.create('later');

  const second: string[] = [];
  const restarted = await startAlone(directory, clock, (body) => second.push(body));

  await eventually(() => expect(second).toEqual(['stuck 1']));
  await restarted.scheduler.close();
});

it('tries again, waiting longer each time, and gives up when told to', async () => {
  const directory = temporaryDirectory();
  const clock = manualClock('2026-11-22T08:00:00Z');
  const bodies: string[] = [];
  const { scheduler, problems, create } = await startAlone(directory, clock, (body) => {
    bodies.push(body);
    throw new Error('the queue stumbles');
  });
  await create('x', 2);
  clock.advanceTo('2026-11-22T09:00:00Z');
  await eventually(() => expect(bodies).toEqual(['x 1']));
  for (const [time, count] of [
    ['2026-11-22T09:00:00.999Z', 1],
    ['2026-11-22T09:00:01.000Z', 2],
    ['2026-11-22T09:00:02.999Z', 2],
    ['2026-11-22T09:00:03.000Z', 3],
  ] as const) {
    // By then the failure has been dealt with.
    await setImmediate();
    clock.advanceTo(time);
    expect(bodies).toHaveLength(count);
  }

  await eventually(() => expect(problems).toEqual([expect.stringContaining('stumbles')]));
  expect(bodies).toEqual(['x 1', 'x 2', 'x 3']);
  await scheduler.close();
});
