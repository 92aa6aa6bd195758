import {
  type ExecutionListItem,
  ListExecutionsCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TestMachine } from '#test/helpers/machine';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:CrucibaiAgents-runs';

/** What carries a run, as an operator sees it in the console of Step Functions. */
export type Executions = {
  /** @returns the execution of a run, while there is one */
  of(runId: string): Promise<ExecutionListItem | undefined>;
  /** Stops it, as an operator does by hand. */
  stop(execution: ExecutionListItem): Promise<void>;
};

/** The executions of a machine's runs. */
export function executionsOf({ endpoints }: TestMachine): Executions {
  const states = new SFNClient({
    endpoint: endpoints.states,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    async of(runId) {
      const listed = await states.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }));
      return listed.executions?.find(({ name }) => name === runId);
    },
    async stop({ executionArn }) {
      await states.send(new StopExecutionCommand({ executionArn }));
    },
  };
}
