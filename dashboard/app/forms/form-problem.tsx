import { useLayoutEffect, useRef, useState } from 'react';
import { ProblemError } from '#dashboard/app/api/problem.ts';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { focusFirstProblem, markedFields } from '#dashboard/app/forms/marked-fields.ts';

/** Why what is in the form around it was refused. Where that is said at fields, the first of them has the focus. */
export function FormProblem(props: {
  readonly error: unknown;
  /** How many fields were not changed since. */
  readonly left: number;
}) {
  const { error, left } = props;
  const place = useRef<HTMLDivElement>(null);
  const [isAllMarked, setAllMarked] = useState(false);
  useLayoutEffect(() => {
    const form = place.current?.closest('form');
    const refused = error instanceof ProblemError ? error.fields.length : 0;
    if (!form || refused === 0) return;
    focusFirstProblem(form);
    setAllMarked(markedFields(form).length >= refused);
    return () => setAllMarked(false);
  }, [error]);
  return (
    <div ref={place}>
      {isAllMarked ? (
        left > 0 && <ProblemNote error={new Error(inWords(left))} />
      ) : (
        <ProblemNote error={error} />
      )}
    </div>
  );
}

function inWords(count: number): string {
  return count === 1 ? 'One field needs a change.' : `${count} fields need a change.`;
}
