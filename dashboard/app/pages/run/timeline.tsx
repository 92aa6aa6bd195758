import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { catalogQuery } from '#dashboard/app/api/agents.ts';
import type { RunDetail, Step } from '#dashboard/app/api/generated/api.ts';
import { CopyButton } from '#dashboard/app/components/copy-button.tsx';
import { JsonTree } from '#dashboard/app/components/json-tree.tsx';
import { isFinal, RunStatus } from '#dashboard/app/components/run-status.tsx';
import { clockTime, duration } from '#dashboard/app/format/time.ts';
import { stepTitle } from '#dashboard/app/pages/editor/step-types.tsx';
import { LoopItems } from '#dashboard/app/pages/run/loop-items.tsx';
import styles from '#dashboard/app/pages/run/run.module.css';
import type { StepNames } from '#dashboard/app/pages/run/step-names.ts';

/** The steps of a run with what went in and came out. */
export function Timeline({ run, names }: { readonly run: RunDetail; readonly names: StepNames }) {
  return (
    <section aria-label="Steps">
      <h2 className={styles['heading']}>Steps</h2>
      {run.steps.length === 0 ? (
        <p className={styles['nothing']}>
          {run.status === 'rejected' ? 'The run was never started.' : 'No step has started yet.'}
        </p>
      ) : (
        <StepRows run={run} names={names} />
      )}
    </section>
  );
}

function StepRows({ run, names }: { readonly run: RunDetail; readonly names: StepNames }) {
  const span = spanOf(run);
  const catalog = useQuery(catalogQuery());
  const items = (loop: Step): ReactNode =>
    loop.type === 'for_each' && (
      <LoopItems
        runId={run.id}
        path={loop.path}
        isLive={!isFinal(run.status)}
        row={(step) => row(step, loop.path)}
      />
    );
  const row = (step: Step, loopPath?: string): ReactNode => (
    <StepRow
      key={step.path}
      step={step}
      name={names.of(step.id)}
      kind={stepTitle(catalog.data?.actions ?? [], step.type)}
      span={span}
      depth={depthOf(step.path, loopPath)}
      isOpenAtFirst={loopPath === undefined && (step.error !== null || run.steps.length === 1)}
      items={items}
    />
  );
  return <ol className={styles['steps']}>{run.steps.map((step) => row(step))}</ol>;
}

/** How far a step is moved in: inside a loop's item, from there. */
function depthOf(path: string, loopPath: string | undefined): number {
  const outer = loopPath === undefined ? 1 : loopPath.split('.').length + 1;
  return path.split('.').length - outer;
}

type Span = { readonly from: number; readonly length: number };

function spanOf({ steps }: RunDetail): Span {
  const from = Math.min(...steps.map((step) => Date.parse(step.started_at)));
  const to = Math.max(...steps.map((step) => Date.parse(step.finished_at)));
  return { from, length: Math.max(1, to - from) };
}

function StepRow(props: {
  readonly step: Step;
  readonly name: string;
  /** Its type, in words. */
  readonly kind: string;
  readonly span: Span;
  readonly depth: number;
  readonly isOpenAtFirst: boolean;
  /** Draws what ran inside a loop. */
  readonly items: (loop: Step) => ReactNode;
}) {
  const { step, name, kind, span, depth, isOpenAtFirst, items } = props;
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <li className={styles['step']} style={{ marginLeft: `${Math.min(depth, 6) * 0.75}rem` }}>
      <button
        type="button"
        className={styles['stepHead']}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight size={14} className={styles['chevron']} aria-hidden="true" />
        <span className={styles['stepName']}>
          {name} <span className={styles['stepType']}>{kind}</span>
        </span>
        <Bar step={step} span={span} />
        <span className={styles['stepMeta']}>
          {isOver(step) && step.duration_ms !== null && duration(step.duration_ms)}
          {step.attempts > 1 && ` · ${step.attempts} attempts`}
        </span>
        <span className={styles['stepStatus']}>
          <RunStatus status={step.status} />
        </span>
      </button>
      {isOpen && (
        <div className={styles['stepBody']}>
          <StepBody step={step} />
          {items(step)}
        </div>
      )}
    </li>
  );
}

/** What still runs or waits has no duration yet, whatever was measured so far. */
function isOver({ status }: Step): boolean {
  return status !== 'running' && status !== 'waiting';
}

function Bar({ step, span }: { readonly step: Step; readonly span: Span }) {
  const start = (Date.parse(step.started_at) - span.from) / span.length;
  const width = (Date.parse(step.finished_at) - Date.parse(step.started_at)) / span.length;
  return (
    <span className={styles['bar']} aria-hidden="true">
      <span style={{ left: `${start * 94}%`, width: `${Math.max(width * 100, 3)}%` }} />
    </span>
  );
}

function StepBody({ step }: { readonly step: Step }) {
  return (
    <>
      {step.failures.length > 0 && (
        <div>
          <h3>Attempts that failed</h3>
          <ol className={styles['attempts']}>
            {step.failures.map((failure) => (
              <li key={failure.at}>
                <span className={styles['stepMeta']}>{clockTime(failure.at)}</span>{' '}
                {failure.message}
              </li>
            ))}
          </ol>
        </div>
      )}
      {step.retry_at && (
        <p className={styles['stepMeta']}>The next attempt is due at {clockTime(step.retry_at)}.</p>
      )}
      <ValuePart title="Input" value={step.input} omitted={bytesLeftOut(step, 'input')} />
      <ValuePart title="Output" value={step.output} omitted={bytesLeftOut(step, 'output')} />
    </>
  );
}

function bytesLeftOut(step: Step, field: 'input' | 'output'): number | undefined {
  return step.omitted?.find((entry) => entry.field === field)?.bytes;
}

function ValuePart(props: {
  readonly title: string;
  readonly value: unknown;
  readonly omitted: number | undefined;
}) {
  const { title, value, omitted } = props;
  if (omitted !== undefined) {
    return (
      <div>
        <h3>{title}</h3>
        <p className={styles['stepMeta']}>
          {Math.round(omitted / 1_024)} KB: too large to show here. The account export has it.
        </p>
      </div>
    );
  }
  if (value === null || value === undefined) return null;
  return (
    <div>
      <div className={styles['valueHead']}>
        <h3>{title}</h3>
        <CopyButton label={`Copy ${title.toLowerCase()}`} text={JSON.stringify(value, null, 2)} />
      </div>
      <div className={styles['value']}>
        <JsonTree label={title} value={value} />
      </div>
    </div>
  );
}
