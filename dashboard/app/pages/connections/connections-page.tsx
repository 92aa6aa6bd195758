import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Pencil, Plug, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { connectionsQuery } from '#dashboard/app/api/connections.ts';
import type { Connection } from '#dashboard/app/api/generated/api.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { Button } from '#dashboard/app/components/button.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { DeleteDialog } from '#dashboard/app/components/delete-dialog.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';
import {
  ChangeConnectionDialog,
  NewConnectionDialog,
} from '#dashboard/app/pages/connections/connection-dialog.tsx';
import styles from '#dashboard/app/pages/connections/connections.module.css';
import { firstKind, kindLabel } from '#dashboard/app/pages/connections/kinds.ts';

/** The credentials that steps use. Their secrets are never shown. */
export function ConnectionsPage() {
  const connections = useQuery(connectionsQuery());
  const { new: asked } = useSearch({ from: '/signed-in/app/connections' });
  const [isAdding, setAdding] = useState(asked !== undefined);
  const [changed, setChanged] = useState<Connection>();
  const [doomed, setDoomed] = useState<Connection>();
  const add = (
    <Button
      look="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      onClick={() => setAdding(true)}
    >
      New connection
    </Button>
  );
  return (
    <Page
      title="Connections"
      lead="Credentials that steps use by name. A secret goes to its own service only, and is never shown again."
      actions={add}
    >
      <DataTable
        label="Connections"
        columns={columns(setChanged, setDoomed)}
        source={{
          rows: connections.data,
          error: connections.error,
          refetch: connections.refetch,
        }}
        rowKey={({ id }) => id}
        bones={3}
        empty={
          <EmptyState icon={<Plug size={20} />} title="No connections yet" actions={add}>
            Connect Slack, e-mail, Google or any HTTP API, then choose it in a step.
          </EmptyState>
        }
      />
      {isAdding && <NewConnectionDialog kind={firstKind(asked)} onClose={() => setAdding(false)} />}
      {changed && (
        <ChangeConnectionDialog connection={changed} onClose={() => setChanged(undefined)} />
      )}
      {doomed && (
        <DeleteDialog
          name={doomed.name}
          act={() => call('deleteConnection', { path: { connection_id: doomed.id } })}
          queryKey={connectionsQuery().queryKey}
          onClose={() => setDoomed(undefined)}
        >
          Steps that use it fail from now on.
        </DeleteDialog>
      )}
    </Page>
  );
}

function columns(
  onChange: (connection: Connection) => void,
  onDelete: (connection: Connection) => void,
): readonly Column<Connection>[] {
  return [
    {
      title: 'Name',
      cell: ({ name, id }) => (
        <>
          <span className={styles['name']}>{name}</span>
          <code className={styles['id']}>{id}</code>
        </>
      ),
    },
    { title: 'Kind', width: '15rem', isQuiet: true, cell: ({ kind }) => kindLabel(kind) },
    {
      title: 'Used for',
      width: '14rem',
      isQuiet: true,
      narrow: 'hidden',
      cell: ({ allowed_hosts }) => allowed_hosts.join(', ') || '–',
    },
    {
      title: 'Made',
      width: '8rem',
      isQuiet: true,
      narrow: 'hidden',
      cell: ({ created_at }) => <RelativeTime at={created_at} />,
    },
    {
      title: 'Actions',
      width: '13rem',
      isEnd: true,
      narrow: 'whole',
      cell: (connection) => (
        <span className={styles['actions']}>
          <TestButton connection={connection} />
          <Button
            look="ghost"
            size="small"
            isIcon
            aria-label={`Change ${connection.name}`}
            onClick={() => onChange(connection)}
          >
            <Pencil size={14} aria-hidden="true" />
          </Button>
          <Button
            look="ghost"
            size="small"
            isIcon
            aria-label={`Delete ${connection.name}`}
            onClick={() => onDelete(connection)}
          >
            <Trash2 size={14} aria-hidden="true" />
          </Button>
        </span>
      ),
    },
  ];
}

function TestButton({ connection }: { readonly connection: Connection }) {
  const test = useMutation({
    mutationFn: () => call('testConnection', { path: { connection_id: connection.id } }),
    onError: (error) => tellProblem(`“${connection.name}” was not tested`, error),
    onSuccess: ({ message }) => tell(`${connection.name}: ${message}`),
  });
  return (
    <>
      {test.data && (
        <Badge tone={test.data.ok === null ? 'grey' : test.data.ok ? 'green' : 'red'}>
          {test.data.ok === null ? 'Unknown' : test.data.ok ? 'Works' : 'Does not work'}
        </Badge>
      )}
      <Button size="small" isBusy={test.isPending} onClick={() => test.mutate()}>
        Test
      </Button>
    </>
  );
}
