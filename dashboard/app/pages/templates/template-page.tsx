import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { agentQuery, catalogQuery } from '#dashboard/app/api/agents.ts';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent, Template } from '#dashboard/app/api/generated/api.ts';
import { isNotFound, problemsLeft } from '#dashboard/app/api/problem.ts';
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
import { kindsFor } from '#dashboard/app/pages/editor/connection-kinds.ts';
import { CronFields, ownZone, SchedulePresets } from '#dashboard/app/pages/editor/cron-fields.tsx';
import { keyed } from '#dashboard/app/pages/editor/draft.ts';
import { walk } from '#dashboard/app/pages/editor/step-tree.ts';
import styles from '#dashboard/app/pages/templates/templates.module.css';
import { NotFound } from '#dashboard/app/shell/error-page.tsx';

/** Parameters that make a schedule. */
const SCHEDULE = ['cron_expression', 'timezone'];

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
  const [parameters, setParameters] = useState(() => startOf(schema));
  const overrides = { ...parameters, name };
  const creation = useMutation({
    mutationFn: (sent: typeof overrides) =>
      call('createFromTemplate', { body: { template_slug: template.slug, overrides: sent } }),
    async onSuccess(agent) {
      keepNewSecret(agent);
      queries.setQueryData(agentQuery(agent.id).queryKey, agent);
      tell(`“${agent.name}” was created`);
      await queries.invalidateQueries({ queryKey: ['agents', 'list'] });
      await navigate({ to: '/app/agents/$id', params: { id: agent.id } });
    },
  });
  const { error, variables: refused } = creation;
  const problems = problemsLeft(error, { overrides: refused }, { overrides });
  const problemAt = (path: string) => problems.find((one) => one.path === path)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate(overrides);
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
        <FormProvider value={{ problemAt, scope: undefined, connectionKinds: kindsOf(template) }}>
          <RootFields
            schema={withExamples(schema, template.example)}
            definitions={schema.$defs ?? {}}
            path="overrides"
            value={parameters}
            onValue={setParameters}
            without={SCHEDULE}
          />
        </FormProvider>
        {schema.properties?.['cron_expression'] && (
          <ScheduleFields parameters={parameters} onChange={setParameters} problemAt={problemAt} />
        )}
        {error && <FormProblem error={error} left={problems.length} />}
        <Button look="primary" type="submit" isBusy={creation.isPending}>
          Create agent
        </Button>
      </form>
    </Panel>
  );
}

/** Which connections the steps can use that are given the example's. */
function kindsOf({ agent, example }: Template): readonly string[] {
  const { actions } = agent as PreviewedAgent;
  const given = JSON.stringify(example['connection_id'] ?? null);
  const users = [...walk(actions.map((action) => keyed(action)))].filter(({ step }) =>
    JSON.stringify(step.config).includes(given),
  );
  return kindsFor(users.map(({ step }) => step.type));
}

/** The parameters of {@link SCHEDULE}, together. */
function ScheduleFields(props: {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly onChange: (parameters: Record<string, unknown>) => void;
  readonly problemAt: (path: string) => string | undefined;
}) {
  const { parameters, onChange, problemAt } = props;
  const cron = String(parameters['cron_expression']);
  const setCron = (next: string) => onChange({ ...parameters, cron_expression: next });
  return (
    <fieldset className={styles['schedule']}>
      <legend>Schedule</legend>
      <SchedulePresets cron={cron} onCron={setCron} />
      <CronFields
        cron={cron}
        timezone={String(parameters['timezone'])}
        onCron={setCron}
        onTimezone={(timezone) => onChange({ ...parameters, timezone })}
        problemAt={(field) => problemAt(`overrides.${field}`)}
      />
    </fieldset>
  );
}

/** The defaults to begin with; times are those of whoever is asked. */
function startOf(schema: FieldSchema): Record<string, unknown> {
  const defaults = defaultsOf(schema);
  return 'timezone' in defaults ? { ...defaults, timezone: ownZone } : defaults;
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
