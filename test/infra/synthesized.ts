import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '#local/assembly';
import { ROOT } from '#test/helpers/assembly';

/** Our own functions, by name. */
export const functionNames = [
  'api',
  'webhook',
  'dispatch',
  'run-steps',
  'sweep',
  'mail-events',
  'publish',
  'seed',
  'token-claims',
];

/** One resource of the synthesized template. */
export type Resource = {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape; tests read deep into it.
  readonly Properties: any;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
};

/** One statement of a policy. */
export type Statement = { Action: string | string[]; Resource: unknown; Effect: string };

/** What CloudFormation is given. */
export type Template = {
  readonly Parameters: Readonly<Record<string, { Default?: unknown }>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
};

/**
 * The production stack, checked as a deployment would be.
 *
 * @throws Error when the CloudFormation rules or cdk-nag find anything that is not acknowledged with a
 *   reason.
 */
export async function synthesized(): Promise<{
  readonly directory: string;
  readonly template: Template;
}> {
  const { cdkOut: directory } = await synthesize({ root: ROOT });
  const file = join(directory, 'CrucibaiAgents.template.json');
  return { directory, template: JSON.parse(readFileSync(file, 'utf8')) };
}

/** All resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** Our own functions by name, without those that CDK adds for deployments. */
export function functionsOf(template: Template): Map<string, Resource & { readonly id: string }> {
  return new Map(
    resourcesOf(template, 'AWS::Lambda::Function')
      .map(([id, resource]) => ({
        id,
        ...resource,
        name: resource.Properties.Environment?.Variables.POWERTOOLS_SERVICE_NAME as string,
      }))
      .filter(({ name }) => name !== undefined)
      .map((one) => [one.name, one]),
  );
}

/** The resource of a type, and of a construct where one is named, that is there exactly once. */
export function theOnly(template: Template, type: string, construct = ''): Resource {
  const [first, ...more] = resourcesOf(template, type).filter(([id]) => id.startsWith(construct));
  if (!first || more.length > 0) throw new Error(`Expected one ${type}, found ${more.length + 1}.`);
  return first[1];
}
