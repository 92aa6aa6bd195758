import { useQuery } from '@tanstack/react-query';
import { CalendarClock, MousePointerClick, Webhook } from 'lucide-react';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import styles from '#dashboard/app/components/trigger-words.module.css';
import { shortSchedule } from '#dashboard/app/format/schedule.ts';
import { shortTime } from '#dashboard/app/format/time.ts';

type Trigger = Agent['trigger_config'];

/** What starts an agent, in a few words. */
export function TriggerWords({ trigger }: { readonly trigger: Trigger }) {
  const { Icon } = triggerKinds[trigger.type];
  return (
    <span className={styles['trigger']}>
      <Icon size={14} aria-hidden="true" />
      {trigger.type === 'schedule' ? (
        <ScheduleWords trigger={trigger} />
      ) : (
        triggerKinds[trigger.type].label
      )}
    </span>
  );
}

/** The kinds of triggers: their names and signs. */
export const triggerKinds = {
  schedule: { label: 'Schedule', Icon: CalendarClock },
  webhook: { label: 'Webhook', Icon: Webhook },
  manual: { label: 'By hand', Icon: MousePointerClick },
};

function ScheduleWords({ trigger }: { readonly trigger: Extract<Trigger, { type: 'schedule' }> }) {
  const { cron_expression: cron, timezone = 'UTC', run_at } = trigger;
  const short = cron === undefined ? undefined : shortSchedule(cron);
  const described = useQuery({
    queryKey: ['schedule', cron, timezone, 'words'],
    queryFn: ({ signal }) =>
      call('previewSchedule', {
        query: { cron_expression: cron ?? '', timezone, count: 1 },
        signal,
      }),
    enabled: cron !== undefined && short === undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (run_at !== undefined) return `Once, ${shortTime(run_at)}`;
  return (
    <span>
      {short ?? capitalized(described.data?.description) ?? cron}
      {short && timezone !== 'UTC' && <span className={styles['zone']}> {cityOf(timezone)}</span>}
    </span>
  );
}

function capitalized(words: string | undefined): string | undefined {
  return words && words.charAt(0).toUpperCase() + words.slice(1);
}

function cityOf(timezone: string): string {
  return (timezone.split('/').at(-1) ?? timezone).replaceAll('_', ' ');
}
