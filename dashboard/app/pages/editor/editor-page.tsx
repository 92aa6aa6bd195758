import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { agentQuery, catalogQuery } from '#dashboard/app/api/agents.ts';
import { isNotFound } from '#dashboard/app/api/problem.ts';
import { Page } from '#dashboard/app/components/page.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { AgentEditor } from '#dashboard/app/pages/editor/agent-editor.tsx';
import { draftOf, emptyDraft } from '#dashboard/app/pages/editor/draft.ts';
import { NotFound } from '#dashboard/app/shell/error-page.tsx';

/** Makes an agent. */
export function NewAgentPage() {
  const catalog = useQuery(catalogQuery());
  if (!catalog.data) return <Loading title="New agent" query={catalog} />;
  return <AgentEditor catalog={catalog.data} first={emptyDraft()} agent={undefined} />;
}

/** Changes an agent. */
export function EditAgentPage() {
  const { id } = useParams({ from: '/signed-in/app/agents/$id/edit' });
  const { test } = useSearch({ from: '/signed-in/app/agents/$id/edit' });
  const catalog = useQuery(catalogQuery());
  const agent = useQuery({ ...agentQuery(id), refetchOnWindowFocus: false });
  if (isNotFound(agent.error)) return <NotFound what="agent" />;
  if (!catalog.data) return <Loading title="Edit agent" query={catalog} />;
  if (!agent.data) return <Loading title="Edit agent" query={agent} />;
  return (
    <AgentEditor
      key={agent.data.id}
      catalog={catalog.data}
      first={draftOf(agent.data)}
      agent={agent.data}
      testRunId={test}
    />
  );
}

function Loading(props: {
  readonly title: string;
  readonly query: { readonly error: unknown; refetch(): unknown };
}) {
  const { title, query } = props;
  return (
    <Page title={title} isNarrow>
      {query.error ? (
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Bone height="20rem" />
      )}
    </Page>
  );
}
