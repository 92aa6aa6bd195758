import styles from '#dashboard/app/pages/agent/agent.module.css';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import type { CatalogEntry } from '#dashboard/app/pages/editor/editor-context.ts';
import flowStyles from '#dashboard/app/pages/editor/flow.module.css';
import { stepSummary } from '#dashboard/app/pages/editor/step-summary.ts';
import { innerLists } from '#dashboard/app/pages/editor/step-tree.ts';
import { StepIcon, stepTitle } from '#dashboard/app/pages/editor/step-types.tsx';

/** Steps one below the other, with those inside them; to be read. */
export function StepOutline(props: {
  readonly steps: readonly Step[];
  readonly catalog: readonly CatalogEntry[];
}) {
  const { steps, catalog } = props;
  return (
    <ol className={styles['flow']}>
      {steps.map((step) => (
        <li key={step.id} className={styles['stepBox']}>
          <div className={styles['step']}>
            <span className={flowStyles['typeIcon']}>
              <StepIcon type={step.type} />
            </span>
            <span className={styles['stepText']}>
              <span className={styles['stepName']}>
                {step.name ?? stepTitle(catalog, step.type)}
              </span>
              <span className={styles['stepNote']}>{stepSummary(step)}</span>
            </span>
          </div>
          {innerLists(step)
            .filter((inner) => inner.steps.length > 0)
            .map((inner) => (
              <div key={inner.place.path} className={styles['inner']}>
                <p className={styles['innerTitle']}>{inner.title}</p>
                <StepOutline steps={inner.steps} catalog={catalog} />
              </div>
            ))}
        </li>
      ))}
    </ol>
  );
}
