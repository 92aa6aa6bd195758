import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { unpack } from '#adapters/packed-text';
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

/** Every item of the table as JSON text, with what is packed in it unpacked. */
export async function storedTexts(dataDir: string): Promise<string[]> {
  const texts: string[] = [];
  await withTable(dataDir, async (table, TableName) => {
    const client = DynamoDBDocumentClient.from(table);
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      texts.push(...Items.map((item) => JSON.stringify(unpacked(item))));
    }
  });
  return texts;
}

function unpacked(value: unknown): unknown {
  if (value instanceof Uint8Array) return unpack(value);
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, unpacked(child)]));
}
