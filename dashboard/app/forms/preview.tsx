import { Eye, TriangleAlert } from 'lucide-react';
import { resolveTemplates, TemplateError } from '#core/templates/templates';
import styles from '#dashboard/app/forms/fields.module.css';
import { useForm } from '#dashboard/app/forms/form-context.ts';

const SHOWN = 600;

/** What the placeholders in a text become with the data at hand; nothing for a text without any. */
export function Preview(props: {
  readonly value: unknown;
  /** What is wrong with it is said already. */
  readonly isRefused?: boolean;
}) {
  const { value, isRefused = false } = props;
  const { scope } = useForm();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (scope === undefined || !text?.includes('{{')) return null;
  try {
    const resolved = resolveTemplates(value, scope);
    const shown = typeof resolved === 'string' ? resolved : JSON.stringify(resolved, null, 2);
    return (
      <p className={styles['preview']}>
        <Eye size={13} aria-label="Preview" />
        <span className={styles['previewText']}>
          {shown === '' ? '(empty)' : shown.slice(0, SHOWN)}
        </span>
      </p>
    );
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    if (isRefused) return null;
    return (
      <p className={`${styles['preview']} ${styles['previewProblem']}`}>
        <TriangleAlert size={13} aria-label="Preview" />
        <span className={styles['previewText']}>{error.message}</span>
      </p>
    );
  }
}
