import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useRunAgent } from '#dashboard/app/api/agents.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { draftOf } from '#dashboard/app/pages/editor/draft.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';
import type { useDraft } from '#dashboard/app/pages/editor/use-draft.ts';
import type { useSave } from '#dashboard/app/pages/editor/use-save.ts';

/** Runs the whole agent once as it is in the editor, which stays open. */
export function useTestRun(editing: {
  /** As it is saved; undefined while it never was. */
  readonly agent: Agent | undefined;
  readonly isChanged: boolean;
  readonly history: ReturnType<typeof useDraft>;
  readonly saving: ReturnType<typeof useSave>;
  /** The step that is open, by its key. */
  readonly openStep: string | undefined;
  readonly setOpenStep: (key: string | undefined) => void;
  /** A test that was started before the editor was opened. */
  readonly firstRunId: string | undefined;
}) {
  const { agent, isChanged, history, saving, openStep, setOpenStep } = editing;
  const [runId, setRunId] = useState(editing.firstRunId);
  const navigate = useNavigate();
  const { mutateAsync: start, isPending: isStarting } = useRunAgent();

  /** Goes on with what was saved: ids that it was given, and masked secrets. */
  function startAfresh(saved: Agent): void {
    const open = [...walk(history.draft.steps)].findIndex(({ step }) => step.key === openStep);
    const fresh = draftOf(saved);
    history.start(fresh);
    setOpenStep([...walk(fresh.steps)][open]?.step.key);
    saving.stay();
  }

  async function test(body: unknown): Promise<void> {
    const saved = agent && !isChanged ? agent : await saving.save();
    if (!saved) return;
    const started = await start({ agent: saved, body }).then(
      (answer) => answer.run_id,
      () => undefined,
    );
    if (agent) {
      startAfresh(saved);
      if (started !== undefined) setRunId(started);
      return;
    }
    await navigate({
      to: '/app/agents/$id/edit',
      params: { id: saved.id },
      search: started === undefined ? {} : { test: started },
      replace: true,
    });
  }

  return { runId, isStarting, test };
}
