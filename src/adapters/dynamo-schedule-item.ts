import { duePartition, keys } from '#adapters/dynamo-keys';
import { shardOf } from '#adapters/dynamo-run-item';
import { GRACE_MS, type StoredSchedule } from '#core/schedules/timetable';

/** A schedule as its item. */
export function storeSchedule(schedule: StoredSchedule): Record<string, unknown> {
  const dueAt = schedule.isApplied ? schedule.nextAt && dueAfter(schedule.nextAt) : UNAPPLIED_DUE;
  return {
    ...keys.schedule(schedule.userId, schedule.agentId),
    user_id: schedule.userId,
    agent_id: schedule.agentId,
    generation: schedule.generation,
    oldest_generation: schedule.oldestGeneration,
    timing: schedule.timing,
    next_at: schedule.nextAt,
    is_applied: schedule.isApplied,
    catch_up: schedule.catchUp,
    ...(dueAt !== undefined && {
      due_shard: duePartition(shardOf(schedule.agentId)),
      due_at: dueAt,
    }),
  };
}

/** A schedule from its item. */
export function loadSchedule(item: Record<string, unknown>): StoredSchedule {
  return {
    userId: item['user_id'],
    agentId: item['agent_id'],
    generation: item['generation'],
    oldestGeneration: item['oldest_generation'],
    isApplied: item['is_applied'],
    catchUp: item['catch_up'],
    ...(item['timing'] !== undefined && { timing: item['timing'] }),
    ...(item['next_at'] !== undefined && { nextAt: item['next_at'] }),
  } as StoredSchedule;
}

/** When the sweeper looks whether a nominal time was started. */
export function dueAfter(nextAt: number): string {
  return new Date(nextAt + GRACE_MS).toISOString();
}

/** Earlier than any time: a change that the fast path has not taken yet is due at once. */
export const UNAPPLIED_DUE = '0';
