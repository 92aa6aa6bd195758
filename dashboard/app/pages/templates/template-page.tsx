import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { agentQuery, catalogQuery } from '#dashboard/app/api/agents.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent, Template } from '#dashboard/app/api/generated/api.ts';
import { isNotFound, ProblemError } from '#dashboard/app/api/problem.ts';
import { templateQuery } from '#dashboard/app/api/templates.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { TextField } from '#dashboard/app/components/field.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import { TriggerWords } from '#dashboard/app/components/trigger-words.tsx';
import { FormProvider } from '#dashboard/app/forms/form-context.ts';
import { FormProblem } from '#dashboard/app/forms/form-problem.tsx';
import { type Definitions, defaultsOf, type FieldSchema } from '#dashboard/app/forms/schema.ts';
import { RootFields } from '#dashboard/app/forms/schema-fields.tsx';
import { keepNewSecret } from '#dashboard/app/pages/agent/new-secret.ts';
import { StepOutline } from '#dashboard/app/pages/agent/step-outline.tsx';
import { keyed } from '#dashboard/app/pages/editor/draft.ts';
import styles from '#dashboard/app/pages/templates/templates.module.css';
import { NotFound } from '#dashboard/app/shell/error-page.tsx';

const TEMPLATES = { label: 'Templates', to: '/app/templates' };

/** One template: what it does, and the few fields that make an agent of it. */
export function TemplatePage() {
  const { slug } = useParams({ from: '/signed-in/app/templates/$slug' });
  const template = useQuery(templateQuery(slug));
  if (isNotFound(template.error)) return <NotFound what="template" />;
  if (!template.data) {
    return (
      <Page title="Template" crumb={TEMPLATES}>
        {template.error ? (
          <ProblemNote error={template.error} onRetry={() => void template.refetch()} />
        ) : (
          <Bone height="20rem" />
        )}
      </Page>
    );
  }
  return (
    <Page title={template.data.name} lead={template.data.description} crumb={TEMPLATES}>
      <div className={styles['columns']}>
        <UseTemplate template={template.data} />
        <Preview template={template.data} />
      </div>
    </Page>
  );
}

type PreviewedAgent = Pick<Agent, 'trigger_config' | 'actions'>;

function Preview({ template }: { readonly template: Template }) {
  const catalog = useQuery(catalogQuery());
  const { trigger_config, actions } = template.agent as PreviewedAgent;
  const steps = useMemo(() => actions.map((action) => keyed(action)), [actions]);
  return (
    <Panel title="What it does" note="With the example's values.">
      <p className={styles['trigger']}>
        <TriggerWords trigger={trigger_config} />
      </p>
      <StepOutline steps={steps} catalog={catalog.data?.actions ?? []} />
    </Panel>
  );
}

function UseTemplate({ template }: { readonly template: Template }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const schema = template.parameters_schema as FieldSchema & { readonly $defs?: Definitions };
  const [name, setName] = useState(template.name);
  const [parameters, setParameters] = useState(() => defaultsOf(schema));
  const creation = useMutation({
    mutationFn: () =>
      call('createFromTemplate', {
        body: { template_slug: template.slug, overrides: { ...parameters, name } },
      }),
    async onSuccess(agent) {
      keepNewSecret(agent);
      queries.setQueryData(agentQuery(agent.id).queryKey, agent);
      tell(`“${agent.name}” was created`);
      await queries.invalidateQueries({ queryKey: ['agents', 'list'] });
      await navigate({ to: '/app/agents/$id', params: { id: agent.id } });
    },
  });
  const { error } = creation;
  const problems = error instanceof ProblemError ? error.fields : [];
  const problemAt = (path: string) => problems.find((one) => one.path === path)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate();
  };
  return (
    <Panel title="Use this template">
      <form className={styles['form']} onSubmit={submit} noValidate>
        <TextField
          label="Agent name"
          maxLength={100}
          value={name}
          error={problemAt('overrides.name')}
          onValue={setName}
        />
        <FormProvider value={{ problemAt, scope: undefined }}>
          <RootFields
            schema={withExamples(schema, template.example)}
            definitions={schema.$defs ?? {}}
            path="overrides"
            value={parameters}
            onValue={setParameters}
          />
        </FormProvider>
        {error && <FormProblem error={error} />}
        <Button look="primary" type="submit" isBusy={creation.isPending}>
          Create agent
        </Button>
      </form>
    </Panel>
  );
}

/** The schema with the template's own example as each parameter's. */
function withExamples(
  schema: FieldSchema,
  example: Readonly<Record<string, unknown>>,
): FieldSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    name,
    field.examples || example[name] === undefined ? field : { ...field, examples: [example[name]] },
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}
