import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { messageOf, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { Bone } from '#dashboard/app/components/state.tsx';
import { shortTime } from '#dashboard/app/format/time.ts';
import type { Trigger } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { useSettled } from '#dashboard/app/pages/editor/use-settled.ts';

const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

type ScheduleTrigger = Extract<Trigger, { type: 'schedule' }>;

const presets = [
  { label: 'Hourly', cron: '0 * * * *' },
  { label: 'Daily at 9', cron: '0 9 * * *' },
  { label: 'Weekdays at 9', cron: '0 9 * * 1-5' },
  { label: 'Mondays at 9', cron: '0 9 * * 1' },
  { label: 'Monthly, on the 1st', cron: '0 9 1 * *' },
];

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map(
  (zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }),
);

/** Chooses times: a preset or a cron expression, in a time zone, or once. */
export function ScheduleBuilder(props: {
  readonly trigger: ScheduleTrigger;
  readonly onTrigger: (trigger: Trigger, what?: string) => void;
}) {
  const { trigger, onTrigger } = props;
  const { problemAt } = useEditor();
  const isOnce = trigger.run_at !== undefined;
  const { cron_expression: cron = '', timezone = isOnce ? ownZone : 'UTC' } = trigger;
  const preview = usePreview(cron, timezone, !isOnce);
  const problem = (field: string) =>
    preview.error instanceof ProblemError
      ? preview.error.fields.find(({ path }) => path === field)?.message
      : undefined;
  const set = (part: Partial<ScheduleTrigger>, what: string) =>
    onTrigger({ type: 'schedule', cron_expression: cron, timezone, ...part }, `trigger ${what}`);
  return (
    <div className={styles['section']}>
      <fieldset className={styles['presets']} aria-label="Common schedules">
        {presets.map((preset) => (
          <Button
            key={preset.cron}
            size="small"
            aria-pressed={!isOnce && cron === preset.cron}
            look={!isOnce && cron === preset.cron ? 'primary' : 'secondary'}
            onClick={() => set({ cron_expression: preset.cron }, 'preset')}
          >
            {preset.label}
          </Button>
        ))}
        <Button
          size="small"
          aria-pressed={isOnce}
          look={isOnce ? 'primary' : 'secondary'}
          onClick={() => onTrigger({ type: 'schedule', run_at: tomorrow() })}
        >
          Once
        </Button>
      </fieldset>
      {isOnce ? (
        <OnceField runAt={trigger.run_at ?? ''} onTrigger={onTrigger} />
      ) : (
        <>
          <div className={styles['two']}>
            <TextField
              label="Cron expression"
              isCode
              help="Minute, hour, day of month, month, day of week."
              value={cron}
              error={problemAt('trigger_config.cron_expression') ?? problem('cron_expression')}
              onValue={(next) => set({ cron_expression: next }, 'cron')}
            />
            <SelectField
              label="Time zone"
              choices={
                zones.some(({ value }) => value === timezone)
                  ? zones
                  : [{ value: timezone, label: timezone }, ...zones]
              }
              value={timezone}
              error={problemAt('trigger_config.timezone') ?? problem('timezone')}
              onValue={(next) => set({ timezone: next }, 'zone')}
            />
          </div>
          <NextFires preview={preview} timezone={timezone} />
        </>
      )}
    </div>
  );
}

function OnceField(props: {
  readonly runAt: string;
  readonly onTrigger: (trigger: Trigger, what?: string) => void;
}) {
  const { problemAt } = useEditor();
  const [text, setText] = useState(() => localTime(props.runAt));
  return (
    <TextField
      type="datetime-local"
      label="Date and time"
      help={`In your own time zone, ${ownZone}.`}
      value={text}
      error={problemAt('trigger_config.run_at')}
      onValue={(next) => {
        setText(next);
        const at = new Date(next);
        if (!Number.isNaN(at.getTime())) {
          props.onTrigger({ type: 'schedule', run_at: at.toISOString() }, 'trigger run_at');
        }
      }}
    />
  );
}

const TYPING_MS = 300;
const SHOWN_FIRES = 5;

/** When a schedule would run next, asked of the API while it is typed. */
function usePreview(cron: string, timezone: string, isOn: boolean) {
  const settled = useSettled(cron, TYPING_MS);
  return useQuery({
    queryKey: ['schedule', settled, timezone, 'fires'],
    queryFn: ({ signal }) =>
      call('previewSchedule', {
        query: { cron_expression: settled, timezone, count: SHOWN_FIRES },
        signal,
      }),
    enabled: isOn,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function NextFires(props: {
  readonly preview: ReturnType<typeof usePreview>;
  readonly timezone: string;
}) {
  const { preview, timezone } = props;
  return (
    <div className={styles['fires']} aria-live="polite">
      {preview.error ? (
        <p className={styles['quiet']}>
          {preview.error instanceof ProblemError && preview.error.fields.length > 0
            ? 'The next runs are shown here once the schedule can be read.'
            : messageOf(preview.error)}
        </p>
      ) : preview.data ? (
        <>
          <p className={styles['sentence']}>{preview.data.description}</p>
          <ol aria-label="Next runs">
            {preview.data.fires.map((at) => (
              <li key={at}>
                <time dateTime={at}>{shortTime(at, timezone)}</time>
              </li>
            ))}
          </ol>
          {preview.data.notes.map((note) => (
            <p key={note} className={styles['note']}>
              {note}
            </p>
          ))}
        </>
      ) : (
        <>
          <Bone width="60%" />
          <Bone height="6rem" />
        </>
      )}
    </div>
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
