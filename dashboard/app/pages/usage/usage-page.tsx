import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Coins, TriangleAlert } from 'lucide-react';
import type { LedgerEntry, Usage } from '#dashboard/app/api/generated/api.ts';
import { tableSource } from '#dashboard/app/api/lists.ts';
import { spendingQuery, usageQuery, useLedger } from '#dashboard/app/api/usage.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { LazyBarChart } from '#dashboard/app/components/charts/lazy-bar-chart.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { Figure, FigureBones, Figures } from '#dashboard/app/components/figures.tsx';
import { Meter } from '#dashboard/app/components/meter.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, EmptyState, ProblemNote } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import styles from '#dashboard/app/pages/usage/usage.module.css';

const number = new Intl.NumberFormat('en');
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** What is left to spend, what the plan allows, and where the credits went. */
export function UsagePage() {
  const usage = useQuery(usageQuery());
  const ledger = useLedger();
  return (
    <Page
      title="Usage"
      beside={usage.data && <Badge tone="blue">{planNames[usage.data.plan]} plan</Badge>}
      lead="Credits pay for steps that ran. Retries are free; what a run reserves and does not use comes back."
    >
      {usage.data?.hint && (
        <div className={styles['hint']} role="status">
          <TriangleAlert size={16} aria-hidden="true" />
          <p>{usage.data.hint.message}</p>
        </div>
      )}
      {usage.error ? (
        <ProblemNote error={usage.error} onRetry={() => void usage.refetch()} />
      ) : usage.data ? (
        <Limits usage={usage.data} />
      ) : (
        <FigureBones />
      )}
      <Spending />
      <h2 className={styles['heading']}>Ledger</h2>
      <DataTable
        label="Ledger"
        columns={columns}
        source={tableSource(ledger)}
        rowKey={({ at, kind, run_id, balance_after }) => `${at} ${kind} ${run_id} ${balance_after}`}
        empty={
          <EmptyState icon={<Coins size={20} />} title="Nothing was spent yet">
            Every grant, every run and every refund is listed here.
          </EmptyState>
        }
      />
    </Page>
  );
}

/** Credits that runs took, by day. */
function Spending() {
  const spending = useQuery(spendingQuery());
  const { data, error } = spending;
  return (
    <div className={styles['chart']}>
      <Panel
        title="Credits spent a day"
        note={
          data?.truncated
            ? 'The last 14 days, in UTC. There were more entries than are looked at: the oldest are left out.'
            : 'The last 14 days, in UTC.'
        }
      >
        {data ? (
          <LazyBarChart
            label="Credits spent a day"
            bars={data.days.map(({ date, credits }) => ({ at: date, credits }))}
            series={[{ name: 'credits', label: 'Credits', colour: 'var(--accent-solid)' }]}
            tick={(at) => day.format(Date.parse(at))}
          />
        ) : error ? (
          <ProblemNote error={error} onRetry={() => void spending.refetch()} />
        ) : (
          <Bone height="17rem" />
        )}
      </Panel>
    </div>
  );
}

const planNames: Record<Usage['plan'], string> = { free: 'Free', builder: 'Builder', pro: 'Pro' };

function Limits({ usage }: { readonly usage: Usage }) {
  const { credits, runs, hourly, concurrency, renews_at } = usage;
  return (
    <Figures>
      <Figure
        label="Credits left"
        value={number.format(credits.balance)}
        note={
          <>
            {credits.reserved > 0 && `${number.format(credits.reserved)} reserved · `}
            renews <RelativeTime at={renews_at} />
          </>
        }
      />
      <Meter label="Runs this month" used={runs.month} limit={runs.limit} />
      <Meter label="Runs this hour" used={hourly.used} limit={hourly.limit} />
      <Meter label="Running now" used={concurrency.running} limit={concurrency.limit} />
    </Figures>
  );
}

const kinds: Record<LedgerEntry['kind'], string> = {
  grant: 'Granted',
  reserve: 'Reserved for a run',
  refund: 'Not used, given back',
  renewal: 'New month',
  adjustment: 'Adjusted',
};

const columns: readonly Column<LedgerEntry>[] = [
  {
    title: 'What',
    cell: ({ kind, reason, run_id }) => (
      <>
        {kinds[kind]}
        {reason && <span className={styles['reason']}> {reason}</span>}
        {run_id && (
          <>
            {' '}
            <Link to="/app/runs/$runId" params={{ runId: run_id }}>
              see the run
            </Link>
          </>
        )}
      </>
    ),
  },
  { title: 'When', width: '10rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
  {
    title: 'Amount',
    width: '8rem',
    isEnd: true,
    cell: ({ amount }) => (
      <span className={amount > 0 ? styles['gain'] : undefined}>
        {amount > 0 ? '+' : amount < 0 ? '−' : ''}
        {number.format(Math.abs(amount))}
      </span>
    ),
  },
  {
    title: 'Balance',
    width: '8rem',
    isEnd: true,
    isQuiet: true,
    narrow: 'hidden',
    cell: ({ balance_after }) => number.format(balance_after),
  },
];
