import { lazy, Suspense, useState } from 'react';
import { messageOf } from '#dashboard/app/api/problem.ts';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { bodyOf, draftFromJson } from '#dashboard/app/pages/editor/draft.ts';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';

const JsonEditor = lazy(async () => {
  const { JsonEditor } = await import('#dashboard/app/pages/editor/json-editor.tsx');
  return { default: JsonEditor };
});

/** The whole agent as JSON; every text that is valid becomes the draft at once. */
export function JsonView(props: {
  /** Tells whether the text is no agent, so that the draft is not what is written. */
  readonly onUnreadable: (isUnreadable: boolean) => void;
}) {
  const { onUnreadable } = props;
  const { draft, change } = useEditor();
  const [problem, setProblem] = useState<string>();
  const [starts, setStarts] = useState(0);
  const tell = (message: string | undefined) => {
    setProblem(message);
    onUnreadable(message !== undefined);
  };
  return (
    <Panel
      title="JSON"
      note="The same agent as the API takes it. What you change here is in the form too."
    >
      <Suspense fallback={<Bone height="24rem" />}>
        <JsonEditor
          key={starts}
          label="Agent as JSON"
          text={JSON.stringify(bodyOf(draft), null, 2)}
          onText={(next) => {
            try {
              const changed = draftFromJson(next);
              tell(undefined);
              change(() => changed, 'json');
            } catch (error) {
              tell(messageOf(error));
            }
          }}
        />
      </Suspense>
      {problem !== undefined && (
        <ProblemNote
          error={new Error(problem)}
          retry="Take back what cannot be read"
          onRetry={() => {
            tell(undefined);
            setStarts(starts + 1);
          }}
        />
      )}
    </Panel>
  );
}
