import { useState } from 'react';
import { controlClass, Field } from '#dashboard/app/components/field.tsx';
import { type Unit, unitOf, units } from '#dashboard/app/format/duration.ts';
import styles from '#dashboard/app/forms/fields.module.css';

/** A number of seconds, asked for in the unit that suits it. */
export function DurationInput(props: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly need: string | undefined;
  readonly isWhole: boolean;
  /** In seconds, as everything here. */
  readonly value: unknown;
  readonly usual: unknown;
  readonly onValue: (seconds: number | undefined) => void;
}) {
  const { label, help, error, need, isWhole, value, usual, onValue } = props;
  const [chosen, setChosen] = useState<Unit>();
  const [typed, setTyped] = useState({ text: '', seconds: undefined as number | undefined });
  const unit = chosen ?? unitOf(value ?? usual);
  const seconds = typeof value === 'number' ? value : undefined;
  const text = seconds === undefined ? '' : String(seconds / units[unit]);
  const set = (next: string, of: Unit) => {
    const exact = Number(next) * units[of];
    const told = next === '' ? undefined : isWhole ? Math.round(exact) : exact;
    setTyped({ text: next, seconds: told });
    setChosen(of);
    onValue(told);
  };
  const shown = typed.seconds === seconds ? typed.text : text;
  return (
    <Field {...{ label, help, error, need }}>
      {(ids) => (
        <span className={styles['duration']}>
          <input
            {...ids}
            type="number"
            inputMode="decimal"
            min={0}
            step="any"
            className={controlClass(false)}
            placeholder={typeof usual === 'number' ? `Default: ${usual / units[unit]}` : undefined}
            value={shown}
            onChange={(event) => set(event.target.value, unit)}
          />
          <select
            className={controlClass(false)}
            aria-label={`${label}: unit`}
            value={unit}
            onChange={(event) => set(shown, event.target.value as Unit)}
          >
            {Object.keys(units).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}
