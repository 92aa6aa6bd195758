import type { ReactNode } from 'react';
import styles from '#dashboard/app/components/figures.module.css';

/** A few figures side by side, each in a card. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <div className={styles['figures']}>{children}</div>;
}

/** One figure with its name. */
export function Figure(props: {
  readonly label: string;
  readonly value: string;
  readonly note?: ReactNode;
}) {
  const { label, value, note } = props;
  return (
    <div>
      <p className={styles['label']}>{label}</p>
      <p className={styles['value']}>{value}</p>
      {note && <p className={styles['label']}>{note}</p>}
    </div>
  );
}
