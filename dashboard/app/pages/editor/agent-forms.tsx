import { CatchBoundary } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { Flow } from '#dashboard/app/pages/editor/flow.tsx';
import { SamplePayload } from '#dashboard/app/pages/editor/sample-payload.tsx';
import { SettingsSection } from '#dashboard/app/pages/editor/settings-section.tsx';
import { TriggerSection } from '#dashboard/app/pages/editor/trigger-section.tsx';

type FormsProps = {
  readonly payload: unknown;
  readonly onPayload: (payload: unknown) => void;
  /** A new agent begins with its name. */
  readonly isNew: boolean;
};

const NO_FORM =
  'This cannot be shown as a form: somewhere a value is of another kind than its field takes. Correct the JSON, or undo it.';

/** The agent as forms; what was written as JSON may be such that no form can show it. */
export function AgentForms({ onJson, ...forms }: FormsProps & { readonly onJson: () => void }) {
  const { draft } = useEditor();
  return (
    <CatchBoundary
      getResetKey={() => draft}
      errorComponent={() => (
        <ProblemNote error={new Error(NO_FORM)} retry="Back to the JSON" onRetry={onJson} />
      )}
    >
      <Forms {...forms} />
    </CatchBoundary>
  );
}

/** Its name, its trigger with a sample payload, its steps, its settings. */
function Forms(props: FormsProps) {
  const { isNew } = props;
  const { draft, change, problemAt } = useEditor();
  const name = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNew) name.current?.focus();
  }, [isNew]);
  return (
    <>
      <Panel title="About">
        <div className={styles['section']}>
          <TextField
            ref={name}
            label="Name"
            required
            maxLength={100}
            value={draft.name}
            error={problemAt('name')}
            onValue={(name) => change((before) => ({ ...before, name }), 'name')}
          />
          <TextField
            isLong
            label="Description"
            need="optional"
            maxLength={2_000}
            value={draft.description}
            error={problemAt('description')}
            onValue={(description) =>
              change((before) => ({ ...before, description }), 'description')
            }
          />
        </div>
      </Panel>
      <Panel title="Trigger" note="What starts the agent.">
        <TriggerSection />
        {draft.trigger.type !== 'schedule' && (
          <div className={styles['sample']}>
            <SamplePayload
              trigger={draft.trigger.type}
              payload={props.payload}
              onPayload={props.onPayload}
            />
          </div>
        )}
      </Panel>
      <Panel title="Steps" note="Run from top to bottom. Add a step with the plus signs.">
        <Flow />
      </Panel>
      <SettingsSection />
    </>
  );
}
