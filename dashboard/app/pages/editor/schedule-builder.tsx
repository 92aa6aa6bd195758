import { useState } from 'react';
import { Button } from '#dashboard/app/components/button.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { CronFields, ownZone, SchedulePresets } from '#dashboard/app/pages/editor/cron-fields.tsx';
import type { Trigger } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';

type ScheduleTrigger = Extract<Trigger, { type: 'schedule' }>;

/** Chooses times: a preset or a cron expression, in a time zone, or once. */
export function ScheduleBuilder(props: {
  readonly trigger: ScheduleTrigger;
  readonly onTrigger: (trigger: Trigger, what?: string) => void;
}) {
  const { trigger, onTrigger } = props;
  const { problemAt } = useEditor();
  const isOnce = trigger.run_at !== undefined;
  const { cron_expression: cron = '', timezone = isOnce ? ownZone : 'UTC' } = trigger;
  const set = (part: Partial<ScheduleTrigger>, what: string) =>
    onTrigger({ type: 'schedule', cron_expression: cron, timezone, ...part }, `trigger ${what}`);
  return (
    <div className={styles['section']}>
      <SchedulePresets
        cron={isOnce ? undefined : cron}
        onCron={(next) => set({ cron_expression: next }, 'preset')}
      >
        <Button
          size="small"
          aria-pressed={isOnce}
          look={isOnce ? 'primary' : 'secondary'}
          onClick={() => onTrigger({ type: 'schedule', run_at: tomorrow() })}
        >
          Once
        </Button>
      </SchedulePresets>
      {isOnce ? (
        <OnceField runAt={trigger.run_at ?? ''} onTrigger={onTrigger} />
      ) : (
        <CronFields
          cron={cron}
          timezone={timezone}
          onCron={(next) => set({ cron_expression: next }, 'cron')}
          onTimezone={(next) => set({ timezone: next }, 'zone')}
          problemAt={(field) => problemAt(`trigger_config.${field}`)}
        />
      )}
    </div>
  );
}

function OnceField(props: {
  readonly runAt: string;
  readonly onTrigger: (trigger: Trigger, what?: string) => void;
}) {
  const { runAt, onTrigger } = props;
  const { problemAt } = useEditor();
  const [typed, setTyped] = useState({ text: localTime(runAt), runAt });
  // A change from outside, such as an undo, replaces what was typed.
  const text = typed.runAt === runAt ? typed.text : localTime(runAt);
  return (
    <TextField
      type="datetime-local"
      label="Date and time"
      help={`In your own time zone, ${ownZone}.`}
      value={text}
      error={problemAt('trigger_config.run_at')}
      onValue={(next) => {
        const at = new Date(next);
        const told = Number.isNaN(at.getTime()) ? runAt : at.toISOString();
        setTyped({ text: next, runAt: told });
        if (told !== runAt) onTrigger({ type: 'schedule', run_at: told }, 'trigger run_at');
      }}
    />
  );
}

function tomorrow(): string {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(9, 0, 0, 0);
  return at.toISOString();
}

/** As a `datetime-local` input has it. */
function localTime(runAt: string): string {
  const at = new Date(runAt);
  if (Number.isNaN(at.getTime())) return '';
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
