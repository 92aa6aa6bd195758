import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import { type Answer, call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { cursorOf, pages, tableSource } from '#dashboard/app/api/lists.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { CodeBlock } from '#dashboard/app/pages/agent/code-block.tsx';
import { keepNewSecret, newSecretOf } from '#dashboard/app/pages/agent/new-secret.ts';
import { curlCommand, providerHint, signingCode } from '#dashboard/app/pages/agent/webhook-code.ts';

/** How to call the agent, and which calls were refused. */
export function WebhookPanel({ agent }: { readonly agent: Agent }) {
  const { trigger_config: trigger, webhook_url: url } = agent;
  if (trigger.type !== 'webhook' || url === null) return null;
  const fresh = newSecretOf(agent.id);
  const curl = curlCommand(url, trigger.auth, fresh ?? '<secret>');
  const code = signingCode(url, trigger.auth);
  const hint = providerHint(trigger.auth);
  return (
    <Panel
      title="Webhook"
      actions={trigger.auth === 'none' ? null : <RotateSecret agent={agent} />}
    >
      <div className={styles['rows']}>
        <div>
          <h3>URL</h3>
          <CodeBlock label="URL" code={url} />
        </div>
        {fresh !== undefined && (
          <div>
            <h3>Secret</h3>
            <p className={styles['hint']}>Copy it now: it is not shown again.</p>
            <CodeBlock label="secret" code={fresh} isFresh />
          </div>
        )}
        {fresh === undefined && trigger.secret !== null && (
          <div>
            <h3>Secret</h3>
            <p className={styles['hint']}>
              <code>{trigger.secret}</code>
            </p>
          </div>
        )}
        {hint && <p className={styles['hint']}>{hint}</p>}
        {curl !== '' && (
          <div>
            <h3>Call it</h3>
            <CodeBlock label="curl command" code={curl} />
          </div>
        )}
        {code && (
          <div>
            <h3>Sign and call it from code</h3>
            <CodeBlock label="signing code" code={code} />
          </div>
        )}
        <Deliveries agentId={agent.id} />
      </div>
    </Panel>
  );
}

function RotateSecret({ agent }: { readonly agent: Agent }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const rotate = useMutation({
    mutationFn: () => call('rotateWebhookSecret', { path: { id: agent.id }, body: {} }),
    async onSuccess(answer) {
      keepNewSecret(answer);
      setAsking(false);
      tell('There is a new secret');
      await queries.invalidateQueries({ queryKey: agentQuery(agent.id).queryKey });
    },
    onError: (error) => tellProblem('The secret was not changed', error),
  });
  return (
    <>
      <Button
        size="small"
        icon={<KeyRound size={13} aria-hidden="true" />}
        onClick={() => setAsking(true)}
      >
        New secret
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title="Make a new secret?"
        confirm="Make a new secret"
        isDangerous={false}
        isBusy={rotate.isPending}
        onConfirm={() => rotate.mutate()}
      >
        The old one stays valid for 24 hours, so that you can change the callers without a gap.
      </ConfirmDialog>
    </>
  );
}

function Deliveries({ agentId }: { readonly agentId: string }) {
  const deliveries = useInfiniteQuery({
    queryKey: ['deliveries', agentId],
    queryFn: ({ pageParam, signal }) =>
      call('listDeliveries', {
        path: { id: agentId },
        query: { limit: 20, ...cursorOf(pageParam) },
        signal,
      }),
    ...pages,
    refetchInterval: 5_000,
  });
  const source = tableSource(deliveries);
  return (
    <div>
      <h3>Refused calls</h3>
      {!source.rows?.length ? (
        <p className={styles['hint']}>None in the last seven days.</p>
      ) : (
        <DataTable
          isInPanel
          label="Refused calls"
          columns={deliveryColumns}
          source={source}
          rowKey={({ at, reason }) => `${at} ${reason}`}
          empty={null}
        />
      )}
    </div>
  );
}

type Delivery = Answer<'listDeliveries'>['items'][number];

const deliveryColumns: readonly Column<Delivery>[] = [
  { title: 'When', width: '8rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
  { title: 'Status', width: '5rem', cell: ({ status }) => status },
  { title: 'Reason', narrow: 'whole', cell: ({ reason }) => reason },
  { title: 'Calls', width: '5rem', isEnd: true, cell: ({ count }) => count },
];
