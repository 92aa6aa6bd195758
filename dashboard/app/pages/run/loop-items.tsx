import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import type { Step } from '#dashboard/app/api/generated/api.ts';
import { byLength, cursorOf, pages } from '#dashboard/app/api/lists.ts';
import { useLastLook } from '#dashboard/app/api/runs.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { RunStatus } from '#dashboard/app/components/run-status.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import styles from '#dashboard/app/pages/run/run.module.css';

const ITEMS_A_PAGE = 25;
const REFRESH_MS = 2_000;

/** What happened for each item of a loop, the first items first. */
export function LoopItems(props: {
  readonly runId: string;
  /** Path of the loop. */
  readonly path: string;
  readonly isLive: boolean;
  /** Draws a step. */
  readonly row: (step: Step) => ReactNode;
}) {
  const { runId, path, isLive, row } = props;
  // One list for all loops of the run: they are read together.
  const steps = useInfiniteQuery({
    queryKey: ['runs', 'items', runId],
    queryFn: ({ pageParam, signal }) =>
      call('listLoopSteps', {
        path: { run_id: runId },
        query: { limit: ITEMS_A_PAGE, ...cursorOf(pageParam) },
        signal,
      }),
    ...pages,
    refetchInterval: isLive ? byLength(REFRESH_MS) : false,
  });
  useLastLook(isLive, steps.refetch);
  if (steps.error) {
    return <ProblemNote error={steps.error} onRetry={() => void steps.refetch()} />;
  }
  if (!steps.data) return <Bone height="3rem" />;
  const items = itemsOf(
    path,
    steps.data.pages.flatMap((page) => page.items),
  );
  return (
    <div>
      <h3>Items</h3>
      {items.length === 0 && !steps.hasNextPage && (
        <p className={styles['stepMeta']}>Nothing ran for any item.</p>
      )}
      <ol className={styles['items']}>
        {items.map((item) => (
          <li key={item.index} aria-label={`Item ${item.index + 1}`}>
            <p className={styles['itemTitle']}>
              Item {item.index + 1} {item.status && <RunStatus status={item.status} />}
            </p>
            <ol className={styles['steps']}>{item.steps.map(row)}</ol>
          </li>
        ))}
      </ol>
      {steps.hasNextPage && (
        <Button
          size="small"
          isBusy={steps.isFetchingNextPage}
          onClick={() => void steps.fetchNextPage()}
        >
          More items
        </Button>
      )}
    </div>
  );
}

type Item = {
  readonly index: number;
  readonly status: Step['status'] | undefined;
  readonly steps: readonly Step[];
};

/** The items of a loop; steps inside of a loop that is inside of it are drawn there. */
function itemsOf(path: string, steps: readonly Step[]): readonly Item[] {
  const prefix = `${path}[`;
  const inside = steps.filter((step) => step.path.startsWith(prefix));
  const groups = Map.groupBy(inside, (step) => Number.parseInt(step.path.slice(prefix.length), 10));
  const items = [...groups].map(([index, its]) => {
    const own = `${prefix}${index}]`;
    // The item that ends the loop has no record of its own.
    const whole =
      its.find((step) => step.path === own) ?? its.find((step) => step.status === 'failed');
    return {
      index,
      status: whole?.status,
      steps: its.filter((step) => isDirectlyIn(own, step.path)),
    };
  });
  return items.toSorted((a, b) => a.index - b.index);
}

function isDirectlyIn(item: string, path: string): boolean {
  return path.startsWith(`${item}.`) && !path.slice(item.length).includes('[');
}
