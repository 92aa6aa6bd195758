import { useBlocker } from '@tanstack/react-router';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';

/** Asks before changes are lost. @param mayLose whether leaving now would lose some */
export function LeaveGuard({ mayLose }: { readonly mayLose: () => boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: mayLose,
    enableBeforeUnload: mayLose,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      isOpen={blocker.status === 'blocked'}
      onOpenChange={(isOpen) => {
        if (!isOpen) blocker.reset?.();
      }}
      title="Leave without saving?"
      confirm="Leave"
      cancel="Stay"
      onConfirm={() => blocker.proceed?.()}
    >
      Your changes are lost when you leave.
    </ConfirmDialog>
  );
}
