import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { CodeBlock } from '#dashboard/app/components/code-block.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { keepNewSecret, newSecretOf } from '#dashboard/app/pages/agent/new-secret.ts';
import { payloadExample } from '#dashboard/app/pages/agent/payload-example.ts';
import { WebhookCalls } from '#dashboard/app/pages/agent/webhook-calls.tsx';
import { providerHint } from '#dashboard/app/pages/agent/webhook-code.ts';
import { WebhookSamples } from '#dashboard/app/pages/agent/webhook-samples.tsx';

/** How to call the agent, and what became of the last calls. */
export function WebhookPanel({ agent }: { readonly agent: Agent }) {
  const { trigger_config: trigger, webhook_url: url } = agent;
  if (trigger.type !== 'webhook' || url === null) return null;
  const fresh = newSecretOf(agent.id);
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
        <WebhookSamples
          url={url}
          scheme={trigger.auth}
          secret={fresh}
          payload={payloadExample(agent.actions) ?? {}}
        />
        <WebhookCalls agentId={agent.id} />
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
