import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { type FieldProblem, ProblemError } from '#dashboard/app/api/problem.ts';
import { keepNewSecret } from '#dashboard/app/pages/agent/new-secret.ts';
import { bodyOf, type Draft } from '#dashboard/app/pages/editor/draft.ts';

const NONE: readonly FieldProblem[] = [];

/** Creates the agent, or changes it, unless somebody else changed it meanwhile. */
export function useSave(agent: Agent | undefined, draft: Draft) {
  const queries = useQueryClient();
  const leaving = useRef(false);
  const mutation = useMutation({
    mutationFn: () =>
      agent
        ? call('updateAgent', {
            path: { id: agent.id },
            body: bodyOf(draft),
            headers: { 'if-match': String(agent.version) },
          })
        : call('createAgent', { body: bodyOf(draft) }),
    async onSuccess(saved) {
      leaving.current = true;
      keepNewSecret(saved);
      queries.setQueryData(agentQuery(saved.id).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ['agents', 'list'] });
    },
  });
  const { error } = mutation;
  return {
    error,
    problems: error instanceof ProblemError ? error.fields : NONE,
    isSaving: mutation.isPending,
    /** True once it is saved: leaving loses nothing. */
    isLeaving: () => leaving.current,
    /** The editor stays open: what is changed from now on must be saved again. */
    stay() {
      leaving.current = false;
    },
    /** Gives what was saved, or the fields that were refused. */
    async save(): Promise<Agent | readonly FieldProblem[]> {
      try {
        return await mutation.mutateAsync();
      } catch (problem) {
        return problem instanceof ProblemError ? problem.fields : NONE;
      }
    },
  };
}
