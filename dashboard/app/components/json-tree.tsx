import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import styles from '#dashboard/app/components/json-tree.module.css';

const OPEN_DEPTH = 2;
const SHOWN_ENTRIES = 50;
const SHOWN_TEXT = 2_000;

/** A JSON value to look into. Everything is text: nothing in it is ever run or followed. */
export function JsonTree(props: {
  readonly value: unknown;
  readonly label: string;
  /** What the outermost fields are called, where they have other names for people. */
  readonly nameOf?: (field: string) => string;
}) {
  const { value, label, nameOf } = props;
  return (
    <section className={styles['tree']} aria-label={label}>
      <Value value={value} depth={0} nameOf={nameOf} />
    </section>
  );
}

type NodeProps = {
  readonly value: unknown;
  readonly depth: number;
  readonly name?: string;
  readonly nameOf?: ((field: string) => string) | undefined;
};

function Value({ value, depth, name, nameOf }: NodeProps) {
  const key = name !== undefined && <span className={styles['key']}>{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <>
        {key}
        <Leaf value={value} />
      </>
    );
  }
  return <Branch value={value} depth={depth} keyLabel={key} nameOf={nameOf} />;
}

function Branch(props: {
  readonly value: object;
  readonly depth: number;
  readonly keyLabel: ReactNode;
  readonly nameOf: NodeProps['nameOf'];
}) {
  const { value, depth, keyLabel, nameOf } = props;
  const entries = Object.entries(value);
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH && entries.length <= SHOWN_ENTRIES);
  const [shown, setShown] = useState(SHOWN_ENTRIES);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) {
    return (
      <>
        {keyLabel}
        {open}
        {close}
      </>
    );
  }
  return (
    <>
      <button
        type="button"
        className={styles['toggle']}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight size={12} aria-hidden="true" />
        {keyLabel}
        {open}
        {!isOpen && (
          <span className={styles['size']}>
            {' '}
            {entries.length} {Array.isArray(value) ? 'items' : 'fields'} {close}
          </span>
        )}
      </button>
      {isOpen && (
        <>
          <ul>
            {entries.slice(0, shown).map(([name, inner]) => (
              <li key={name}>
                <Value value={inner} depth={depth + 1} name={nameOf?.(name) ?? name} />
              </li>
            ))}
            {entries.length > shown && (
              <li>
                <button
                  type="button"
                  className={styles['more']}
                  onClick={() => setShown(shown + SHOWN_ENTRIES)}
                >
                  {entries.length - shown} more…
                </button>
              </li>
            )}
          </ul>
          {close}
        </>
      )}
    </>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === 'string') {
    const text = isWhole ? value : value.slice(0, SHOWN_TEXT);
    return (
      <>
        <span className={styles['string']}>{JSON.stringify(text)}</span>
        {text.length < value.length && (
          <button type="button" className={styles['more']} onClick={() => setWhole(true)}>
            {' '}
            show all {value.length} characters
          </button>
        )}
      </>
    );
  }
  const look = typeof value === 'number' ? 'number' : 'literal';
  return <span className={styles[look]}>{String(value)}</span>;
}
