import type { JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment } from '#local/types';

/** Rotation and deletion are AWS's affair: what was encrypted can always be decrypted. */
const UNDERSTOOD_OF_KEY = [
  'Description',
  'EnableKeyRotation',
  'KeyPolicy',
  'PendingWindowInDays',
  'RotationPeriodInDays',
  'Tags',
];

type Statement = {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Principal?: unknown;
};

/**
 * Make a template's keys and aliases. A key policy must leave all decisions to IAM, as the default one does: what it
 * allows beyond that is not read.
 */
export async function provisionKeys(kms: JsonClient, deployment: Deployment): Promise<void> {
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf('AWS::KMS::Key')) {
    refuseOthers(logicalId, Properties, UNDERSTOOD_OF_KEY);
    const { KeyPolicy, Description } = deployment.resolve(Properties) as Record<string, unknown>;
    if (!leavesItToIam(KeyPolicy, deployment.accountId)) {
      throw new Error(`${logicalId}: only key policies that leave it to IAM run on one machine`);
    }
    await kms.call('TrentService.PutKey', { KeyId: deployment.physical(logicalId), Description });
  }
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf('AWS::KMS::Alias')) {
    refuseOthers(logicalId, Properties, ['AliasName', 'TargetKeyId']);
    await kms.call('TrentService.CreateAlias', deployment.resolve(Properties) as object);
  }
}

function leavesItToIam(policy: unknown, accountId: string): boolean {
  if (policy === undefined) return true;
  const statements = [(policy as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  const isRoot = ({ Action, Principal }: Statement) =>
    [Action].flat().includes('kms:*') &&
    [(Principal as { AWS?: unknown } | undefined)?.AWS]
      .flat()
      .some((principal) => principal === `arn:aws:iam::${accountId}:root`);
  return statements.every(({ Effect }) => Effect === 'Allow') && statements.some(isRoot);
}
