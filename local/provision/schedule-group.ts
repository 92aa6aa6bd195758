import { AwsError, type JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment } from '#local/types';

/** Make a template's groups of schedules, unless they are there. */
export async function provisionScheduleGroups(
  scheduler: JsonClient,
  deployment: Deployment,
): Promise<void> {
  const groups = deployment.resourcesOf('AWS::Scheduler::ScheduleGroup');
  for (const [logicalId, { Properties = {} }] of groups) {
    refuseOthers(logicalId, Properties, ['Name', 'Tags']);
    await create(scheduler, deployment.physical(logicalId));
  }
}

async function create(scheduler: JsonClient, Name: string): Promise<void> {
  try {
    await scheduler.call('AWSChronosService.CreateScheduleGroup', { Name });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ConflictException') throw error;
  }
}
