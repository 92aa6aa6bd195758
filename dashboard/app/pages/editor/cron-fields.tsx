import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { messageOf, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { Bone } from '#dashboard/app/components/state.tsx';
import { shortTime } from '#dashboard/app/format/time.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useSettled } from '#dashboard/app/pages/editor/use-settled.ts';

/** The time zone of whoever looks at the page. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

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

/** Schedules that are often wanted, and what else is chosen beside them. */
export function SchedulePresets(props: {
  /** The one that is chosen now; undefined when it is none. */
  readonly cron: string | undefined;
  readonly onCron: (cron: string) => void;
  readonly children?: ReactNode;
}) {
  return (
    <fieldset className={styles['presets']} aria-label="Common schedules">
      {presets.map(({ label, cron }) => (
        <Button
          key={cron}
          size="small"
          aria-pressed={props.cron === cron}
          look={props.cron === cron ? 'primary' : 'secondary'}
          onClick={() => props.onCron(cron)}
        >
          {label}
        </Button>
      ))}
      {props.children}
    </fieldset>
  );
}

/** A cron expression in a time zone, and when that is. */
export function CronFields(props: {
  readonly cron: string;
  readonly timezone: string;
  readonly onCron: (cron: string) => void;
  readonly onTimezone: (timezone: string) => void;
  /** What was refused, by field. */
  readonly problemAt: (field: string) => string | undefined;
}) {
  const { cron, timezone, onCron, onTimezone, problemAt } = props;
  const preview = usePreview(cron, timezone);
  const problem = (field: string) =>
    problemAt(field) ??
    (preview.error instanceof ProblemError
      ? preview.error.fields.find(({ path }) => path === field)?.message
      : undefined);
  return (
    <>
      <div className={styles['two']}>
        <TextField
          label="Cron expression"
          isCode
          help="Minute, hour, day of month, month, day of week."
          value={cron}
          error={problem('cron_expression')}
          onValue={onCron}
        />
        <SelectField
          label="Time zone"
          choices={
            zones.some(({ value }) => value === timezone)
              ? zones
              : [{ value: timezone, label: timezone }, ...zones]
          }
          value={timezone}
          error={problem('timezone')}
          onValue={onTimezone}
        />
      </div>
      <NextFires preview={preview} timezone={timezone} />
    </>
  );
}

const TYPING_MS = 300;
const SHOWN_FIRES = 5;

/** When a schedule would run next, asked of the API while it is typed. */
function usePreview(cron: string, timezone: string) {
  const settled = useSettled(cron, TYPING_MS);
  return useQuery({
    queryKey: ['schedule', settled, timezone, 'fires'],
    queryFn: ({ signal }) =>
      call('previewSchedule', {
        query: { cron_expression: settled, timezone, count: SHOWN_FIRES },
        signal,
      }),
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
