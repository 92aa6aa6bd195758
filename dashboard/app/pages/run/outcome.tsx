import { Link } from '@tanstack/react-router';
import { CircleX, Clock, Hand } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunDetail } from '#dashboard/app/api/generated/api.ts';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { adviceFor } from '#dashboard/app/pages/run/advice.ts';
import styles from '#dashboard/app/pages/run/run.module.css';

/** Why a run failed and what to do, or what it waits for. */
export function Outcome({ run }: { readonly run: RunDetail }) {
  if (run.error) {
    const advice = adviceFor(run.error);
    return (
      <div className={`${styles['outcome']} ${styles['failed']}`}>
        <CircleX size={16} aria-hidden="true" />
        <div>
          <p>{run.error.message}</p>
          {advice && <p className={styles['next']}>{advice}</p>}
        </div>
      </div>
    );
  }
  if (run.status === 'waiting_approval') {
    return (
      <WaitNote icon={<Hand size={16} aria-hidden="true" />}>
        A person has to decide before the run goes on.{' '}
        <Link to="/app/approvals">Open approvals</Link>
      </WaitNote>
    );
  }
  if (run.waiting_for === null) return null;
  const { kind, until, place, limit, estimated_start } = run.waiting_for;
  return (
    <WaitNote icon={<Clock size={16} aria-hidden="true" />}>
      {waits[kind] ?? `The run waits (${kind})`}
      {until && (
        <>
          ; it goes on <RelativeTime at={until} />
        </>
      )}
      {place !== undefined && ` as number ${place}`}
      {limit !== undefined && `; ${limit} may run at once`}
      {estimated_start && (
        <>
          ; by how long the last ones took, its turn comes <RelativeTime at={estimated_start} />
        </>
      )}
      {estimated_start === null && '; when its turn comes is not known yet'}.
    </WaitNote>
  );
}

function WaitNote({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={`${styles['outcome']} ${styles['waiting']}`}>
      {icon}
      <p>{children}</p>
    </div>
  );
}

const waits: Record<string, string> = {
  delay: 'The run waits as its delay step says',
  retry: 'A step failed and will be tried again',
  slot: 'All places to run at once are taken, so this run stands in line',
};
