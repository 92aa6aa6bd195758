import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { ProblemError, problemsLeft } from '#dashboard/app/api/problem.ts';
import { focusFirstProblem } from '#dashboard/app/forms/marked-fields.ts';
import { keepNewSecret } from '#dashboard/app/pages/agent/new-secret.ts';
import { bodyOf, type Draft } from '#dashboard/app/pages/editor/draft.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';

/**
 * Creates the agent, or changes it, unless somebody else changed it meanwhile. Of what is refused, the
 * first field comes into sight.
 */
export function useSave(
  agent: Agent | undefined,
  draft: Draft,
  setOpenStep: (key: string | undefined) => void,
) {
  const queries = useQueryClient();
  const leaving = useRef(false);
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals > 0) focusFirstProblem(document.querySelector('main') ?? document);
  }, [refusals]);
  const mutation = useMutation({
    mutationFn: ({ sent, isOver }: { readonly sent: Draft; readonly isOver: boolean }) =>
      agent
        ? call('updateAgent', {
            path: { id: agent.id },
            body: bodyOf(sent),
            headers: isOver ? {} : { 'if-match': String(agent.version) },
          })
        : call('createAgent', { body: bodyOf(sent) }),
    async onSuccess(saved) {
      leaving.current = true;
      keepNewSecret(saved);
      queries.setQueryData(agentQuery(saved.id).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ['agents', 'list'] });
    },
  });
  const { error, variables } = mutation;
  const refused = variables?.sent;
  const problems = useMemo(
    () => (refused ? problemsLeft(error, bodyOf(refused), bodyOf(draft)) : []),
    [error, refused, draft],
  );
  return {
    error,
    /** Of fields that were not changed since. */
    problems,
    isSaving: mutation.isPending,
    /** True once it is saved: leaving loses nothing. */
    isLeaving: () => leaving.current,
    /** The editor stays open: what is changed from now on must be saved again. */
    stay() {
      leaving.current = false;
    },
    /** Gives the agent as it is now; undefined when it was refused. @param isOver whatever somebody else changed */
    async save(isOver = false): Promise<Agent | undefined> {
      try {
        return await mutation.mutateAsync({ sent: draft, isOver });
      } catch (refusal) {
        const [problem] = refusal instanceof ProblemError ? refusal.fields : [];
        const at =
          problem && [...walk(draft.steps)].findLast(({ path }) => problem.path.startsWith(path));
        if (at) setOpenStep(at.step.key);
        setRefusals((before) => before + 1);
        return undefined;
      }
    },
  };
}
