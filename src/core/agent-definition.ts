import type * as z from 'zod';
import type { Action, ActionCatalog } from '#core/action';
import { type ActionStep, MAX_DEFINITION_BYTES } from '#core/agent';
import type { EgressPolicy } from '#core/egress';
import { type FieldProblem, invalidRequest } from '#core/errors';
import { fieldPath, problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';
import { placeholdersIn, templateProblems } from '#core/templates';

const ROOTS: ReadonlySet<string> = new Set(['trigger', 'steps', 'agent', 'run']);

/** What a definition is checked against. */
export type DefinitionRules = { readonly catalog: ActionCatalog; readonly egress: EgressPolicy };

/**
 * Checks a list of actions beyond their outline and gives each its id: known types, configs that
 * their schemas accept, placeholders that can be resolved, addresses that may be reached.
 *
 * A field that holds a placeholder is checked against the schema when the run resolves it.
 *
 * @throws RequestError `invalid_request` that names every bad field by its JSON path.
 */
export function checkActions(
  actions: readonly (Omit<ActionStep, 'id'> & { id?: string | undefined })[],
  rules: DefinitionRules,
): ActionStep[] {
  const steps = actions.map((action, index) => ({
    ...action,
    id: action.id ?? `step_${index + 1}`,
  }));
  const problems = steps.flatMap((step, index) => [
    ...idProblems(steps, index),
    ...configProblems(step, `actions[${index}]`, rules),
    ...referenceProblems(step, `actions[${index}]`, namesBefore(steps, index)),
  ]);
  if (Buffer.byteLength(JSON.stringify(steps)) > MAX_DEFINITION_BYTES) {
    problems.push({
      path: 'actions',
      message: `The actions take more than ${MAX_DEFINITION_BYTES / 1_024} KiB of JSON; make them smaller.`,
    });
  }
  if (problems.length > 0) throw invalidRequest(problems);
  return steps;
}

/**
 * Checks one action that stands alone and gives it an id.
 *
 * @param path where it stands in the request
 * @param earlier ids of the steps that its placeholders may name
 * @throws RequestError `invalid_request` that names every bad field by its JSON path.
 */
export function checkAction(
  action: Omit<ActionStep, 'id'> & { id?: string | undefined },
  path: string,
  earlier: readonly string[],
  rules: DefinitionRules,
): ActionStep {
  const step = { ...action, id: action.id ?? 'step_1' };
  const problems = [
    ...configProblems(step, path, rules),
    ...referenceProblems(step, path, { ids: earlier, places: [] }),
  ];
  if (problems.length > 0) throw invalidRequest(problems);
  return step;
}

function idProblems(steps: readonly ActionStep[], index: number): FieldProblem[] {
  const id = steps[index]?.id;
  const first = steps.findIndex((step) => step.id === id);
  if (first === index) return [];
  return [
    {
      path: `actions[${index}].id`,
      message: `"${id}" is also the id of actions[${first}]; ids must differ.`,
    },
  ];
}

function configProblems(step: ActionStep, path: string, rules: DefinitionRules): FieldProblem[] {
  const action = rules.catalog.find(step.type);
  if (action === undefined) {
    const known = rules.catalog.actions.map((one) => one.type).join(', ');
    return [
      {
        path: `${path}.type`,
        message: `There is no action type "${step.type}". There are: ${known}.`,
      },
    ];
  }
  const templates = templateProblems(step.config, `${path}.config`, { roots: ROOTS });
  if (templates.length > 0) return templates;
  const schema = schemaProblems(action, step.config, `${path}.config`);
  if (schema.length > 0) return schema;
  return (action.check?.(step.config, rules.egress) ?? []).map((problem) => ({
    path: fieldPath(problem.path, `${path}.config`),
    message: problem.message,
  }));
}

function schemaProblems(action: Action, config: unknown, path: string): FieldProblem[] {
  const parsed = action.config.safeParse(config, { error: plainWords });
  if (parsed.success) return [];
  const settled = parsed.error.issues.filter((issue) => !holdsPlaceholder(config, issue));
  return problemsOf(settled, path);
}

/** Whether the field that an issue is about will only be known when a run resolves it. */
function holdsPlaceholder(config: unknown, issue: z.core.$ZodIssue): boolean {
  let value: unknown = config;
  for (const part of issue.path) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
  }
  return typeof value === 'string' && value.includes('{{');
}

/** What placeholders may call the steps that run before one. */
type EarlierNames = { readonly ids: readonly string[]; readonly places: readonly string[] };

function namesBefore(steps: readonly ActionStep[], index: number): EarlierNames {
  const earlier = steps.slice(0, index);
  return { ids: earlier.map((step) => step.id), places: earlier.map((_, place) => `${place}`) };
}

/** Placeholders may name earlier steps only: a later one has no output yet. */
function referenceProblems(
  step: ActionStep,
  path: string,
  { ids, places }: EarlierNames,
): FieldProblem[] {
  const known = new Set([...ids, ...places]);
  return safePlaceholders(step.config)
    .filter((parts) => parts[0] === 'steps' && parts[1] !== undefined && !known.has(parts[1]))
    .map((parts) => ({
      path: `${path}.config`,
      message:
        ids.length === 0
          ? `{{steps.${parts[1]}}} names a step, but no step runs before this one.`
          : `{{steps.${parts[1]}}} names no earlier step. There are: ${ids.join(', ')}.`,
    }));
}

/** Nothing for templates that cannot be read: those have been reported already. */
function safePlaceholders(config: unknown): readonly (readonly string[])[] {
  return templateProblems(config, '', { roots: ROOTS }).length > 0 ? [] : placeholdersIn(config);
}
