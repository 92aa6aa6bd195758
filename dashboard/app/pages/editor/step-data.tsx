import { type ReactNode, useCallback, useMemo } from 'react';
import { resolveTemplates, TemplateError, type TemplateScope } from '#core/templates/templates';
import type { FieldProblem } from '#dashboard/app/api/problem.ts';
import { FormProvider } from '#dashboard/app/forms/form-context.ts';
import { kindsFor } from '#dashboard/app/pages/editor/connection-kinds.ts';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { needOfPlace } from '#dashboard/app/pages/editor/slack-place.ts';
import { stepsBefore, walk } from '#dashboard/app/pages/editor/step-tree.ts';

/** Gives the fields below the data that a step can reach: the trigger, the steps before it, the items of loops around it. */
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
    () => ({
      problemAt,
      scope,
      connectionKinds: kindsFor([step.type]),
      ...(step.type === 'slack' && { needAt: needOfPlace }),
    }),
    [problemAt, scope, step.type],
  );
  return <FormProvider value={form}>{children}</FormProvider>;
}

function scopeOf(step: Step, steps: readonly Step[], samples: TemplateScope): TemplateScope {
  const before: Record<string, unknown> = {};
  const outputs = (samples['steps'] ?? {}) as Record<string, unknown>;
  for (const { id } of stepsBefore(steps, step.key) ?? []) {
    before[id] = outputs[id] ?? { output: null };
  }
  const loops = [...walk(steps)].filter(
    (found) => found.step.type === 'for_each' && contains(found.step, step.key),
  );
  const scope: Record<string, unknown> = { ...samples, steps: before };
  for (const { step: loop } of loops) {
    scope['item'] = firstItem(loop.config['items'], scope);
    scope['index'] = 0;
  }
  return scope;
}

/** The first item that a loop would have; an empty object while the data at hand have none. */
function firstItem(items: unknown, around: TemplateScope): unknown {
  try {
    const list = resolveTemplates(items, around);
    return (Array.isArray(list) ? list[0] : undefined) ?? {};
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return {};
  }
}

function contains(outer: Step, key: string): boolean {
  return outer.key !== key && [...walk([outer])].some(({ step }) => step.key === key);
}
