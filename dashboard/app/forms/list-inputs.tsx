import { Plus, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#dashboard/app/components/button.tsx';
import { controlClass } from '#dashboard/app/components/field.tsx';
import { DataPicker } from '#dashboard/app/forms/data-picker.tsx';
import styles from '#dashboard/app/forms/fields.module.css';
import { useForm } from '#dashboard/app/forms/form-context.ts';
import { Preview } from '#dashboard/app/forms/preview.tsx';
import { inserted } from '#dashboard/app/forms/text-input.tsx';

/** A list of texts, such as e-mail addresses. */
export function TextsInput(props: {
  readonly label: string;
  /** JSON path of the list. */
  readonly path: string;
  /** Something is wrong with the list as a whole. */
  readonly isBad?: boolean;
  readonly placeholder: string | undefined;
  readonly value: readonly string[];
  readonly onValue: (value: readonly string[]) => void;
}) {
  const { label, path, isBad = false, placeholder, value, onValue } = props;
  const { problemAt } = useForm();
  const rows = value.length === 0 ? [''] : value;
  return (
    <div className={styles['rows']}>
      {rows.map((text, place) => {
        const problem = problemAt(`${path}[${place}]`);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <div key={place}>
            <div className={styles['row']}>
              <RowInput
                label={`${label} ${place + 1}`}
                placeholder={placeholder}
                isBad={problem !== undefined || (isBad && place === 0)}
                value={text}
                onValue={(next) => onValue(rows.with(place, next))}
              />
              <RemoveButton
                label={`Remove ${label} ${place + 1}`}
                onClick={() => onValue(rows.toSpliced(place, 1))}
              />
            </div>
            {problem && <p className={styles['rowProblem']}>{problem}</p>}
            <Preview value={text} />
          </div>
        );
      })}
      <AddButton label="Add another" onClick={() => onValue([...rows, ''])} />
    </div>
  );
}

type Pair = readonly [name: string, value: unknown];

/** Names with values, such as request headers. Two rows of one name: the later counts. */
export function PairsInput(props: {
  readonly label: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly onValue: (value: Record<string, unknown>) => void;
}) {
  const { label, value, onValue } = props;
  const [rows, change] = useRows(value, onValue);
  return (
    <div className={styles['rows']}>
      {rows.map(([name, content], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <div key={place}>
          <div className={styles['row']}>
            <input
              className={controlClass(false)}
              aria-label={`${label}: name ${place + 1}`}
              placeholder="Name"
              value={name}
              onChange={(event) => change(rows.with(place, [event.target.value, content]))}
            />
            <RowInput
              label={`${label}: value ${place + 1}`}
              placeholder="Value"
              value={typeof content === 'string' ? content : JSON.stringify(content)}
              onValue={(next) => change(rows.with(place, [name, next]))}
            />
            <RemoveButton
              label={`Remove ${name || 'row'}`}
              onClick={() => change(rows.toSpliced(place, 1))}
            />
          </div>
          <Preview value={content} />
        </div>
      ))}
      <AddButton label={`Add to ${label}`} onClick={() => change([...rows, ['', '']])} />
    </div>
  );
}

/**
 * Rows keep their order and may have no name yet, which an object cannot hold. A change from outside, such as
 * an undo, replaces them.
 */
function useRows(
  value: Readonly<Record<string, unknown>>,
  onValue: (value: Record<string, unknown>) => void,
) {
  const given = JSON.stringify(value);
  const told = useRef(given);
  const [rows, setRows] = useState<readonly Pair[]>(() => Object.entries(value));
  useEffect(() => {
    if (told.current === given) return;
    told.current = given;
    setRows(Object.entries(JSON.parse(given)));
  }, [given]);
  const change = (next: readonly Pair[]) => {
    const object = objectOf(next);
    told.current = JSON.stringify(object);
    setRows(next);
    onValue(object);
  };
  return [rows, change] as const;
}

function objectOf(rows: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(rows.filter(([name]) => name !== ''));
}

/** A line of text with the data picker, where data can be had. */
function RowInput(props: {
  readonly label: string;
  readonly placeholder: string | undefined;
  readonly isBad?: boolean;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { label, placeholder, isBad = false, value, onValue } = props;
  const { scope } = useForm();
  const control = useRef<HTMLInputElement>(null);
  return (
    <span className={styles['rowInput']}>
      <input
        ref={control}
        className={controlClass(false)}
        aria-label={label}
        aria-invalid={isBad || undefined}
        placeholder={placeholder}
        autoComplete="off"
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
      {scope && (
        <DataPicker
          label={label}
          scope={scope}
          isIcon
          onPick={(text) => onValue(inserted(control.current, value, text))}
        />
      )}
    </span>
  );
}

function RemoveButton({
  label,
  onClick,
}: {
  readonly label: string;
  readonly onClick: () => void;
}) {
  return (
    <Button look="ghost" isIcon aria-label={label} onClick={onClick}>
      <X size={14} aria-hidden="true" />
    </Button>
  );
}

function AddButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <span className={styles['more']}>
      <Button size="small" icon={<Plus size={13} aria-hidden="true" />} onClick={onClick}>
        {label}
      </Button>
    </span>
  );
}
