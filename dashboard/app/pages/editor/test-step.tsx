import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { call } from '#dashboard/app/api/client.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { JsonTree } from '#dashboard/app/components/json-tree.tsx';
import { RunStatus } from '#dashboard/app/components/run-status.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { duration } from '#dashboard/app/format/time.ts';
import { useForm } from '#dashboard/app/forms/form-context.ts';
import { type Step, unkeyed } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';

/** Tries one step with the data at hand. It really acts, and nothing is saved. */
export function TestStep({ step }: { readonly step: Step }) {
  const { keepOutput } = useEditor();
  const { scope } = useForm();
  const test = useMutation({
    mutationFn: () =>
      call('testStep', {
        body: {
          action: unkeyed(step) as never,
          trigger: (scope?.['trigger'] ?? {}) as never,
          steps: outputs(scope?.['steps']) as never,
          ...(scope && 'item' in scope && { item: scope['item'] }),
        },
      }),
    onSuccess(result) {
      if (result.status === 'success') keepOutput(step.id, result.output);
    },
  });
  const { data, error } = test;
  return (
    <div className={styles['test']}>
      <div className={styles['testHead']}>
        <Button
          size="small"
          icon={<FlaskConical size={13} aria-hidden="true" />}
          isBusy={test.isPending}
          onClick={() => test.mutate()}
        >
          Test this step
        </Button>
        <span className={styles['quiet']}>
          It really acts, with the sample data; nothing is saved.
        </span>
      </div>
      {error && <ProblemNote error={error} />}
      {data && (
        <>
          <div className={styles['testHead']}>
            <RunStatus status={data.status} />
            <span className={styles['quiet']}>{duration(data.duration_ms)}</span>
          </div>
          {data.error && <p>{data.error.message}</p>}
          {data.output !== null && <JsonTree label="Output of the test" value={data.output} />}
        </>
      )}
    </div>
  );
}

/** Only steps with an output can be named. */
function outputs(steps: unknown): Record<string, { output: unknown }> {
  const entries = Object.entries((steps ?? {}) as Record<string, { output: unknown }>)
    .filter(([id]) => id !== '')
    .map(([id, { output }]) => [id, { output }]);
  return Object.fromEntries(entries);
}
