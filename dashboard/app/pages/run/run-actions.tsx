import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Ban, ChevronDown, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import type { RunDetail } from '#dashboard/app/api/generated/api.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { Menu, MenuItem } from '#dashboard/app/components/menu.tsx';
import { isFinal } from '#dashboard/app/components/run-status.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';
import type { StepNames } from '#dashboard/app/pages/run/step-names.ts';

/** What can be done with a run: end it while it goes on, replay it when it is over. */
export function RunActions(props: {
  readonly run: RunDetail;
  readonly names: StepNames;
  /** False when its agent is gone. */
  readonly isReplayable: boolean;
}) {
  const { run, names, isReplayable } = props;
  if (!isFinal(run.status)) return <CancelButton run={run} />;
  return isReplayable && run.status !== 'rejected' ? <ReplayMenu run={run} names={names} /> : null;
}

function CancelButton({ run }: { readonly run: RunDetail }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => call('cancelRun', { path: { run_id: run.id } }),
    onSuccess: () => tell('The run is being cancelled'),
    onError: (error) => tellProblem('The run was not cancelled', error),
    async onSettled() {
      setAsking(false);
      await queries.invalidateQueries({ queryKey: ['runs'] });
    },
  });
  return (
    <>
      <Button
        look="danger"
        icon={<Ban size={14} aria-hidden="true" />}
        onClick={() => setAsking(true)}
      >
        Cancel run
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title="Cancel this run?"
        confirm="Cancel run"
        cancel="Let it go on"
        isBusy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
      >
        A step in flight is ended; what earlier steps did stays done.
      </ConfirmDialog>
    </>
  );
}

function ReplayMenu({ run, names }: { readonly run: RunDetail; readonly names: StepNames }) {
  const navigate = useNavigate();
  const replay = useMutation({
    mutationFn: (fromStep: string | undefined) =>
      call('replayRun', {
        path: { run_id: run.id },
        body: fromStep === undefined ? {} : { from_step: fromStep },
      }),
    onSuccess: ({ run_id }) => navigate({ to: '/app/runs/$runId', params: { runId: run_id } }),
    onError: (error) => tellProblem('The run was not replayed', error),
  });
  const steps = run.steps.filter(({ path }) => /^\d+$/.test(path)).slice(1);
  return (
    <Menu
      trigger={
        <Button icon={<RotateCcw size={14} aria-hidden="true" />} isBusy={replay.isPending}>
          Replay
          <ChevronDown size={14} aria-hidden="true" />
        </Button>
      }
    >
      <MenuItem onSelect={() => replay.mutate(undefined)}>From the start</MenuItem>
      {steps.map((step) => (
        <MenuItem key={step.path} onSelect={() => replay.mutate(step.path)}>
          From “{names.of(step.id)}”
        </MenuItem>
      ))}
    </Menu>
  );
}
