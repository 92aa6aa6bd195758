import { setTimeout as delay } from 'node:timers/promises';
import { chance, type Faults, isOn } from '#local/faults/faults';
import { openJsonClient } from '#local/json-client';

const LOOK_EVERY_MS = 40;

type Page = { readonly executions: readonly { readonly executionArn: string }[] };

/**
 * Somebody who stops executions of state machines by hand, some of those that run at each look.
 *
 * @param endpoint of Step Functions.
 * @returns the way to end it.
 */
export function startAborts(
  faults: Faults & { readonly aborts: number },
  endpoint: string,
  machineArns: readonly string[],
): () => Promise<void> {
  const client = openJsonClient(endpoint);
  const random = chance(faults.seed, 'aborts');
  let hasStopped = false;
  const over = work();

  async function work(): Promise<void> {
    while (!hasStopped) {
      if (isOn(faults)) for (const arn of machineArns) await look(arn);
      await delay(LOOK_EVERY_MS);
    }
    client.close();
  }

  async function look(stateMachineArn: string): Promise<void> {
    const running = { stateMachineArn, statusFilter: 'RUNNING' };
    const { executions } = await client.call<Page>('AWSStepFunctions.ListExecutions', running);
    for (const { executionArn } of executions) {
      if (random() >= faults.aborts) continue;
      // One that has ended meanwhile cannot be stopped any more.
      await client.call('AWSStepFunctions.StopExecution', { executionArn }).catch(() => undefined);
    }
  }

  return async () => {
    hasStopped = true;
    await over;
  };
}
