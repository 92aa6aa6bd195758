import { type FieldProblem, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { problemPlace } from '#dashboard/app/pages/editor/problem-place.ts';
import type { useSave } from '#dashboard/app/pages/editor/use-save.ts';

/** Saves, and says what is not saved and why. */
export function SaveBar(props: {
  readonly isNew: boolean;
  readonly isChanged: boolean;
  /** What is written cannot be saved. */
  readonly isUnreadable: boolean;
  readonly saving: ReturnType<typeof useSave>;
  readonly onSave: () => void;
}) {
  const { isNew, isUnreadable, saving, onSave } = props;
  return (
    <div className={styles['bar']}>
      <Refusal problems={saving.problems} error={saving.error} />
      <span className={styles['barNote']} role="status">
        {noteOf(props)}
      </span>
      <Button look="primary" isBusy={saving.isSaving} disabled={isUnreadable} onClick={onSave}>
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
function Refusal(props: { readonly problems: readonly FieldProblem[]; readonly error: unknown }) {
  const { problems, error } = props;
  const { draft, catalog } = useEditor();
  if (!error) return null;
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
