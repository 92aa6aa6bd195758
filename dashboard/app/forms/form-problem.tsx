import { useLayoutEffect, useRef, useState } from 'react';
import { ProblemError } from '#dashboard/app/api/problem.ts';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { focusFirstProblem, markedFields } from '#dashboard/app/forms/marked-fields.ts';

/** Why what is in the form around it was refused. Where that is said at fields, the first of them has the focus. */
export function FormProblem({ error }: { readonly error: unknown }) {
  const place = useRef<HTMLDivElement>(null);
  const [summary, setSummary] = useState<Error>();
  useLayoutEffect(() => {
    const form = place.current?.closest('form');
    const refused = error instanceof ProblemError ? error.fields.length : 0;
    if (!form || refused === 0) return;
    focusFirstProblem(form);
    if (markedFields(form).length >= refused) setSummary(new Error(inWords(refused)));
    return () => setSummary(undefined);
  }, [error]);
  return (
    <div ref={place}>
      <ProblemNote error={summary ?? error} />
    </div>
  );
}

function inWords(count: number): string {
  return count === 1 ? 'One field needs a change.' : `${count} fields need a change.`;
}
