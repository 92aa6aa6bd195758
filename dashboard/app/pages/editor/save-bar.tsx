import { type FieldProblem, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { problemPlace } from '#dashboard/app/pages/editor/problem-place.ts';
import type { useSave } from '#dashboard/app/pages/editor/use-save.ts';

const CHANGED_MEANWHILE = 412;
const MEANWHILE =
  'Not saved: the agent was changed elsewhere since you opened it. You can save over it; what was changed stays among its versions.';

/** Saves, and says what is not saved and why. */
export function SaveBar(props: {
  readonly isNew: boolean;
  readonly isChanged: boolean;
  /** What is written cannot be saved. */
  readonly isUnreadable: boolean;
  readonly saving: ReturnType<typeof useSave>;
  /** @param isOver what somebody else changed meanwhile is replaced */
  readonly onSave: (isOver: boolean) => void;
}) {
  const { isNew, isUnreadable, saving, onSave } = props;
  return (
    <div className={styles['bar']}>
      <Refusal problems={saving.problems} error={saving.error} onSaveOver={() => onSave(true)} />
      <span className={styles['barNote']} role="status">
        {noteOf(props)}
      </span>
      <Button
        look="primary"
        isBusy={saving.isSaving}
        disabled={isUnreadable}
        onClick={() => onSave(false)}
      >
        {isNew ? 'Create agent' : 'Save'}
      </Button>
    </div>
  );
}

function noteOf(props: Omit<Parameters<typeof SaveBar>[0], 'saving' | 'onSave'>): string {
  if (props.isUnreadable) return 'Correct the JSON, or take it back';
  if (props.isChanged) return 'Unsaved changes';
  return props.isNew ? '' : 'Saved';
}

/** What was refused, by step and field; each is said at its field, too. */
function Refusal(props: {
  readonly problems: readonly FieldProblem[];
  readonly error: unknown;
  readonly onSaveOver: () => void;
}) {
  const { problems, error, onSaveOver } = props;
  const { draft, catalog } = useEditor();
  if (!error) return null;
  if (error instanceof ProblemError && error.status === CHANGED_MEANWHILE) {
    return (
      <div className={styles['refusal']}>
        <ProblemNote error={new Error(MEANWHILE)} retry="Save over it" onRetry={onSaveOver} />
      </div>
    );
  }
  if (!(error instanceof ProblemError) || error.fields.length === 0) {
    return (
      <div className={styles['refusal']}>
        <ProblemNote error={error} />
      </div>
    );
  }
  if (problems.length === 0) return null;
  return (
    <div className={styles['refusal']} role="alert">
      <strong>Not saved yet. Please change this:</strong>
      <ul className={styles['problems']}>
        {problems.map(({ path, message }) => (
          <li key={path}>
            {problemPlace(path, draft.steps, catalog)}: {message}
          </li>
        ))}
      </ul>
    </div>
  );
}
