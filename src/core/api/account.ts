import * as z from 'zod';
import { AgentView, VersionView } from '#core/api/agent';
import { ApiKeyView } from '#core/api/api-key';
import { ConnectionView } from '#core/api/connection';
import { LogLineView, RunWithTrigger, StepView } from '#core/api/run';
import { pageOf } from '#core/api/shared';
import { SuppressionView } from '#core/api/suppression';

/** One piece of a user's data. */
export const ExportItem = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('agent'), agent: AgentView }),
    z.strictObject({
      kind: z.literal('agent_version'),
      agent_id: z.string(),
      version: VersionView,
    }),
    z.strictObject({ kind: z.literal('connection'), connection: ConnectionView }),
    z.strictObject({ kind: z.literal('api_key'), api_key: ApiKeyView }),
    z.strictObject({ kind: z.literal('suppression'), suppression: SuppressionView }),
    z.strictObject({ kind: z.literal('run'), run: RunWithTrigger }),
    z.strictObject({ kind: z.literal('step'), run_id: z.string(), step: StepView }),
    z.strictObject({ kind: z.literal('log'), run_id: z.string(), lines: z.array(LogLineView) }),
  ])
  .meta({ id: 'ExportItem' });
export type ExportItem = z.infer<typeof ExportItem>;

/** A page of a user's data. */
export const ExportPage = pageOf(ExportItem);

/** The removal of an account goes on. */
export const AccountDeleting = z.strictObject({ status: z.literal('deleting') });
