import styles from '#dashboard/app/components/code-block.module.css';
import { CopyButton } from '#dashboard/app/components/copy-button.tsx';

/** Code to be copied. */
export function CodeBlock(props: {
  readonly label: string;
  readonly code: string;
  readonly isFresh?: boolean;
}) {
  const { label, code, isFresh = false } = props;
  return (
    <div className={`${styles['code']} ${isFresh ? styles['fresh'] : ''}`}>
      <pre>{code}</pre>
      <CopyButton label={`Copy ${label}`} text={code} />
    </div>
  );
}
