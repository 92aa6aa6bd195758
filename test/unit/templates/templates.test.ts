import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalog } from '#actions/registry';
import { checkActions } from '#core/agents/agent-definition';
import { fromTemplate } from '#core/agents/agent-template';
import { presentTemplate } from '#core/api/template';
import { parseEgressAllow } from '#core/egress/egress';
import { agentTemplates } from '#templates/registry';

const rules = { catalog, egress: parseEgressAllow('') };

/** What is wrong with a request, by path. */
function problemsOf(act: () => unknown): Record<string, string> {
  try {
    act();
  } catch (error) {
    const { fields } = (error as { details: { fields: { path: string; message: string }[] } })
      .details;
    return Object.fromEntries(fields.map(({ path, message }) => [path, message]));
  }
  return {};
}

it('every file is a template in the registry', () => {
  const files = readdirSync('src/templates')
    .map((file) => file.replace('.ts', ''))
    .filter((name) => !['internal', 'parameters', 'registry'].includes(name));

  expect(agentTemplates.map(({ slug }) => slug).toSorted()).toEqual(files.toSorted());
});

describe.each(agentTemplates.map((template) => [template.slug, template] as const))(
  '%s',
  (_, template) => {
    it('gives an agent that can be saved', () => {
      const agent = fromTemplate(template, template.sample.parameters);

      expect(checkActions(agent.actions, rules).length).toBeGreaterThan(0);
      expect(agent.name).toBe(template.name);
      expect(agent.description).toBe(template.description);
      for (const action of agent.actions) expect(action.name, action.id).toMatch(/^[A-Z]/);
    });

    it('says what it needs, in words, with nothing of an agent among its parameters', () => {
      const { parameters_schema, summary, description } = presentTemplate(template);
      const properties = parameters_schema['properties'] as Record<
        string,
        { title?: string; description?: string }
      >;

      for (const [name, { title, description: text }] of Object.entries(properties)) {
        expect(title, name).toMatch(/^[A-Z][a-z]+( ([a-z]+|URL|ID))*$/);
        expect(text, name).toMatch(/\.$/);
        expect([
          'name',
          'description',
          'enabled',
          'trigger_config',
          'actions',
          'settings',
        ]).not.toContain(name);
      }
      expect(summary.length).toBeLessThan(120);
      expect(description.length).toBeGreaterThan(summary.length);
    });

    it('names what is missing and what does not exist', () => {
      const problems = problemsOf(() => fromTemplate(template, { such_a_thing: 1 }));
      const required = presentTemplate(template).parameters_schema['required'] as string[];

      expect(Object.keys(problems).toSorted()).toEqual(
        ['overrides.such_a_thing', ...required.map((name) => `overrides.${name}`)].toSorted(),
      );
    });

    it("lets the agent's own fields differ", () => {
      const agent = fromTemplate(template, {
        ...template.sample.parameters,
        name: 'Mine',
        enabled: false,
        trigger_config: { type: 'manual' },
      });

      expect(agent).toMatchObject({
        name: 'Mine',
        enabled: false,
        trigger_config: { type: 'manual' },
      });
    });
  },
);

it.each([
  [[], undefined],
  [['finance@example.com'], ['finance@example.com']],
])('templates with an approval ask the approvers %j', (approvers, asked) => {
  for (const slug of ['refund-approval', 'invoice-approval']) {
    const template = agentTemplates.find((one) => one.slug === slug) ?? expect.unreachable();

    const { actions } = fromTemplate(template, { ...template.sample.parameters, approvers });

    const approval = actions.find(({ type }) => type === 'approval');
    expect(approval?.config['approvers']).toEqual(asked);
  }
});
