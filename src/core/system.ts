import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { CreateAgent } from '#core/agents/agent';
import { idAt } from '#core/ids';

/** Owner of the automations that the product runs on itself. Nobody can sign in as it. */
export const SYSTEM_USER = 'system';

/** One automation that the product runs on itself. */
export type SystemAutomation = {
  /** Its id is made from this; never renamed. */
  readonly slug: (typeof systemSlugs)[number];
  readonly agent: z.input<typeof CreateAgent>;
};

/** Every automation's slug. */
export const systemSlugs = [
  'daily-health-digest',
  'deployment-check',
  'lead-sync',
  'content-refresh',
  'error-report',
] as const;

/** Whether an agent is one of the product's own automations. */
export function isSystemAgent(agentId: string): boolean {
  return systemIds().has(agentId);
}

let ids: ReadonlySet<string> | undefined;

function systemIds(): ReadonlySet<string> {
  ids ??= new Set(systemSlugs.map(systemAgentId));
  return ids;
}

/** The same id at every deployment, so that seeding twice finds what is there. */
export function systemAgentId(slug: string): string {
  return idAt('agt', FIRST_RELEASE, createHash('sha256').update(`system ${slug}`).digest());
}

const FIRST_RELEASE = Date.UTC(2026, 0, 1);
