import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { apiKeysQuery } from '#dashboard/app/api/api-keys.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { NewApiKey } from '#dashboard/app/api/generated/api.ts';
import { problemsLeft } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Dialog } from '#dashboard/app/components/dialog.tsx';
import { SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { FormProblem } from '#dashboard/app/forms/form-problem.tsx';
import styles from '#dashboard/app/pages/api-keys/api-keys.module.css';

const DAY_MS = 86_400_000;
const lifetimes = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
];

/** Asks what a key is for, and how long it is to work. */
export function NewApiKeyDialog(props: {
  readonly onMade: (made: NewApiKey) => void;
  readonly onClose: () => void;
}) {
  const { onMade, onClose } = props;
  const queries = useQueryClient();
  const form = useId();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const making = useMutation({
    mutationFn: (sent: { readonly name: string }) =>
      call('createApiKey', { body: { ...sent, ...expiryAfter(days) } }),
    async onSuccess(made) {
      onMade(made);
      onClose();
      await queries.invalidateQueries({ queryKey: apiKeysQuery().queryKey });
    },
  });
  const { error, variables: refused } = making;
  const problems = problemsLeft(error, refused, { name });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate({ name });
  };
  return (
    <Dialog
      isOpen
      onOpenChange={onClose}
      title="New API key"
      description="Whoever has it may do nearly all that you may. It is shown once."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} isBusy={making.isPending}>
            Make the key
          </Button>
        </>
      }
    >
      <form className={styles['form']} id={form} onSubmit={submit} noValidate>
        <TextField
          label="Name"
          help="What uses it."
          value={name}
          onValue={setName}
          error={problems.find(({ path }) => path === 'name')?.message}
        />
        <SelectField label="Expires" choices={lifetimes} value={days} onValue={setDays} />
        {error && <FormProblem error={error} left={problems.length} />}
      </form>
    </Dialog>
  );
}

function expiryAfter(days: string): { readonly expires_at?: string } {
  if (days === '') return {};
  return { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };
}
