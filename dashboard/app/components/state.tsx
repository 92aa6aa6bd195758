import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { messageOf, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import styles from '#dashboard/app/components/state.module.css';

/** A place where there is nothing yet: what belongs here, and how to get it. */
export function EmptyState(props: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <div className={styles['state']}>
      <span className={styles['icon']} aria-hidden="true">
        {props.icon}
      </span>
      <h2>{props.title}</h2>
      {props.children && <p>{props.children}</p>}
      {props.actions && <div className={styles['actions']}>{props.actions}</div>}
    </div>
  );
}

/** What went wrong, and the way to try again. */
export function ProblemNote(props: {
  readonly error: unknown;
  readonly onRetry?: () => void;
  /** What `onRetry` does, in words. */
  readonly retry?: string;
}) {
  const { error, onRetry, retry = 'Try again' } = props;
  const reference =
    error instanceof ProblemError && error.status >= 500 ? error.requestId : undefined;
  return (
    <div className={styles['problem']} role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <div>
        <p>{messageOf(error)}</p>
        {reference && <p className={styles['reference']}>Request {reference}</p>}
        {onRetry && (
          <div className={styles['retry']}>
            <Button size="small" onClick={onRetry}>
              {retry}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** Stands where text will be, of the same height, so that nothing jumps. */
export function Bone(props: { readonly width?: string; readonly height?: string }) {
  const { width = '100%', height = '0.875rem' } = props;
  return <span className={styles['bone']} style={{ width, height }} aria-hidden="true" />;
}
