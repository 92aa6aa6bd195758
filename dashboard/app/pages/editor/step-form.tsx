import { useState } from 'react';
import { formSchemas } from '#dashboard/app/api/generated/forms.ts';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Switch } from '#dashboard/app/components/switch.tsx';
import { ConditionInput, newCondition } from '#dashboard/app/forms/condition-input.tsx';
import { type Definitions, type FieldSchema, follow } from '#dashboard/app/forms/schema.ts';
import { RootFields, SchemaFields } from '#dashboard/app/forms/schema-fields.tsx';
import { stepSchema, withFittingInput } from '#dashboard/app/pages/editor/built-in-input.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { SLACK_PLACE, useMissingChannel } from '#dashboard/app/pages/editor/slack-place.ts';
import { StepDataProvider } from '#dashboard/app/pages/editor/step-data.tsx';
import { changeStep } from '#dashboard/app/pages/editor/step-tree.ts';
import { TestStep } from '#dashboard/app/pages/editor/test-step.tsx';

const definitions = formSchemas.$defs as Definitions;
const commonSchema = follow(formSchemas.step as FieldSchema, definitions);
/** Shown above, or by the flow. */
const ELSEWHERE = ['id', 'name', 'type', 'config', 'when'];

/** Everything about one step, from its action's schema. */
export function StepForm({ step, path }: { readonly step: Step; readonly path: string }) {
  const { catalog, builtIn, change, problemAt } = useEditor();
  const entry = catalog.find(({ type }) => type === step.type);
  const set = (part: Partial<Step>, what: string) =>
    change(
      (before) => ({
        ...before,
        steps: changeStep(before.steps, step.key, (one) => ({ ...one, ...part }) as Step),
      }),
      `${step.key} ${what}`,
    );
  const asked = entry && stepSchema(entry, step, builtIn);
  const missing = useMissingChannel(step, path);
  return (
    <StepDataProvider step={step} missing={missing}>
      {asked && <p className={styles['quiet']}>{asked.description}</p>}
      {step.type === 'slack' && <p className={styles['quiet']}>{SLACK_PLACE}</p>}
      <div className={styles['two']}>
        <TextField
          label="Name"
          need="optional"
          maxLength={100}
          value={step.name ?? ''}
          error={problemAt(`${path}.name`)}
          onValue={(name) => set(name === '' ? withoutName(step) : { name }, 'name')}
        />
        <TextField
          label="ID"
          help={`Later steps say {{steps.${step.id || 'id'}.output}}.`}
          isCode
          value={step.id}
          error={problemAt(`${path}.id`)}
          onValue={(id) => set({ id }, 'id')}
        />
      </div>
      {asked ? (
        <RootFields
          schema={asked.schema}
          definitions={asked.definitions}
          path={`${path}.config`}
          value={asked.config}
          onValue={(config) => set({ config: withFittingInput(step.config, config) }, 'config')}
        />
      ) : (
        <p className={styles['note']}>This installation has no step of the type {step.type}.</p>
      )}
      <WhenField step={step} path={path} onWhen={(when) => set({ when }, 'when')} />
      <details className={styles['advanced']}>
        <summary>Time limit, retries and errors</summary>
        <div>
          <SchemaFields
            schema={commonSchema}
            definitions={definitions}
            path={path}
            value={step}
            without={ELSEWHERE}
            onValue={(next) =>
              change(
                (before) => ({
                  ...before,
                  steps: changeStep(before.steps, step.key, () => next as Step),
                }),
                `${step.key} more`,
              )
            }
          />
        </div>
      </details>
      {entry && isTestable(entry) && <TestStep step={step} />}
    </StepDataProvider>
  );
}

function WhenField(props: {
  readonly step: Step;
  readonly path: string;
  readonly onWhen: (when: unknown) => void;
}) {
  const { step, path, onWhen } = props;
  const { problemAt } = useEditor();
  const [isShown, setShown] = useState(step['when'] !== undefined);
  if (!commonSchema.properties?.['when']) return null;
  return (
    <div className={styles['section']}>
      <span className={styles['testHead']}>
        <Switch
          label="Only if a condition holds"
          isOn={isShown}
          onChange={(isOn) => {
            setShown(isOn);
            onWhen(isOn ? newCondition : undefined);
          }}
        />
        Only if a condition holds
      </span>
      {isShown && (
        <ConditionInput
          label="Condition"
          error={problemAt(`${path}.when`) ?? problemAt(`${path}.when.left`)}
          value={step['when']}
          onValue={onWhen}
        />
      )}
    </div>
  );
}

/** Steps that only control the run have nothing to try. */
function isTestable(entry: object): boolean {
  return (entry as { kind?: string }).kind !== 'control';
}

function withoutName(_: Step): Partial<Step> {
  return { name: undefined } as unknown as Partial<Step>;
}
