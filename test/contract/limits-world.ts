import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSlots } from '#adapters/dynamo-slots';
import { openProductTable } from '#test/contract/product-table';

/** The product's table on this machine, and the stores of credits, runs and slots that stand on it. */
export async function openLimits() {
  const { table, name, close } = await openProductTable();
  const stores = (on: DynamoDBDocumentClient) => ({
    credits: dynamoCredits(on, name),
    runs: dynamoRuns(on, name),
    slots: dynamoSlots(on, name),
  });
  return {
    ...stores(table),
    /** The same, with faults in some of their transactions. */
    faulty: (fault: () => TransactionFault | undefined) => stores(faultyTable(table, fault)),
    close,
  };
}

/**
 * What goes wrong with a transaction: it is cancelled as AWS does when others overlap it; or it is
 * made, and the answer is lost.
 */
export type TransactionFault = 'conflict' | 'answer lost';

function faultyTable(
  table: DynamoDBDocumentClient,
  fault: () => TransactionFault | undefined,
): DynamoDBDocumentClient {
  return new Proxy(table, {
    get(target, name, receiver) {
      if (name !== 'send') return Reflect.get(target, name, receiver);
      return async (command: Parameters<typeof target.send>[0]) => {
        const what = command instanceof TransactWriteCommand ? fault() : undefined;
        if (what === 'conflict') throw conflict(command as TransactWriteCommand);
        const answer = await target.send(command);
        if (what === 'answer lost') {
          throw Object.assign(new Error('The answer was lost'), { name: 'TimeoutError' });
        }
        return answer;
      };
    },
  });
}

function conflict({ input }: TransactWriteCommand): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: (input.TransactItems ?? []).map((_, place) => ({
      Code: place === 0 ? 'TransactionConflict' : 'None',
    })),
  });
}
