import { type ReactNode, useCallback, useMemo } from 'react';
import type { TemplateScope } from '#core/templates/templates';
import type { FieldProblem } from '#dashboard/app/api/problem.ts';
import { FormProvider } from '#dashboard/app/forms/form-context.ts';
import { kindsFor } from '#dashboard/app/pages/editor/connection-kinds.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';

/** Gives the fields below the data that a step can reach: the trigger, and the steps before it. */
export function StepDataProvider({
  step,
  missing,
  children,
}: {
  readonly step: Step;
  /** What the step lacks as it stands, before anything is refused. */
  readonly missing?: FieldProblem | undefined;
  readonly children: ReactNode;
}) {
  const { draft, samples, problemAt: refusedAt } = useEditor();
  const scope = useMemo(() => scopeOf(step, draft.steps, samples), [step, draft.steps, samples]);
  const { path: missingAt, message } = missing ?? {};
  const problemAt = useCallback(
    (path: string) => (path === missingAt ? message : refusedAt(path)),
    [missingAt, message, refusedAt],
  );
  const form = useMemo(
    () => ({ problemAt, scope, connectionKinds: kindsFor([step.type]) }),
    [problemAt, scope, step.type],
  );
  return <FormProvider value={form}>{children}</FormProvider>;
}

function scopeOf(step: Step, steps: readonly Step[], samples: TemplateScope): TemplateScope {
  const before: Record<string, unknown> = {};
  const outputs = (samples['steps'] ?? {}) as Record<string, unknown>;
  for (const found of walk(steps)) {
    if (found.step.key === step.key) break;
    before[found.step.id] = outputs[found.step.id] ?? { output: null };
  }
  const loops = [...walk(steps)].filter(
    (found) => found.step.type === 'for_each' && contains(found.step, step.key),
  );
  return {
    ...samples,
    steps: before,
    ...(loops.length > 0 && { item: samples['item'] ?? {}, index: 0 }),
  };
}

function contains(outer: Step, key: string): boolean {
  return outer.key !== key && [...walk([outer])].some(({ step }) => step.key === key);
}
