import {
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';

/** Every item that a query finds, page by page; the table gives at most 1 MB at once. */
export async function* allItems(
  table: DynamoDBDocumentClient,
  query: QueryCommandInput,
): AsyncGenerator<NonNullable<QueryCommandInput['ExclusiveStartKey']>> {
  let start: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await table.send(
      new QueryCommand({ ...query, ...(start && { ExclusiveStartKey: start }) }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** The query for the keys of everything in one partition, as it is at this moment. */
export function keysIn(TableName: string, pk: string): QueryCommandInput {
  return {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
    ProjectionExpression: 'pk, sk',
    ConsistentRead: true,
  };
}
