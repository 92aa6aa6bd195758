import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/pages/admin/admin.module.css';

const pauseQuery = queryOptions({
  queryKey: ['pause'],
  queryFn: ({ signal }) => call('getPause', { signal }),
  refetchInterval: 10_000,
});

/** Keeps everything from starting, and lets it go on. */
export function PausePanel() {
  const client = useQueryClient();
  const pause = useQuery(pauseQuery);
  const [reason, setReason] = useState('');
  const [isAsking, setAsking] = useState(false);
  const isPaused = pause.data?.paused === true;
  const change = useMutation({
    mutationFn: () => call('setPause', { body: { paused: !isPaused, reason } }),
    onSuccess: async ({ paused }) => {
      setReason('');
      setAsking(false);
      tell(paused ? 'Dispatch is paused' : 'Dispatch goes on');
      await client.invalidateQueries({ queryKey: ['pause'] });
      await client.invalidateQueries({ queryKey: ['admin-audit'] });
    },
  });
  return (
    <Panel
      title="Dispatch"
      note="While it is paused, triggers are accepted and kept, and nothing starts. What was kept starts by itself afterwards."
    >
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          if (isPaused) change.mutate();
          else setAsking(true);
        }}
      >
        {pause.error && <ProblemNote error={pause.error} onRetry={() => void pause.refetch()} />}
        {pause.data && (
          <p role="status">
            {isPaused ? 'Paused' : 'Running'}
            {pause.data.since !== null && (
              <>
                {' since '}
                <RelativeTime at={pause.data.since} />
                {`, by ${pause.data.by}`}
              </>
            )}
            {pause.data.reason !== null && `: ${pause.data.reason}`}
          </p>
        )}
        <TextField
          label="Reason"
          help="Shown here and in the audit log."
          value={reason}
          onValue={setReason}
        />
        {change.error && <ProblemNote error={change.error} />}
        <Button
          type="submit"
          look={isPaused ? 'primary' : 'danger'}
          isBusy={change.isPending}
          disabled={!pause.data}
        >
          {isPaused ? 'Let dispatch go on' : 'Pause all dispatch'}
        </Button>
      </form>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title="Pause all dispatch?"
        confirm="Pause everything"
        isBusy={change.isPending}
        onConfirm={() => change.mutate()}
      >
        Nobody’s runs start, and those that are executed stop before their next step, until dispatch
        goes on.
      </ConfirmDialog>
    </Panel>
  );
}
