import type { ReactNode } from 'react';
import styles from '#dashboard/app/components/figures.module.css';
import { Bone } from '#dashboard/app/components/state.tsx';

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

/** Stands where four figures will be. */
export function FigureBones() {
  return (
    <Figures>
      {['first', 'second', 'third', 'fourth'].map((place) => (
        <div key={place}>
          <Bone width="50%" height="1.1rem" />
          <Bone width="30%" height="1.9rem" />
          <Bone width="60%" height="1.1rem" />
        </div>
      ))}
    </Figures>
  );
}
