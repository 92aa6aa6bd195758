import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { CalendarClock, type LucideIcon, MousePointerClick, Webhook } from 'lucide-react';
import { SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { ownZone } from '#dashboard/app/pages/editor/cron-fields.tsx';
import type { Trigger } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { ScheduleBuilder } from '#dashboard/app/pages/editor/schedule-builder.tsx';

type Kind = {
  readonly type: Trigger['type'];
  readonly name: string;
  readonly note: string;
  readonly Icon: LucideIcon;
  readonly start: () => Trigger;
};

const kinds: readonly Kind[] = [
  {
    type: 'schedule',
    name: 'Schedule',
    note: 'At times you set',
    Icon: CalendarClock,
    start: () => ({
      type: 'schedule',
      cron_expression: '0 9 * * *',
      timezone: ownZone,
    }),
  },
  {
    type: 'webhook',
    name: 'Webhook',
    note: 'When another system calls',
    Icon: Webhook,
    start: () => ({ type: 'webhook', auth: 'secret' }),
  },
  {
    type: 'manual',
    name: 'By hand',
    note: 'When you press Run',
    Icon: MousePointerClick,
    start: () => ({ type: 'manual' }),
  },
];

/** What starts the agent. */
export function TriggerSection() {
  const { draft, change } = useEditor();
  const { trigger } = draft;
  const set = (next: Trigger, what?: string) =>
    change((before) => ({ ...before, trigger: next }), what);
  return (
    <div className={styles['section']}>
      <RadioGroup
        className={styles['kinds']}
        aria-label="What starts the agent"
        value={trigger.type}
        onValueChange={(type) => {
          const kind = kinds.find((one) => one.type === type);
          if (kind) set(kind.start());
        }}
      >
        {kinds.map(({ type, name, note, Icon }) => (
          <Radio.Root
            key={type}
            value={type}
            className={styles['kind']}
            nativeButton
            render={<button type="button" />}
          >
            <Icon size={16} aria-hidden="true" />
            <span>
              <span className={styles['kindName']}>{name}</span>
              <span className={styles['kindNote']}>{note}</span>
            </span>
          </Radio.Root>
        ))}
      </RadioGroup>
      {trigger.type === 'schedule' && <ScheduleBuilder trigger={trigger} onTrigger={set} />}
      {trigger.type === 'webhook' && <WebhookFields trigger={trigger} onTrigger={set} />}
    </div>
  );
}

const schemes = [
  { value: 'secret', label: 'A secret in a header' },
  { value: 'standard-webhooks', label: 'Standard Webhooks signature' },
  { value: 'github', label: 'GitHub signature' },
  { value: 'stripe', label: 'Stripe signature' },
  { value: 'slack', label: 'Slack signature' },
  { value: 'none', label: 'Nothing: anybody who knows the URL' },
];

type WebhookTrigger = Extract<Trigger, { type: 'webhook' }>;

function WebhookFields(props: {
  readonly trigger: WebhookTrigger;
  readonly onTrigger: (trigger: Trigger, what?: string) => void;
}) {
  const { trigger, onTrigger } = props;
  const { problemAt } = useEditor();
  const { secret, ...rest } = trigger;
  const isMasked = secret?.startsWith('****') ?? false;
  return (
    <div className={styles['two']}>
      <SelectField
        label="How callers prove themselves"
        choices={schemes}
        value={trigger.auth ?? 'secret'}
        onValue={(auth) => onTrigger({ type: 'webhook', auth: auth as 'secret' })}
      />
      {trigger.auth !== 'none' && (
        <TextField
          label="Secret"
          need="optional"
          isCode
          autoComplete="off"
          help={
            isMasked
              ? 'Kept as it is unless you type another one.'
              : 'Left empty, one is made and shown once when you save.'
          }
          value={secret ?? ''}
          error={problemAt('trigger_config.secret')}
          onValue={(next) =>
            onTrigger(next === '' ? rest : { ...rest, secret: next }, 'trigger secret')
          }
        />
      )}
    </div>
  );
}
