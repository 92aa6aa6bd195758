import type { Agent } from '#dashboard/app/api/generated/api.ts';

/** Successful runs among those that succeeded or failed, in percent; undefined without any. */
export function successRate({ run_counts: { success, failed } }: Agent): string | undefined {
  const finished = success + failed;
  return finished === 0 ? undefined : `${Math.round((100 * success) / finished)} %`;
}
