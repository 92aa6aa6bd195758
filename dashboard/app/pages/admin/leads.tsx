import { useInfiniteQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { call } from '#dashboard/app/api/client.ts';
import type { Lead } from '#dashboard/app/api/generated/api.ts';
import { cursorOf, pages, tableSource } from '#dashboard/app/api/lists.ts';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';

/** Who left an address on the product's own site, newest first. */
export function Leads() {
  const leads = useInfiniteQuery({
    queryKey: ['leads'],
    queryFn: ({ pageParam, signal }) =>
      call('listLeads', { query: { limit: 25, ...cursorOf(pageParam) }, signal }),
    ...pages,
  });
  return (
    <DataTable
      isInPanel
      label="Leads"
      columns={columns}
      source={tableSource(leads)}
      rowKey={({ id }) => id}
      bones={3}
      empty={
        <EmptyState icon={<UserPlus size={20} />} title="No leads yet">
          The Lead sync automation stores them here when its webhook is called.
        </EmptyState>
      }
    />
  );
}

const columns: readonly Column<Lead>[] = [
  { title: 'E-mail', cell: ({ email }) => email },
  { title: 'Name', width: '12rem', cell: ({ name }) => name || '–' },
  { title: 'From', width: '10rem', isQuiet: true, cell: ({ source }) => source || '–' },
  { title: 'When', width: '9rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
];
