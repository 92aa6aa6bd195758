import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { apiKeysQuery } from '#dashboard/app/api/api-keys.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { ApiKey, NewApiKey } from '#dashboard/app/api/generated/api.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { Button } from '#dashboard/app/components/button.tsx';
import { CodeBlock } from '#dashboard/app/components/code-block.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { DeleteDialog } from '#dashboard/app/components/delete-dialog.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import styles from '#dashboard/app/pages/api-keys/api-keys.module.css';
import { NewApiKeyDialog } from '#dashboard/app/pages/api-keys/new-api-key-dialog.tsx';

/** The keys with which programs call the API as this person. */
export function ApiKeysPage() {
  const apiKeys = useQuery(apiKeysQuery());
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<NewApiKey>();
  const [doomed, setDoomed] = useState<ApiKey>();
  const add = (
    <Button
      look="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      onClick={() => setAdding(true)}
    >
      New API key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For programs that call the API as you. A key cannot manage keys, export or delete the account, or act as an admin."
      actions={add}
    >
      {made && (
        <div className={styles['fresh']}>
          <Panel
            title="Your new API key"
            note="Copy it now: only its digest is kept, so it is not shown again."
          >
            <CodeBlock label="key" code={made.key} isFresh />
          </Panel>
        </div>
      )}
      <DataTable
        label="API keys"
        columns={columns(setDoomed)}
        source={{ rows: apiKeys.data, error: apiKeys.error, refetch: apiKeys.refetch }}
        rowKey={({ id }) => id}
        bones={3}
        empty={
          <EmptyState icon={<KeyRound size={20} />} title="No API keys yet" actions={add}>
            Make one for each program, so that you can delete one without stopping the others.
          </EmptyState>
        }
      />
      {isAdding && <NewApiKeyDialog onMade={setMade} onClose={() => setAdding(false)} />}
      {doomed && (
        <DeleteDialog
          name={doomed.name}
          act={() => call('deleteApiKey', { path: { key_id: doomed.id } })}
          queryKey={apiKeysQuery().queryKey}
          onDeleted={() => setMade((one) => (one?.id === doomed.id ? undefined : one))}
          onClose={() => setDoomed(undefined)}
        >
          Programs that use it are refused from now on.
        </DeleteDialog>
      )}
    </Page>
  );
}

function columns(onDelete: (apiKey: ApiKey) => void): readonly Column<ApiKey>[] {
  return [
    {
      title: 'Name',
      cell: ({ name, last_four }) => (
        <>
          <span className={styles['name']}>{name}</span>
          <code className={styles['key']}>…{last_four}</code>
        </>
      ),
    },
    {
      title: 'Expires',
      width: '9rem',
      isQuiet: true,
      cell: ({ expires_at }) => <Expiry at={expires_at} />,
    },
    {
      title: 'Last used',
      width: '9rem',
      isQuiet: true,
      narrow: 'hidden',
      cell: ({ last_used_on }) => last_used_on ?? 'Never',
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
      width: '5rem',
      isEnd: true,
      narrow: 'whole',
      cell: (apiKey) => (
        <Button
          look="ghost"
          size="small"
          isIcon
          aria-label={`Delete ${apiKey.name}`}
          onClick={() => onDelete(apiKey)}
        >
          <Trash2 size={14} aria-hidden="true" />
        </Button>
      ),
    },
  ];
}

function Expiry({ at }: { readonly at: string | null }) {
  if (at === null) return 'Never';
  return Date.parse(at) <= Date.now() ? (
    <Badge tone="red">Expired</Badge>
  ) : (
    <RelativeTime at={at} />
  );
}
