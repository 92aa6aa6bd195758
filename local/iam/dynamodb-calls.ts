import type { Call, Place } from '#local/types';

type Input = Record<string, unknown>;

const WITHOUT_TABLE = new Set(['ListTables', 'DescribeEndpoints', 'DescribeLimits']);
const BATCHES = new Set(['BatchGetItem', 'BatchWriteItem']);
// PartiQL needs a parser to know its tables.
const REFUSED = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);
/** A transaction is authorised item by item. */
const TRANSACTION_ITEMS: Record<string, string> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

/** What a DynamoDB operation needs to be allowed. @throws Error for PartiQL. */
export function dynamodbCalls(operation: string, input: Input, place: Place): Call[] {
  if (REFUSED.has(operation)) throw new Error(`dynamodb:${operation} is not understood here`);
  if (WITHOUT_TABLE.has(operation)) return [call(operation, '*')];
  if (BATCHES.has(operation)) {
    return Object.keys((input['RequestItems'] ?? {}) as Input).map((name) =>
      call(operation, tableArn(name, place)),
    );
  }
  const items = input['TransactItems'];
  if (Array.isArray(items)) return items.flatMap((item) => transactionCalls(item, place));
  const table = tableArn(String(input['TableName']), place);
  const index = input['IndexName'];
  return [call(operation, index === undefined ? table : `${table}/index/${index}`)];
}

function transactionCalls(item: Record<string, Input>, place: Place): Call[] {
  return Object.entries(item).map(([kind, { TableName }]) =>
    call(TRANSACTION_ITEMS[kind] ?? kind, tableArn(String(TableName), place)),
  );
}

function tableArn(nameOrArn: string, { region, accountId }: Place): string {
  return nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `arn:aws:dynamodb:${region}:${accountId}:table/${nameOrArn}`;
}

function call(operation: string, resource: string): Call {
  return { service: 'dynamodb', action: `dynamodb:${operation}`, resource };
}
