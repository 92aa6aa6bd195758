import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { connectionsQuery } from '#dashboard/app/api/connections.ts';
import type { Connection } from '#dashboard/app/api/generated/api.ts';
import { formSchemas } from '#dashboard/app/api/generated/forms.ts';
import { problemsLeft } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Dialog } from '#dashboard/app/components/dialog.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/forms/fields.module.css';
import { FormProvider } from '#dashboard/app/forms/form-context.ts';
import { FormProblem } from '#dashboard/app/forms/form-problem.tsx';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';
import { RootFields } from '#dashboard/app/forms/schema-fields.tsx';
import {
  changeOf,
  changeSchema,
  type Values,
  valuesOf,
} from '#dashboard/app/pages/connections/change.ts';

/** Asks for a credential; what is asked for follows from its kind. */
export function NewConnectionDialog(props: {
  /** The kind to begin with. */
  readonly kind: string;
  readonly onClose: () => void;
}) {
  const { kind, onClose } = props;
  return (
    <ConnectionDialog
      title="New connection"
      description="The secret is encrypted and never shown again."
      confirm="Connect"
      done={(name) => `“${name}” is connected`}
      schema={formSchemas.connection as FieldSchema}
      start={{ kind }}
      save={(value) => call('createConnection', { body: { secret: {}, ...value } as never })}
      onClose={onClose}
    />
  );
}

/** Asks for another name, other settings or another secret. */
export function ChangeConnectionDialog(props: {
  readonly connection: Connection;
  readonly onClose: () => void;
}) {
  const { connection, onClose } = props;
  const start = valuesOf(connection);
  return (
    <ConnectionDialog
      title={`Change “${connection.name}”`}
      description="Leave the secret empty to keep the one it has. Steps use what you save from their next start on."
      confirm="Save"
      done={(name) => `“${name}” was changed`}
      schema={changeSchema(connection.kind)}
      start={start}
      save={(value) =>
        call('changeConnection', {
          path: { connection_id: connection.id },
          body: changeOf(start, value) as never,
        })
      }
      onClose={onClose}
    />
  );
}

function ConnectionDialog(props: {
  readonly title: string;
  readonly description: string;
  readonly confirm: string;
  /** What is said when it is saved. */
  readonly done: (name: string) => string;
  readonly schema: FieldSchema;
  readonly start: Values;
  readonly save: (value: Values) => Promise<Connection>;
  readonly onClose: () => void;
}) {
  const { title, description, confirm, done, schema, start, save, onClose } = props;
  const queries = useQueryClient();
  const form = useId();
  const [value, setValue] = useState<Record<string, unknown>>({ ...start });
  const saving = useMutation({
    mutationFn: save,
    async onSuccess({ name }) {
      onClose();
      tell(done(name));
      await queries.invalidateQueries({ queryKey: connectionsQuery().queryKey });
    },
  });
  const { error, variables: refused } = saving;
  const problems = problemsLeft(error, refused, value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate(value);
  };
  return (
    <Dialog
      isOpen
      onOpenChange={onClose}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} isBusy={saving.isPending}>
            {confirm}
          </Button>
        </>
      }
    >
      <form id={form} className={styles['fields']} onSubmit={submit} noValidate>
        <FormProvider
          value={{
            problemAt: (path) => problems.find((problem) => problem.path === path)?.message,
            scope: undefined,
            isSecret: (path) => path.startsWith('secret.') && path !== 'secret.key',
          }}
        >
          <RootFields schema={schema} path="" value={value} onValue={setValue} />
        </FormProvider>
        {error && <FormProblem error={error} left={problems.length} />}
      </form>
    </Dialog>
  );
}
