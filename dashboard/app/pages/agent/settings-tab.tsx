import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useDeleteAgent } from '#dashboard/app/api/agents.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { Facts } from '#dashboard/app/components/facts.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { duration, fullTime } from '#dashboard/app/format/time.ts';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { Versions } from '#dashboard/app/pages/agent/versions.tsx';

/** How the agent's runs are treated, its versions, its end. */
export function AgentSettingsTab(props: {
  readonly agent: Agent;
  /** The version that is compared with the current one. */
  readonly compared: number | undefined;
  readonly onCompare: (version: number | undefined) => void;
}) {
  const { agent, compared, onCompare } = props;
  const { settings } = agent;
  return (
    <>
      <Panel title="Settings" note="Change them with Edit.">
        <Facts
          facts={[
            ['A run may take', duration(settings.max_run_seconds * 1_000)],
            ['Attempts per step', settings.retry.max_attempts],
            ['Missed times', catchUp[settings.catch_up]],
            ['History is kept', `${settings.log_retention_days} days`],
            ['Created', fullTime(agent.created_at)],
            ['Changed', fullTime(agent.updated_at)],
            ['ID', <code key="id">{agent.id}</code>],
          ]}
        />
      </Panel>
      <Versions agent={agent} compared={compared} onCompare={onCompare} />
      <DeletePanel agent={agent} />
    </>
  );
}

const catchUp: Record<Agent['settings']['catch_up'], string> = {
  latest: 'Only the latest is run',
  all: 'All are run',
  none: 'None is run',
};

function DeletePanel({ agent }: { readonly agent: Agent }) {
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const deletion = useDeleteAgent();
  const remove = () =>
    deletion.mutate(agent, { onSuccess: () => void navigate({ to: '/app/agents' }) });
  return (
    <Panel title="Delete">
      <div className={styles['danger']}>
        <p>The agent stops and cannot be brought back. Its runs stay until they expire.</p>
        <Button
          look="danger"
          icon={<Trash2 size={14} aria-hidden="true" />}
          onClick={() => setAsking(true)}
        >
          Delete agent
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={`Delete “${agent.name}”?`}
        confirm="Delete"
        isBusy={deletion.isPending}
        onConfirm={remove}
      >
        This cannot be undone. Its webhook stops answering, its schedule stops.
      </ConfirmDialog>
    </Panel>
  );
}
