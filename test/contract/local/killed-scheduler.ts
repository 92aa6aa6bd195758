/**
 * A process for tests to kill: makes schedules in the directory it is given and prints a line for each that was
 * acknowledged. With `fire`, it stops at 300, lets their time come and says so when the first message is there.
 */
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import { manualClock, messageSchedule, startMachine } from './scheduler-stack.ts';

const [directory = '', mode = ''] = process.argv.slice(2);
const clock = manualClock('2098-12-31T23:00:00Z');
const machine = await startMachine(directory, { clock });
const { aws, deployment } = machine;
const COUNT = mode === 'fire' ? 75 : Number.POSITIVE_INFINITY;

async function write(writer: number): Promise<void> {
  for (let n = 0; n < COUNT; n += 1) {
    const ScheduleExpression = 'at(2099-01-01T00:00:00)';
    const schedule = messageSchedule(machine, `${writer}-${n}`, { ScheduleExpression });
    await aws.scheduler.send(new CreateScheduleCommand(schedule));
    console.log(`${writer}-${n}`);
  }
}

await Promise.all([1, 2, 3, 4].map(write));
clock.advanceTo('2099-01-01T00:00:00Z');
const count = new GetQueueAttributesCommand({
  QueueUrl: deployment.physical('Work'),
  AttributeNames: ['ApproximateNumberOfMessages'],
});
for (;;) {
  const { Attributes } = await aws.queue.send(count);
  if (Attributes?.ApproximateNumberOfMessages !== '0') break;
}
console.log('fired');
await new Promise(() => setInterval(() => {}, 1_000));
