import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { startEmulators } from '#local/services/emulators';

/** Works on the table in a data directory that nothing else uses. */
export async function withTable(
  dataDir: string,
  work: (table: DynamoDBClient, name: string) => Promise<void>,
): Promise<void> {
  const place = { accountId: '000000000000', region: 'us-east-1' };
  const emulators = await startEmulators({ dataDir, ...place });
  const table = new DynamoDBClient({
    endpoint: emulators.endpoints.dynamodb,
    region: place.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { TableNames: [name = ''] = [] } = await table.send(new ListTablesCommand({}));
    await work(table, name);
  } finally {
    table.destroy();
    await emulators.close();
  }
}
