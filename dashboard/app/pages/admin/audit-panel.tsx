import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { cursorOf, pages, tableSource } from '#dashboard/app/api/lists.ts';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';

type Act = Awaited<ReturnType<typeof call<'listAdminAudit'>>>['items'][number];

/** What admins did, or all that was done about one account. */
export function AuditPanel() {
  const [userId, setUserId] = useState('');
  const about = userId.trim();
  const audit = useInfiniteQuery({
    queryKey: ['admin-audit', about],
    queryFn: ({ pageParam, signal }) =>
      call('listAdminAudit', {
        query: { limit: 25, ...(about !== '' && { user_id: about }), ...cursorOf(pageParam) },
        signal,
      }),
    ...pages,
  });
  return (
    <>
      <Panel title="Audit log" note="What admins did; with a user, all that was done about them.">
        <TextField label="User" value={userId} onValue={setUserId} />
      </Panel>
      <DataTable
        label="Audit log"
        columns={columns}
        source={tableSource(audit)}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon={<ScrollText size={20} />} title="Nothing was written down">
            Changes of plans, credits and pauses are listed here.
          </EmptyState>
        }
      />
    </>
  );
}

const columns: readonly Column<Act>[] = [
  { title: 'When', width: '7rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
  { title: 'What', cell: ({ action }) => action },
  { title: 'By', cell: ({ actor }) => actor.email ?? actor.user_id ?? actor.kind },
  { title: 'Account', narrow: 'hidden', cell: ({ account }) => account ?? '–' },
  { title: 'Details', narrow: 'whole', isQuiet: true, cell: ({ details }) => inWords(details) },
];

function inWords(details: Act['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`)
    .join(', ');
}
