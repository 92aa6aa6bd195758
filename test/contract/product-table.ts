import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { loadAssembly } from '#local/assembly';
import { deploy } from '#local/intrinsics';
import { provision } from '#local/provision';
import { startEmulators } from '#local/services/emulators';
import { temporaryDirectory } from '#test/helpers/directories';
import { cdkOut } from '#test/helpers/machine';
import { clients, PLACE, smallStack } from './local/small-stack.ts';

/** The product's own table, empty. */
export type ProductTable = {
  readonly table: DynamoDBDocumentClient;
  readonly name: string;
  close(): Promise<void>;
};

/** Makes the table that the template declares; whoever calls may do anything with it. */
export async function openProductTable(): Promise<ProductTable> {
  const assembly = loadAssembly(await cdkOut());
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const { Role, RolePolicy } = smallStack([everything]);
  const { template } = assembly;
  const Resources = {
    ...template.Resources,
    ...(Role && { Role }),
    ...(RolePolicy && { RolePolicy }),
  };
  const deployment = deploy(
    { ...assembly, template: { ...template, Resources } },
    { ...PLACE, parameters: {}, apiEndpoint: 'http://localhost:3000' },
  );
  const emulators = await startEmulators({ dataDir: temporaryDirectory(), ...PLACE });
  await provision(deployment, emulators.endpoints);
  const { table, close } = clients(deployment, emulators.endpoints);
  const [id = ''] = deployment.resourcesOf('AWS::DynamoDB::GlobalTable')[0] ?? [];
  return {
    table,
    name: deployment.physical(id),
    async close() {
      close();
      await emulators.close();
    },
  };
}
