import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { machines } from './killed-states.ts';
import { manualClock } from './scheduler-stack.ts';
import {
  definition,
  type StatesMachine,
  startStatesMachine,
  task,
  type Worker,
  waitingTask,
} from './states-stack.ts';

/** A machine that runs executions until it is killed; `lines` grows while it lives. */
function startProcess(directory: string, mode: string) {
  const script = fileURLToPath(import.meta.resolve('./killed-states.ts'));
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

async function executions(
  machine: StatesMachine,
  logicalId: string,
  status: 'RUNNING' | 'SUCCEEDED',
) {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await machine.aws.workflow.send(
      new ListExecutionsCommand({
        stateMachineArn: machine.deployment.physical(logicalId),
        statusFilter: status,
        maxResults: 1000,
        nextToken,
      }),
    );
    names.push(...(page.executions ?? []).map(({ name }) => String(name)));
    nextToken = page.nextToken;
  } while (nextToken);
  return names;
}

function statusOf(machine: StatesMachine, executionArn: string) {
  return machine.aws.workflow
    .send(new DescribeExecutionCommand({ executionArn }))
    .then(({ status }) => status);
}

it('loses no acknowledged execution to kill -9: each goes on and ends', async () => {
  const directory = temporaryDirectory();
  const { child, lines } = startProcess(directory, 'run');
  await eventually(() => expect(lines.length).toBeGreaterThan(200), 30);
  await kill(child);

  const machine = await startStatesMachine(directory, { machines });

  await eventually(async () => {
    expect(await executions(machine, 'Steps', 'RUNNING')).toEqual([]);
    expect(await executions(machine, 'Steps', 'SUCCEEDED')).toEqual(expect.arrayContaining(lines));
  });
  await machine.close();
});

it('keeps tokens and times over kill -9, however often', async () => {
  const directory = temporaryDirectory();
  const { child, lines } = startProcess(directory, 'wait');
  await eventually(() => {
    expect(lines).toContain('all');
    expect(lines.filter((line) => line.startsWith('token'))).toHaveLength(20);
  }, 30);
  await kill(child);
  const again = startProcess(directory, 'resume');
  await eventually(() => expect(again.lines.length).toBeGreaterThan(3), 30);
  await kill(again.child);

  const clock = manualClock(new Date(Date.now() + 10_000).toISOString());
  const machine = await startStatesMachine(directory, { machines, clock });
  expect(await executions(machine, 'Await', 'RUNNING')).toHaveLength(20);
  for (const line of lines.filter((text) => text.startsWith('token'))) {
    const taskToken = line.slice('token '.length);
    await machine.aws.workflow.send(new SendTaskSuccessCommand({ taskToken, output: '1' }));
  }
  expect(await executions(machine, 'Rest', 'RUNNING')).toHaveLength(20);
  clock.advanceTo(new Date(Date.now() + 3_700_000).toISOString());

  await eventually(async () => {
    expect(await executions(machine, 'Await', 'SUCCEEDED')).toHaveLength(20);
    expect(await executions(machine, 'Rest', 'SUCCEEDED')).toHaveLength(20);
  });
  await machine.close();
});

const never: Worker = () => new Promise(() => {});

/** Machines that follow each other on one directory; each is left as a kill would leave it. */
async function startFirst(states: Record<string, object>, worker: Worker) {
  const directory = temporaryDirectory();
  const clock = manualClock('2026-11-22T09:00:00.000Z');
  const machine = definition(states);
  const options = { machines: { Machine: machine }, clock };
  const first = await startStatesMachine(directory, { ...options, worker });
  return {
    first,
    clock,
    /** @param changed what is another by then: the template's states, or the time. */
    async restart(newWorker: Worker, changed: { states?: typeof states; at?: string } = {}) {
      const { states: newStates = states, at } = changed;
      await first.close();
      if (at) clock.jumpTo(at);
      const second = await startStatesMachine(directory, {
        machines: { Machine: definition(newStates) },
        clock,
        worker: newWorker,
      });
      onTestFinished(() => second.close());
      return second;
    },
  };
}

it('invokes again what was under way, apart from others and with its whole time', async () => {
  const { first, restart } = await startFirst({ Run: task({ TimeoutSeconds: 60 }) }, never);
  const executionArn = await first.start('Machine', { a: 1 });
  await eventually(() => expect(first.invoked).toHaveLength(1));
  const apart: boolean[] = [];

  const second = await restart((_, isolated) => apart.push(isolated), {
    at: '2026-11-22T10:00:00.000Z',
  });

  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('SUCCEEDED'));
  expect(second.invoked).toEqual([{ a: 1 }]);
  expect(apart).toEqual([true]);
});

it('does not invoke again what has been told its token', async () => {
  const { first, restart } = await startFirst({ Ask: waitingTask() }, () => 1);
  const executionArn = await first.start('Machine');
  await eventually(async () =>
    expect(await first.history(executionArn)).toContain('TaskSubmitted'),
  );

  const second = await restart(() => 1);
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();

  expect(second.invoked).toEqual([]);
  const taskToken = String(first.invoked[0]?.['token']);
  await second.aws.workflow.send(new SendTaskSuccessCommand({ taskToken, output: '2' }));
  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('SUCCEEDED'));
});

it('gives the same token again to what was being told it', async () => {
  const { first, restart } = await startFirst({ Ask: waitingTask() }, never);
  await first.start('Machine');
  await eventually(() => expect(first.invoked).toHaveLength(1));
  const second = await restart(() => 1);
  await eventually(() => expect(second.invoked).toEqual(first.invoked));
});

it('goes on with a wait before a retry, and counts earlier ones', async () => {
  const Retry = [{ ErrorEquals: ['Odd'], IntervalSeconds: 60, MaxAttempts: 1 }];
  const worker: Worker = () => {
    throw Object.assign(new Error(), { name: 'Odd' });
  };
  const { first, clock, restart } = await startFirst({ Run: task({ Retry }) }, worker);
  const executionArn = await first.start('Machine');
  await eventually(async () => expect(await first.history(executionArn)).toContain('TaskFailed'));

  const second = await restart(worker);
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
  expect(second.invoked).toEqual([]);
  clock.advanceTo('2026-11-22T09:01:00.000Z');

  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('FAILED'));
  expect(second.invoked).toHaveLength(1);
});

it('ends what ran out of time while the machine was off', async () => {
  const states = { Ask: waitingTask({ TimeoutSeconds: 60 }) };
  const { first, clock, restart } = await startFirst(states, () => 1);
  const executionArn = await first.start('Machine');
  await eventually(() => expect(first.invoked).toHaveLength(1));

  const second = await restart(() => 1, { at: '2026-11-22T09:05:00.000Z' });
  clock.advanceTo('2026-11-22T09:05:00.001Z');

  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('FAILED'));
  const taskToken = String(first.invoked[0]?.['token']);
  const late = second.aws.workflow.send(new SendTaskSuccessCommand({ taskToken, output: '2' }));
  await expect(late).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html
it('keeps heartbeats, and ends a task that misses one', async () => {
  const Catch = [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Done' }];
  const states = {
    Ask: waitingTask({ TimeoutSeconds: 600, HeartbeatSeconds: 60, Catch }),
    Done: { Type: 'Succeed' },
  };
  const { first, clock, restart } = await startFirst(states, () => 1);
  const executionArn = await first.start('Machine');
  await eventually(() => expect(first.invoked).toHaveLength(1));
  const taskToken = String(first.invoked[0]?.['token']);
  clock.advanceTo('2026-11-22T09:00:50.000Z');
  await first.aws.workflow.send(new SendTaskHeartbeatCommand({ taskToken }));

  const second = await restart(() => 1);
  clock.advanceTo('2026-11-22T09:01:49.999Z');
  await second.aws.workflow.send(new SendTaskHeartbeatCommand({ taskToken }));
  clock.advanceTo('2026-11-22T09:02:49.998Z');
  expect(await statusOf(second, executionArn)).toBe('RUNNING');
  clock.advanceTo('2026-11-22T09:02:49.999Z');

  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('SUCCEEDED'));
});

it('goes on by the definition that an execution began with', async () => {
  const states = { Wait: { Type: 'Wait', Seconds: 60, Next: 'Old' }, Old: task() };
  const { first, clock, restart } = await startFirst(states, () => 1);
  const executionArn = await first.start('Machine', { a: 1 });
  await eventually(async () =>
    expect(await first.history(executionArn)).toContain('WaitStateEntered'),
  );

  const second = await restart(() => 1, { states: { Other: { Type: 'Succeed' } } });
  clock.advanceTo('2026-11-22T09:01:00.000Z');

  await eventually(async () => expect(await statusOf(second, executionArn)).toBe('SUCCEEDED'));
  expect(second.invoked).toEqual([{ a: 1 }]);
  const newArn = await second.start('Machine');
  await eventually(async () => expect(await statusOf(second, newArn)).toBe('SUCCEEDED'));
  expect(await second.history(newArn)).toContain('SucceedStateEntered');
});
