import { useBlocker, useNavigate } from '@tanstack/react-router';
import { Braces, Redo2, Undo2 } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useRunAgent } from '#dashboard/app/api/agents.ts';
import type { Answer } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { type FieldProblem, ProblemError } from '#dashboard/app/api/problem.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { ConfirmDialog } from '#dashboard/app/components/dialog.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { ProblemNote } from '#dashboard/app/components/state.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import { bodyOf, type Draft, draftOf } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { EditorContext, useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import { Flow } from '#dashboard/app/pages/editor/flow.tsx';
import { JsonView } from '#dashboard/app/pages/editor/json-view.tsx';
import { SamplePayload } from '#dashboard/app/pages/editor/sample-payload.tsx';
import { SettingsSection } from '#dashboard/app/pages/editor/settings-section.tsx';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';
import { stepTitle } from '#dashboard/app/pages/editor/step-types.tsx';
import { TestRun } from '#dashboard/app/pages/editor/test-run.tsx';
import { TriggerSection } from '#dashboard/app/pages/editor/trigger-section.tsx';
import { useDraft, useUndoKeys } from '#dashboard/app/pages/editor/use-draft.ts';
import { useSamples } from '#dashboard/app/pages/editor/use-samples.ts';
import { useSave } from '#dashboard/app/pages/editor/use-save.ts';

/** The builder of an agent: name, trigger, steps, settings; as forms or as JSON. */
export function AgentEditor(props: {
  readonly catalog: Answer<'getCatalog'>;
  readonly first: Draft;
  /** The agent that is changed; undefined for a new one. */
  readonly agent: Agent | undefined;
  /** A run that was started to test it, before the editor was opened. */
  readonly testRunId?: string | undefined;
}) {
  const { first, agent } = props;
  const { actions: catalog, agents: builtIn } = props.catalog;
  const history = useDraft(first);
  const { draft, change } = history;
  const [openStep, setOpenStep] = useState<string>();
  const [isJson, setJson] = useState(false);
  const [isUnreadable, setUnreadable] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const [testRunId, setTestRunId] = useState(props.testRunId);
  const navigate = useNavigate();
  const { mutateAsync: start, isPending: isStarting } = useRunAgent();
  const { samples, keepOutput, payload, setPayload } = useSamples(agent?.id, draft);
  const saving = useSave(agent, draft);
  const isChanged = JSON.stringify(bodyOf(first)) !== JSON.stringify(bodyOf(draft));
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged && !saving.isLeaving(),
    enableBeforeUnload: () => isChanged && !saving.isLeaving(),
    withResolver: true,
  });
  const problems = saving.problems;
  useEffect(() => {
    if (refusals > 0) focusFirstProblem();
  }, [refusals]);
  useUndoKeys(history, !isJson);

  const editor = useMemo(() => {
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
  }, [draft, change, catalog, builtIn, openStep, samples, keepOutput, problems]);

  /** Gives the agent as it is now; undefined when it was refused, with the field in sight. */
  async function save(): Promise<Agent | undefined> {
    const saved = await saving.save();
    if ('id' in saved) return saved;
    const [problem] = saved;
    const at =
      problem && [...walk(draft.steps)].findLast(({ path }) => problem.path.startsWith(path));
    if (at) setOpenStep(at.step.key);
    setRefusals((before) => before + 1);
    return undefined;
  }

  async function saveAndLeave() {
    const saved = await save();
    if (!saved) return;
    tell(agent ? `“${saved.name}” was saved` : `“${saved.name}” was created`);
    await navigate({ to: '/app/agents/$id', params: { id: saved.id } });
  }

  async function saveAndTest() {
    const saved = agent && !isChanged ? agent : await save();
    if (!saved) return;
    const body = (samples['trigger'] as { readonly body?: unknown }).body ?? {};
    const run_id = await start({ agent: saved, body }).then(
      (answer) => answer.run_id,
      () => undefined,
    );
    if (!agent) {
      const search = run_id === undefined ? {} : { test: run_id };
      await navigate({
        to: '/app/agents/$id/edit',
        params: { id: saved.id },
        search,
        replace: true,
      });
      return;
    }
    const open = [...walk(draft.steps)].findIndex(({ step }) => step.key === openStep);
    const fresh = draftOf(saved);
    history.start(fresh);
    setOpenStep([...walk(fresh.steps)][open]?.step.key);
    saving.stay();
    if (run_id !== undefined) setTestRunId(run_id);
  }

  const title = agent ? `Edit ${agent.name}` : 'New agent';
  return (
    <EditorContext value={editor}>
      <Page
        title={title}
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
          <Forms payload={payload} onPayload={setPayload} />
        )}
        <TestRun
          agent={agent}
          isChanged={isChanged}
          isUnreadable={isUnreadable}
          isBusy={isStarting || saving.isSaving}
          runId={testRunId}
          onTest={() => void saveAndTest()}
        />
        <div className={styles['bar']}>
          <Refusal problems={problems} error={saving.error} />
          <span className={styles['barNote']} role="status">
            {isUnreadable
              ? 'Correct the JSON, or take it back'
              : isChanged
                ? 'Unsaved changes'
                : agent
                  ? 'Saved'
                  : ''}
          </span>
          <Button
            look="primary"
            isBusy={saving.isSaving}
            disabled={isUnreadable}
            onClick={() => void saveAndLeave()}
          >
            {agent ? 'Save' : 'Create agent'}
          </Button>
        </div>
      </Page>
      <ConfirmDialog
        isOpen={blocker.status === 'blocked'}
        onOpenChange={(isOpen) => {
          if (!isOpen) blocker.reset?.();
        }}
        title="Leave without saving?"
        confirm="Leave"
        cancel="Stay"
        onConfirm={() => blocker.proceed?.()}
      >
        Your changes are lost when you leave.
      </ConfirmDialog>
    </EditorContext>
  );
}

/** Takes changes back, or makes them again; the JSON editor has its own way. */
function UndoButtons({ history }: { readonly history: ReturnType<typeof useDraft> }) {
  return (
    <>
      <Button
        look="ghost"
        isIcon
        aria-label="Undo"
        title="Undo (Ctrl+Z)"
        disabled={!history.canUndo}
        onClick={history.undo}
      >
        <Undo2 size={15} aria-hidden="true" />
      </Button>
      <Button
        look="ghost"
        isIcon
        aria-label="Redo"
        title="Redo (Ctrl+Shift+Z)"
        disabled={!history.canRedo}
        onClick={history.redo}
      >
        <Redo2 size={15} aria-hidden="true" />
      </Button>
    </>
  );
}

/** Brings the first field that was refused into sight, wherever it is folded away. */
function focusFirstProblem(): void {
  const field = document.querySelector<HTMLElement>('main [aria-invalid=true]');
  if (!field) return;
  field.closest('details')?.setAttribute('open', '');
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: 'center' });
}

function Forms(props: {
  readonly payload: unknown;
  readonly onPayload: (payload: unknown) => void;
}) {
  const { draft, change, problemAt } = useEditor();
  return (
    <>
      <Panel title="About">
        <div className={styles['section']}>
          <TextField
            label="Name"
            required
            maxLength={100}
            value={draft.name}
            error={problemAt('name')}
            onValue={(name) => change((before) => ({ ...before, name }), 'name')}
          />
          <TextField
            isLong
            label="Description"
            isOptional
            maxLength={2_000}
            value={draft.description}
            error={problemAt('description')}
            onValue={(description) =>
              change((before) => ({ ...before, description }), 'description')
            }
          />
        </div>
      </Panel>
      <Panel title="Trigger" note="What starts the agent.">
        <TriggerSection />
        {draft.trigger.type !== 'schedule' && (
          <div className={styles['sample']}>
            <SamplePayload payload={props.payload} onPayload={props.onPayload} />
          </div>
        )}
      </Panel>
      <Panel title="Steps" note="Run from top to bottom. Add a step with the plus signs.">
        <Flow />
      </Panel>
      <SettingsSection />
    </>
  );
}

/** What was refused, by step and field; each is said at its field, too. */
function Refusal(props: { readonly problems: readonly FieldProblem[]; readonly error: unknown }) {
  const { problems, error } = props;
  const { draft, catalog } = useEditor();
  if (!error) return null;
  if (!(error instanceof ProblemError) || problems.length === 0) {
    return (
      <div className={styles['refusal']}>
        <ProblemNote error={error} />
      </div>
    );
  }
  const steps = [...walk(draft.steps)];
  return (
    <div className={styles['refusal']} role="alert">
      <strong>Not saved yet. Please change this:</strong>
      <ul className={styles['problems']}>
        {problems.map(({ path, message }) => {
          const at = steps.findLast((one) => path.startsWith(one.path));
          const name = at && (at.step.name ?? stepTitle(catalog, at.step.type));
          return (
            <li key={path}>
              {at && `“${name}”, `}
              <code>{at ? path.slice(at.path.length).replace(/^\.(config\.)?/, '') : path}</code>:{' '}
              {message}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
