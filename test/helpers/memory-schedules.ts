import type { ScheduleStore, Timetable } from '#core/schedules/schedule-store';
import type { StoredSchedule } from '#core/schedules/timetable';

/** A schedule store in memory, and a fast path that only remembers what it was told. */
export function memorySchedules(initial: readonly StoredSchedule[] = []) {
  const stored = new Map(initial.map((schedule) => [schedule.agentId, schedule]));
  const known = new Set<number>();
  const store: ScheduleStore = {
    find: async (_userId, agentId) => stored.get(agentId),
    async markApplied(schedule) {
      const current = stored.get(schedule.agentId);
      if (current?.generation !== schedule.generation || current.isApplied) return false;
      const { generation } = schedule;
      stored.set(schedule.agentId, { ...current, isApplied: true, oldestGeneration: generation });
      return true;
    },
    async reopen(schedule, staleGeneration) {
      const current = stored.get(schedule.agentId);
      if (current?.generation !== schedule.generation || !current.isApplied) return;
      if (staleGeneration >= current.oldestGeneration) return;
      const change = { isApplied: false, oldestGeneration: staleGeneration };
      stored.set(schedule.agentId, { ...current, ...change });
    },
    async adopt(orphan) {
      if (!stored.has(orphan.agentId)) stored.set(orphan.agentId, orphan);
    },
    postpone: async () => undefined,
    async advance(schedule, nextAt) {
      const current = stored.get(schedule.agentId);
      if (current === undefined || current.nextAt !== schedule.nextAt) return;
      const { nextAt: _, ...rest } = current;
      stored.set(schedule.agentId, { ...rest, ...(nextAt !== undefined && { nextAt }) });
    },
  };
  const timetable: Timetable = {
    put: async (schedule) => void known.add(schedule.generation),
    remove: async (_schedule, generation) => void known.delete(generation),
  };
  return { store, timetable, known, get: (agentId: string) => stored.get(agentId) };
}
