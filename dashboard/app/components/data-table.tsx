import type { ReactNode } from 'react';
import { Button } from '#dashboard/app/components/button.tsx';
import styles from '#dashboard/app/components/data-table.module.css';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';

export type Column<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly width?: string;
  readonly isEnd?: boolean;
  readonly isQuiet?: boolean;
  /** On a narrow screen: left out, or a line of its own. */
  readonly narrow?: 'hidden' | 'whole';
};

/** What a list's query gives, as far as a table shows it. */
type Source<Row> = {
  readonly rows: readonly Row[] | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
  readonly hasMore?: boolean;
  readonly isLoadingMore?: boolean;
  readonly loadMore?: () => unknown;
};

/**
 * A list of things. A row is opened by the link in it that carries `data-row-link`; while rows are loaded
 * their place is kept.
 */
export function DataTable<Row>(props: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly source: Source<Row>;
  readonly rowKey: (row: Row) => string;
  readonly empty: ReactNode;
  readonly bones?: number;
  /** Its panel draws the border. */
  readonly isInPanel?: boolean;
}) {
  const { label, columns, source, rowKey, empty, bones = 6, isInPanel = false } = props;
  const frame = isInPanel ? undefined : styles['frame'];
  const { rows, error, refetch } = source;
  if (rows === undefined && error) {
    return <ProblemNote error={error} onRetry={() => void refetch()} />;
  }
  if (rows?.length === 0) return <div className={frame}>{empty}</div>;
  return (
    <>
      {error ? <ProblemNote error={error} onRetry={() => void refetch()} /> : null}
      <div className={frame} aria-busy={rows === undefined}>
        <table className={styles['table']} aria-label={label}>
          <thead>
            <tr>
              {columns.map(({ title, width, isEnd }) => (
                <th key={title} style={{ width }} className={isEnd ? styles['end'] : undefined}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows?.map((row) => (
              <tr key={rowKey(row)} className={styles['row']}>
                {columns.map((column) => (
                  <td key={column.title} className={cellClass(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )) ?? <BoneRows columns={columns} count={bones} />}
          </tbody>
        </table>
      </div>
      {source.hasMore && (
        <div className={styles['more']}>
          <Button isBusy={source.isLoadingMore ?? false} onClick={() => void source.loadMore?.()}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function BoneRows<Row>(props: {
  readonly columns: readonly Column<Row>[];
  readonly count: number;
}) {
  return Array.from({ length: props.count }, (_, place) => `bone-${place}`).map((key) => (
    <tr key={key}>
      {props.columns.map((column, place) => (
        <td key={column.title} className={cellClass(column)}>
          <Bone width={place === 0 ? '70%' : '50%'} height="1.25rem" />
        </td>
      ))}
    </tr>
  ));
}

function cellClass({
  isEnd,
  isQuiet,
  narrow,
}: Pick<Column<never>, 'isEnd' | 'isQuiet' | 'narrow'>): string {
  const names = [
    isEnd && styles['end'],
    isQuiet && styles['quiet'],
    narrow === 'hidden' && styles['wideOnly'],
    narrow === 'whole' && styles['whole'],
  ];
  return names.filter(Boolean).join(' ');
}
