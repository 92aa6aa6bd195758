import { useQuery } from '@tanstack/react-query';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { readMeasurements } from '#dashboard/app/pages/observability/measurements.ts';
import styles from '#dashboard/app/pages/observability/observability.module.css';

const REFRESH_MS = 5_000;

/** What CloudWatch would show of this machine, of all its users, since it was started. */
export function MachinePanel() {
  const measured = useQuery({
    queryKey: ['local', 'metrics'],
    queryFn: async ({ signal }) => {
      const answer = await fetch('/local/metrics', { signal });
      if (!answer.ok) throw new Error(`The machine answered ${answer.status}.`);
      return readMeasurements(await answer.text());
    },
    refetchInterval: REFRESH_MS,
  });
  return (
    <Panel
      title="This machine"
      note={
        <>
          What all of its users' runs measured since the start, as Prometheus reads it at{' '}
          <a href="/local/metrics">/local/metrics</a>.
        </>
      }
    >
      {measured.error ? (
        <ProblemNote error={measured.error} onRetry={() => void measured.refetch()} />
      ) : measured.data?.length === 0 ? (
        <p className={styles['quiet']}>Nothing was measured yet.</p>
      ) : (
        <ul className={styles['ranking']}>
          {measured.data?.map(({ key, name, by, value }) => (
            <li key={key}>
              <span>
                {name} <span className={styles['quiet']}>{by}</span>
              </span>
              <span className={styles['figure']}>{value}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
