import { judge } from '#local/iam/evaluation';
import { mayAssume, rolePolicies } from '#local/iam/role-policies';
import type { World } from '#local/services/scheduler/world';
import type { Deployment, PolicyStatement } from '#local/types';

const PRINCIPAL = 'scheduler.amazonaws.com';

/** What the template's roles let Scheduler do. */
export function openRoles(deployment: Deployment): Pick<World, 'mayAssume' | 'allows'> {
  const logicalIds = new Map(
    deployment
      .resourcesOf('AWS::IAM::Role')
      .map(([logicalId]) => [deployment.attribute(logicalId, 'Arn'), logicalId] as const),
  );
  const policies = new Map<string, PolicyStatement[]>();

  function policiesOf(roleArn: string): PolicyStatement[] {
    const known = policies.get(roleArn);
    if (known) return known;
    const logicalId = logicalIds.get(roleArn);
    const read = logicalId === undefined ? [] : rolePolicies(deployment, logicalId);
    policies.set(roleArn, read);
    return read;
  }

  return {
    mayAssume(roleArn, groupArn) {
      const logicalId = logicalIds.get(roleArn);
      return logicalId !== undefined && mayAssume(deployment, logicalId, PRINCIPAL, groupArn);
    },
    allows: (roleArn, call) =>
      judge(policiesOf(roleArn), call, {
        'aws:PrincipalAccount': deployment.accountId,
        'aws:PrincipalArn': roleArn,
        'aws:RequestedRegion': deployment.region,
        'aws:ResourceAccount': deployment.accountId,
        'aws:SecureTransport': 'true',
      }) === 'allowed',
  };
}
