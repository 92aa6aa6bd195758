import { clientConfig } from '#adapters/aws-clients';
import type { WorkflowWaker } from '#core/approvals/approval';

/** Nothing waits for the token any more: it was told before, has timed out, or is over. */
const OVER = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/**
 * Lets executions of Step Functions go on. What they go on with is in the table: the answer to the
 * task says nothing.
 */
export function workflowWaker(): WorkflowWaker {
  let opened: ReturnType<typeof openStepFunctions> | undefined;
  return {
    async wake(taskToken) {
      // Few calls decide anything, so the client is loaded when one does.
      opened ??= openStepFunctions();
      const { client, SendTaskSuccessCommand } = await opened;
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
      } catch (error) {
        if (!(error instanceof Error && OVER.has(error.name))) throw error;
      }
    },
  };
}

async function openStepFunctions() {
  const { SendTaskSuccessCommand, SFNClient } = await import('@aws-sdk/client-sfn');
  return { SendTaskSuccessCommand, client: new SFNClient(clientConfig()) };
}
