import { lookBacks, type RunFilter } from '#dashboard/app/api/run-filter.ts';
import { controlClass } from '#dashboard/app/components/field.tsx';
import styles from '#dashboard/app/components/toolbar.module.css';
import { FilterSelect } from '#dashboard/app/components/toolbar.tsx';

const BETWEEN = 'between';
const choices = [
  { value: '', label: 'Any time' },
  ...lookBacks.map(({ value, label }) => ({ value, label })),
  { value: BETWEEN, label: 'Between…' },
];
const DAY_MS = 86_400_000;

/** Narrows runs to those that were triggered within a time. */
export function TimeFilter(props: {
  readonly filter: RunFilter;
  readonly onFilter: (filter: RunFilter) => void;
}) {
  const { filter, onFilter } = props;
  const { since, until } = filter;
  const isBack = lookBacks.some(({ value }) => value === since);
  const isBetween = !isBack && Boolean(since || until);
  const choose = (value: string) => {
    const now = Date.now();
    if (value !== BETWEEN) onFilter({ ...filter, since: value || undefined, until: undefined });
    else onFilter({ ...filter, since: timeOf(now - DAY_MS), until: timeOf(now) });
  };
  return (
    <>
      <FilterSelect
        label="Time"
        choices={choices}
        value={isBetween ? BETWEEN : (since ?? '')}
        onValue={choose}
      />
      {isBetween && (
        <>
          <Moment label="From" at={since} onAt={(at) => onFilter({ ...filter, since: at })} />
          <Moment label="To" at={until} onAt={(at) => onFilter({ ...filter, until: at })} />
        </>
      )}
    </>
  );
}

/** A date and time in the reader's zone. */
function Moment(props: {
  readonly label: string;
  readonly at: string | undefined;
  readonly onAt: (at: string | undefined) => void;
}) {
  const { label, at, onAt } = props;
  return (
    <input
      type="datetime-local"
      className={`${controlClass(false)} ${styles['select']}`}
      aria-label={label}
      value={localText(at)}
      onChange={({ target }) => {
        const time = Date.parse(target.value);
        if (!Number.isNaN(time)) onAt(timeOf(time));
      }}
    />
  );
}

/** As the control takes it: the reader's own time, to the minute. */
function localText(at: string | undefined): string {
  const time = Date.parse(at ?? '');
  if (Number.isNaN(time)) return '';
  const zoneMs = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - zoneMs).toISOString().slice(0, 16);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
