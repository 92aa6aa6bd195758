import type { SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig } from '#adapters/aws-clients';
import { workflowWaker } from '#adapters/workflow-waker';
import type { RunRef } from '#core/runs/run';
import type { Workflow } from '#core/runs/workflow';

/**
 * Runs carried by executions of Step Functions. An execution is named after its run, so that it
 * cannot be started twice. Step Functions compares inputs: it says by itself whether one with the same
 * input still runs, and must be asked about one that began with another directive.
 */
export function sfnWorkflow(stateMachineArn: string): Workflow {
  let opened: ReturnType<typeof openStepFunctions> | undefined;
  // Many invocations need it for nothing, so it is loaded when one does.
  const open = () => {
    opened ??= openStepFunctions();
    return opened;
  };
  const isRunning = async (ref: RunRef) => {
    const { client, DescribeExecutionCommand } = await open();
    const executionArn = executionOf(stateMachineArn, ref);
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING';
  };
  return {
    ...workflowWaker(),

    async start(ref, begin) {
      const { client, StartExecutionCommand } = await open();
      const input = JSON.stringify({ user_id: ref.userId, run_id: ref.runId, ...begin });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: ref.runId, input }));
        return 'carried';
      } catch (error) {
        // The same name and input is answered as a success while the execution runs.
        if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
        return begin !== undefined && (await isRunning(ref)) ? 'carried' : 'ended';
      }
    },

    async stop(ref, cause) {
      const { client, StopExecutionCommand } = await open();
      const executionArn = executionOf(stateMachineArn, ref);
      try {
        await client.send(new StopExecutionCommand({ executionArn, cause }));
      } catch (error) {
        if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
      }
    },
  };
}

function executionOf(stateMachineArn: string, { runId }: RunRef): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${runId}`;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

async function openStepFunctions() {
  const { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } =
    await import('@aws-sdk/client-sfn');
  const client: SFNClient = new SFNClient(clientConfig());
  return { client, DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand };
}
