import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';

/** Asks before something of a list is deleted, and deletes it. */
export function DeleteDialog(props: {
  readonly name: string;
  /** What follows from it. */
  readonly children: ReactNode;
  readonly act: () => Promise<unknown>;
  /** Of the list that it is in. */
  readonly queryKey: readonly unknown[];
  readonly onDeleted?: () => void;
  readonly onClose: () => void;
}) {
  const { name, children, act, queryKey, onDeleted, onClose } = props;
  const queries = useQueryClient();
  const deletion = useMutation({
    mutationFn: act,
    async onSuccess() {
      onDeleted?.();
      onClose();
      tell(`“${name}” was deleted`);
      await queries.invalidateQueries({ queryKey });
    },
    onError: (error) => tellProblem(`“${name}” was not deleted`, error),
  });
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={`Delete “${name}”?`}
      confirm="Delete"
      isBusy={deletion.isPending}
      onConfirm={() => deletion.mutate()}
    >
      {children} This cannot be undone.
    </ConfirmDialog>
  );
}
