import { useNavigate } from '@tanstack/react-router';
import { Braces } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { TemplateScope } from '#core/templates/templates';
import type { Answer } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import type { FieldProblem } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import { AgentForms } from '#dashboard/app/pages/editor/agent-forms.tsx';
import { bodyOf, type Draft } from '#dashboard/app/pages/editor/draft.ts';
import { type Editor, EditorContext } from '#dashboard/app/pages/editor/editor-context.ts';
import { JsonView } from '#dashboard/app/pages/editor/json-view.tsx';
import { LeaveGuard } from '#dashboard/app/pages/editor/leave-guard.tsx';
import { SaveBar } from '#dashboard/app/pages/editor/save-bar.tsx';
import { TestRun } from '#dashboard/app/pages/editor/test-run.tsx';
import { UndoButtons } from '#dashboard/app/pages/editor/undo-buttons.tsx';
import { useDraft, useUndoKeys } from '#dashboard/app/pages/editor/use-draft.ts';
import { useSamples } from '#dashboard/app/pages/editor/use-samples.ts';
import { useSave } from '#dashboard/app/pages/editor/use-save.ts';
import { useTestRun } from '#dashboard/app/pages/editor/use-test-run.ts';

/** The builder of an agent: name, trigger, steps, settings; as forms or as JSON. */
export function AgentEditor(props: {
  readonly catalog: Answer<'getCatalog'>;
  readonly first: Draft;
  /** The agent that is changed; undefined for a new one. */
  readonly agent: Agent | undefined;
  /** A run that was started to test it, before the editor was opened. */
  readonly testRunId?: string | undefined;
}) {
  const { first, agent, testRunId: firstRunId } = props;
  const history = useDraft(first);
  const { draft } = history;
  const [openStep, setOpenStep] = useState<string>();
  const [isJson, setJson] = useState(false);
  const [isUnreadable, setUnreadable] = useState(false);
  const navigate = useNavigate();
  const { samples, keepOutput, payload, setPayload } = useSamples(agent?.id, draft);
  const saving = useSave(agent, draft, setOpenStep);
  const isChanged = JSON.stringify(bodyOf(first)) !== JSON.stringify(bodyOf(draft));
  const open = { openStep, setOpenStep };
  const testing = useTestRun({ agent, isChanged, history, saving, ...open, firstRunId });
  const shared = { history, ...open, samples, keepOutput, problems: saving.problems };
  const editor = useSharedState(props.catalog, shared);
  useUndoKeys(history, !isJson);

  async function saveAndLeave(isOver: boolean) {
    const saved = await saving.save(isOver);
    if (!saved) return;
    tell(agent ? `“${saved.name}” was saved` : `“${saved.name}” was created`);
    await navigate({ to: '/app/agents/$id', params: { id: saved.id } });
  }

  return (
    <EditorContext value={editor}>
      <Page
        title={agent ? `Edit ${agent.name}` : 'New agent'}
        isNarrow
        crumb={
          agent
            ? { label: agent.name, to: `/app/agents/${agent.id}` }
            : { label: 'Agents', to: '/app/agents' }
        }
        actions={
          <>
            {!isJson && <UndoButtons history={history} />}
            <Button
              icon={<Braces size={14} aria-hidden="true" />}
              aria-pressed={isJson}
              disabled={isUnreadable}
              onClick={() => setJson(!isJson)}
            >
              {isJson ? 'Form' : 'JSON'}
            </Button>
          </>
        }
      >
        {isJson ? (
          <JsonView onUnreadable={setUnreadable} />
        ) : (
          <AgentForms
            isNew={!agent}
            payload={payload}
            onPayload={setPayload}
            onJson={() => setJson(true)}
          />
        )}
        <TestRun
          agent={agent}
          isChanged={isChanged}
          isUnreadable={isUnreadable}
          isBusy={testing.isStarting || saving.isSaving}
          runId={testing.runId}
          onTest={() => void testing.test(bodyIn(samples))}
        />
        <SaveBar
          isNew={!agent}
          isChanged={isChanged}
          isUnreadable={isUnreadable}
          saving={saving}
          onSave={(isOver) => void saveAndLeave(isOver)}
        />
      </Page>
      <LeaveGuard mayLose={() => isChanged && !saving.isLeaving()} />
    </EditorContext>
  );
}

/** What every part of the editor works with, anew only when something in it is. */
function useSharedState(
  { actions: catalog, agents: builtIn }: Answer<'getCatalog'>,
  shared: Pick<Editor, 'openStep' | 'setOpenStep' | 'samples' | 'keepOutput'> & {
    readonly history: ReturnType<typeof useDraft>;
    readonly problems: readonly FieldProblem[];
  },
): Editor {
  const { history, openStep, setOpenStep, samples, keepOutput, problems } = shared;
  const { draft, change } = history;
  return useMemo(() => {
    const messages = new Map(problems.map(({ path, message }) => [path, message]));
    return {
      draft,
      change,
      catalog,
      builtIn,
      openStep,
      setOpenStep,
      samples,
      keepOutput,
      problemAt: (path: string) => messages.get(path),
      hasProblemIn: (path: string) => problems.some((problem) => problem.path.startsWith(path)),
    };
  }, [draft, change, catalog, builtIn, openStep, setOpenStep, samples, keepOutput, problems]);
}

/** The payload that a test gives the trigger. */
function bodyIn({ trigger }: TemplateScope): unknown {
  return (trigger as { readonly body?: unknown }).body ?? {};
}
