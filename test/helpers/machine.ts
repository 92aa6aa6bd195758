import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { synthesize } from '#local/assembly';
import { type Machine, startMachine } from '#local/machine';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import { withTable } from '#test/helpers/stored-table';

/** A template as a test changes it. */
export type Template = {
  readonly Resources: Record<
    string,
    {
      readonly Type: string;
      // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape; tests read deep into it.
      readonly Properties: any;
    }
  >;
};

/** A machine of a test, in this process. */
export type TestMachine = Machine & {
  /** What it said is wrong. */
  problems(): string;
  /** What a function wrote to its log, by a part of the function's name. */
  log(functionName: string): string;
};

const STACK = 'CrucibaiAgents';

/** A data directory with the same content, but for the logs: what is done in one is not seen in the other. */
export function copyOf(dataDir: string): string {
  const copy = temporaryDirectory();
  const logs = join(dataDir, 'logs');
  cpSync(dataDir, copy, { recursive: true, filter: (source) => source !== logs });
  return copy;
}

let synthesized: ReturnType<typeof synthesize> | undefined;

/** The directory of the app as it is deployed; the same for all tests of a file. */
export async function cdkOut(): Promise<string> {
  synthesized ??= synthesize({ root: ROOT });
  return (await synthesized).cdkOut;
}

/** An assembly whose template has been changed; its bundles are the deployed ones. */
export async function changedCdkOut(change: (template: Template) => void): Promise<string> {
  const from = await cdkOut();
  const to = temporaryDirectory();
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name));
  const file = `${STACK}.template.json`;
  const template: Template = JSON.parse(readFileSync(join(from, file), 'utf8'));
  change(template);
  rmSync(join(to, file));
  writeFileSync(join(to, file), JSON.stringify(template));
  return to;
}

/**
 * Starts a machine of an assembly in this process.
 *
 * @throws Error when it does not start; `problems` of the options has been told why.
 */
export async function openMachine(options: {
  readonly cdkOut: string;
  readonly dataDir: string;
  readonly egressAllow?: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}): Promise<TestMachine> {
  const problems: string[] = [];
  const { cdkOut: directory, ...rest } = options;
  const machine = await startMachine({
    ...rest,
    port: 0,
    synthesize: async () => ({ cdkOut: directory, note: '' }),
    report: { step: () => {}, problem: (message) => problems.push(message) },
  });
  return {
    ...machine,
    problems: () => problems.join('\n'),
    log: (functionName) => readLog(options.dataDir, functionName),
  };
}

/** What a function wrote to its log, by a part of the function's name; also after its machine is gone. */
export function readLog(dataDir: string, functionName: string): string {
  const directory = join(dataDir, 'logs');
  return readdirSync(directory)
    .filter((name) => name.includes(functionName))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('');
}

/** Changes a run's item in a data directory that no machine uses. */
export async function changeItem(
  dataDir: string,
  pk: string,
  UpdateExpression: string,
  ExpressionAttributeValues: Record<string, AttributeValue>,
  ExpressionAttributeNames?: Record<string, string>,
): Promise<void> {
  await withTable(dataDir, async (table, TableName) => {
    await table.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: pk }, sk: { S: 'RUN' } },
        UpdateExpression,
        ExpressionAttributeValues,
        ...(ExpressionAttributeNames && { ExpressionAttributeNames }),
      }),
    );
  });
}
