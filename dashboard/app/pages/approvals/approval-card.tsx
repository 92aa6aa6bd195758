import { Check, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Verdict } from '#dashboard/app/api/approvals.ts';
import type { LinkedApproval } from '#dashboard/app/api/generated/api.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { JsonTree } from '#dashboard/app/components/json-tree.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { nameOf } from '#dashboard/app/forms/words.ts';
import styles from '#dashboard/app/pages/approvals/approvals.module.css';
import { StepIcon } from '#dashboard/app/pages/editor/step-types.tsx';

type Shown = Omit<LinkedApproval, 'deciding_as'>;

/** What is asked, what will be done, and the two answers. */
export function ApprovalCard(props: {
  readonly approval: Shown;
  /** Beside the agent's name. */
  readonly title: ReactNode;
  readonly isBusy: boolean;
  readonly onDecide: (verdict: Verdict, comment: string) => void;
}) {
  const { approval, title, isBusy, onDecide } = props;
  const { message, preview, requested_at, expires_at, on_timeout } = approval;
  const [comment, setComment] = useState('');
  return (
    <article className={styles['card']} aria-label={approval.agent_name}>
      <header className={styles['head']}>
        <h2>{title}</h2>
        <p className={styles['quiet']}>
          asked <RelativeTime at={requested_at} />
        </p>
      </header>
      <p className={styles['message']}>{message}</p>
      <WhatHappens preview={preview} />
      <p className={styles['quiet']}>
        Without an answer it is {on_timeout === 'approve' ? 'approved' : 'rejected'}{' '}
        <RelativeTime at={expires_at} />.
      </p>
      <div className={styles['answer']}>
        <TextField
          label="Comment"
          need="optional"
          maxLength={2_000}
          value={comment}
          onValue={setComment}
        />
        <Button
          look="primary"
          isBusy={isBusy}
          icon={<Check size={15} aria-hidden="true" />}
          onClick={() => onDecide('approve', comment.trim())}
        >
          Approve
        </Button>
        <Button
          look="danger"
          isBusy={isBusy}
          icon={<X size={15} aria-hidden="true" />}
          onClick={() => onDecide('reject', comment.trim())}
        >
          Reject
        </Button>
      </div>
    </article>
  );
}

const COMES = { next_item: 'for the next item', after_loop: 'after the loop' };

/** The actions that an approval lets go on. */
export function WhatHappens({ preview }: Pick<Shown, 'preview'>) {
  if (preview.length === 0) return null;
  return (
    <div className={styles['preview']}>
      <h3>If approved</h3>
      <ol>
        {preview.map((action) => (
          <li key={action.id}>
            <p className={styles['action']}>
              <StepIcon type={action.type} />
              {action.name ?? action.id}
              {action.comes !== 'next' && (
                <span className={styles['quiet']}>{COMES[action.comes]}</span>
              )}
              {!action.resolved && (
                <span className={styles['quiet']}>its placeholders are filled in later</span>
              )}
            </p>
            {action.connections.map(({ id, name, version }) => (
              <p key={id} className={styles['quiet']}>
                Uses the connection {name} (version {version})
              </p>
            ))}
            <JsonTree
              label={`Settings of ${action.name ?? action.id}`}
              value={action.config}
              nameOf={(field) => nameOf(`config.${field}`)}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}
