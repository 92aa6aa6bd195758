import {
  type InfiniteData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { type Answer, call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { byLength, cursorOf, pages } from '#dashboard/app/api/lists.ts';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';

export type AgentFilter = { readonly q?: string; readonly enabled?: string };

type AgentPages = InfiniteData<Answer<'listAgents'>>;

const REFRESH_MS = 10_000;

export function useAgents(filter: AgentFilter) {
  return useInfiniteQuery({
    queryKey: ['agents', 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      call('listAgents', {
        query: {
          limit: 50,
          ...(filter.q && { q: filter.q }),
          ...((filter.enabled === 'true' || filter.enabled === 'false') && {
            enabled: filter.enabled,
          }),
          ...cursorOf(pageParam),
        },
        signal,
      }),
    ...pages,
    refetchInterval: byLength(REFRESH_MS),
    placeholderData: (previous) => previous,
  });
}

export function agentQuery(id: string) {
  return queryOptions({
    queryKey: ['agents', 'one', id],
    queryFn: ({ signal }) => call('getAgent', { path: { id }, signal }),
  });
}

/** An agent that one of the lists has, to be shown until it is loaded itself. */
export function useListedAgent(id: string): Agent | undefined {
  const lists = useQueryClient().getQueriesData<AgentPages>({ queryKey: ['agents', 'list'] });
  return lists
    .flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? [])
    .find((agent) => agent.id === id);
}

export function catalogQuery() {
  return queryOptions({
    queryKey: ['catalog'],
    queryFn: ({ signal }) => call('getCatalog', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Switches an agent on or off: seen at once, taken back when it fails, and with a way to undo it. */
export function useSwitchAgent() {
  const queries = useQueryClient();
  const show = (id: string, enabled: boolean) => {
    const change = (agent: Agent) => (agent.id === id ? { ...agent, enabled } : agent);
    queries.setQueriesData<AgentPages>(
      { queryKey: ['agents', 'list'] },
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })),
        },
    );
    queries.setQueryData<Agent>(agentQuery(id).queryKey, (agent) => agent && change(agent));
  };
  const mutation = useMutation({
    mutationFn: ({ agent, enabled }: { agent: Agent; enabled: boolean }) =>
      call(enabled ? 'enableAgent' : 'disableAgent', { path: { id: agent.id } }),
    async onMutate({ agent, enabled }) {
      await queries.cancelQueries({ queryKey: ['agents'] });
      show(agent.id, enabled);
    },
    onError(error, { agent, enabled }) {
      show(agent.id, !enabled);
      tellProblem(`“${agent.name}” was not switched ${enabled ? 'on' : 'off'}`, error);
    },
    onSuccess(_, { agent, enabled }) {
      tell(`“${agent.name}” is ${enabled ? 'on' : 'off'}`, {
        label: 'Undo',
        run: () => mutation.mutate({ agent, enabled: !enabled }),
      });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  });
  return mutation;
}

export function useDeleteAgent() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (agent: Agent) => call('deleteAgent', { path: { id: agent.id } }),
    async onSuccess(_, agent) {
      tell(`“${agent.name}” was deleted`);
      queries.removeQueries({ queryKey: agentQuery(agent.id).queryKey });
      await queries.invalidateQueries({ queryKey: ['agents', 'list'] });
    },
    onError: (error, agent) => tellProblem(`“${agent.name}” was not deleted`, error),
  });
}

/** Starts a run by hand. @param body becomes `trigger.body`. */
export function useRunAgent() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ agent, body = {} }: { agent: Pick<Agent, 'id' | 'name'>; body?: unknown }) =>
      call('runAgent', { path: { id: agent.id }, body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs'] }),
    onError: (error, { agent }) => tellProblem(`“${agent.name}” was not started`, error),
  });
}
