import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useEffect } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent, AgentVersion } from '#dashboard/app/api/generated/api.ts';
import { cursorOf, pages } from '#dashboard/app/api/lists.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { Button } from '#dashboard/app/components/button.tsx';
import { Dialog } from '#dashboard/app/components/dialog.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { VersionDiff } from '#dashboard/app/pages/agent/version-diff.tsx';

/** Every version of the agent: to compare with the current one, and to go back to. */
export function Versions(props: {
  readonly agent: Agent;
  /** The one that is compared. */
  readonly compared: number | undefined;
  readonly onCompare: (version: number | undefined) => void;
}) {
  const { agent, compared, onCompare } = props;
  const versions = useInfiniteQuery({
    queryKey: ['agents', 'versions', agent.id],
    queryFn: ({ pageParam, signal }) =>
      call('listAgentVersions', {
        path: { id: agent.id },
        query: { limit: 20, ...cursorOf(pageParam) },
        signal,
      }),
    ...pages,
  });
  const items = versions.data?.pages.flatMap((page) => page.items);
  const isOlder = compared !== undefined && compared !== agent.version;
  const wanted = isOlder ? items?.find(({ version }) => version === compared) : undefined;
  const { hasNextPage, isFetching, fetchNextPage } = versions;
  // A link may name a version that is further down the list.
  useEffect(() => {
    if (isOlder && !wanted && hasNextPage && !isFetching) void fetchNextPage();
  }, [isOlder, wanted, hasNextPage, isFetching, fetchNextPage]);
  return (
    <Panel title="Versions" isFlush>
      {versions.error ? (
        <ProblemNote error={versions.error} onRetry={() => void versions.refetch()} />
      ) : (
        <ol className={styles['versions']}>
          {items?.map((version) => (
            <li key={version.version}>
              <span>
                Version {version.version}
                <span className={styles['versionTime']}>
                  <RelativeTime at={version.created_at} />
                </span>
              </span>
              {version.version === agent.version ? (
                <Badge tone="green">Current</Badge>
              ) : (
                <Button
                  size="small"
                  aria-label={`Compare version ${version.version}`}
                  onClick={() => onCompare(version.version)}
                >
                  Compare
                </Button>
              )}
            </li>
          )) ?? (
            <li>
              <Bone width="40%" />
            </li>
          )}
        </ol>
      )}
      {versions.hasNextPage && (
        <Button look="ghost" onClick={() => void versions.fetchNextPage()}>
          Older versions
        </Button>
      )}
      {wanted && (
        <CompareDialog agent={agent} version={wanted} onClose={() => onCompare(undefined)} />
      )}
    </Panel>
  );
}

function CompareDialog(props: {
  readonly agent: Agent;
  readonly version: AgentVersion;
  readonly onClose: () => void;
}) {
  const { agent, version, onClose } = props;
  const restore = useRestore(agent.id, onClose);
  return (
    <Dialog
      isOpen
      isWide
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={`Version ${version.version} and the current one`}
      description="Green is what the current version has added, red what it has left out."
      actions={
        <Button
          look="primary"
          icon={<History size={14} aria-hidden="true" />}
          isBusy={restore.isPending}
          onClick={() => restore.mutate({ to: version.version, from: agent.version })}
        >
          Restore version {version.version}
        </Button>
      }
    >
      <VersionDiff before={version} after={agent} />
    </Dialog>
  );
}

/** Makes an older version the current one, as a version of its own; with a way to undo it. */
function useRestore(agentId: string, onDone: () => void) {
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: ({ to }: { readonly to: number; readonly from: number }) =>
      call('restoreAgentVersion', { path: { id: agentId, n: String(to) } }),
    async onSuccess(agent, { to, from }) {
      onDone();
      tell(`Version ${to} is back, as version ${agent.version}`, {
        label: 'Undo',
        run: () => restore.mutate({ to: from, from: agent.version }),
      });
      await queries.invalidateQueries({ queryKey: ['agents'] });
    },
    onError: (error) => tellProblem('The version was not restored', error),
  });
  return restore;
}
