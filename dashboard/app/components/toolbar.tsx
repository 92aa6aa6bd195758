import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Choice, controlClass } from '#dashboard/app/components/field.tsx';
import styles from '#dashboard/app/components/toolbar.module.css';

/** What narrows a list down. */
export function Toolbar({ children }: { readonly children: ReactNode }) {
  return <div className={styles['toolbar']}>{children}</div>;
}

const TYPING_MS = 250;

/** Tells its value when typing rests. */
export function SearchBox(props: {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { label, value, onValue } = props;
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className={styles['search']}>
      <Search size={15} aria-hidden="true" />
      <input
        type="search"
        className={controlClass(false)}
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={text}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onValue(next.trim()), TYPING_MS);
        }}
      />
    </div>
  );
}

/** One of two to four, all in sight. */
export function Segments(props: {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Beside a label. */
  readonly isSmall?: boolean;
}) {
  const { label, choices, value, onValue, isSmall = false } = props;
  return (
    <ToggleGroup
      className={`${styles['segments']} ${isSmall ? styles['small'] : ''}`}
      aria-label={label}
      value={[value]}
      onValueChange={(values) => {
        const [chosen] = values;
        if (chosen !== undefined) onValue(chosen);
      }}
    >
      {choices.map((choice) => (
        <Toggle key={choice.value} value={choice.value} className={styles['segment']}>
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}

/** One of many, to narrow a list. */
export function FilterSelect(props: {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { label, choices, value, onValue } = props;
  return (
    <select
      className={`${controlClass(false)} ${styles['select']}`}
      aria-label={label}
      value={value}
      onChange={(event) => onValue(event.target.value)}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}
