import { useMutation } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { EmptyState, ProblemNote } from '#dashboard/app/components/state.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import styles from '#dashboard/app/pages/admin/admin.module.css';
import { AuditPanel } from '#dashboard/app/pages/admin/audit-panel.tsx';
import { InternalAutomations } from '#dashboard/app/pages/admin/internal-automations.tsx';
import { Leads } from '#dashboard/app/pages/admin/leads.tsx';
import { PausePanel } from '#dashboard/app/pages/admin/pause-panel.tsx';
import { useSession } from '#dashboard/app/session/session.tsx';

/** What only the role `admin` may do. The API decides; this page only asks. */
export function AdminPage() {
  const { person } = useSession();
  if (!person.isAdmin) {
    return (
      <Page title="Admin">
        <EmptyState icon={<ShieldAlert size={20} />} title="Only for admins">
          Your account does not have that role. An operator can give it to you.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Admin"
      isNarrow
      lead="Accounts and credits, the pause of everything, internal automations, and the audit log."
    >
      <AccountPanel />
      <CreditsPanel />
      <PausePanel />
      <Panel title="Internal automations" note="What the product does by itself." isFlush>
        <InternalAutomations />
      </Panel>
      <Panel title="Leads" note="What the Lead sync automation stored." isFlush>
        <Leads />
      </Panel>
      <AuditPanel />
    </Page>
  );
}

const plans = [
  { value: '', label: 'No change' },
  { value: 'free', label: 'Free' },
  { value: 'builder', label: 'Builder' },
  { value: 'pro', label: 'Pro' },
];
const states = [
  { value: '', label: 'No change' },
  { value: 'active', label: 'Active' },
  { value: 'suspended', label: 'Suspended' },
];

function AccountPanel() {
  const [userId, setUserId] = useState('');
  const [plan, setPlan] = useState('');
  const [state, setState] = useState('');
  const change = useMutation({
    mutationFn: () =>
      call('setAccount', {
        path: { user_id: userId.trim() },
        body: {
          ...(plan !== '' && { plan: plan as 'free' }),
          ...(state !== '' && { suspended: state === 'suspended' }),
        },
      }),
    onSuccess: () => tell(`The account of ${userId} was changed`),
  });
  return (
    <Panel title="Account" note="Its plan, and whether it may start runs.">
      <form className={styles['form']} onSubmit={submitting(() => change.mutate())}>
        <TextField label="User" required value={userId} onValue={setUserId} />
        <SelectField label="Plan" choices={plans} value={plan} onValue={setPlan} />
        <SelectField label="State" choices={states} value={state} onValue={setState} />
        {change.error && <ProblemNote error={change.error} />}
        <Button type="submit" look="primary" isBusy={change.isPending}>
          Change account
        </Button>
      </form>
    </Panel>
  );
}

function CreditsPanel() {
  const [userId, setUserId] = useState('');
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const adjust = useMutation({
    mutationFn: () =>
      call('adjustCredits', {
        body: { user_id: userId.trim(), amount: Number(amount), reason },
      }),
    onSuccess: ({ balance }) => tell(`${userId} has ${balance} credits now`),
  });
  return (
    <Panel title="Credits" note="Give some, or take some away with a negative amount.">
      <form className={styles['form']} onSubmit={submitting(() => adjust.mutate())}>
        <TextField label="User" required value={userId} onValue={setUserId} />
        <TextField
          label="Amount"
          type="number"
          step={1}
          required
          value={amount}
          onValue={setAmount}
        />
        <TextField
          label="Reason"
          help="Shown in the ledger."
          required
          value={reason}
          onValue={setReason}
        />
        {adjust.error && <ProblemNote error={adjust.error} />}
        <Button type="submit" look="primary" isBusy={adjust.isPending}>
          Adjust credits
        </Button>
      </form>
    </Panel>
  );
}

function submitting(work: () => void) {
  return (event: FormEvent) => {
    event.preventDefault();
    work();
  };
}
