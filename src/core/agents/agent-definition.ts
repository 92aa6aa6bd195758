import type * as z from 'zod';
import type { Action, ActionCatalog } from '#core/action';
import { type ActionStep, MAX_DEFINITION_BYTES, MAX_STEPS } from '#core/agents/agent';
import {
  type Checked,
  checkInside,
  checkNested,
  type Place,
  topPlace,
} from '#core/agents/definition-nesting';
import { delayProblems } from '#core/agents/definition-waits';
import { closestName } from '#core/closest-name';
import { conditionProblems } from '#core/conditions/conditions';
import type { EgressPolicy } from '#core/egress/egress';
import { type FieldProblem, invalidRequest } from '#core/errors';
import { fieldPath, problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';
import { type ControlStep, controlTypes, findControl } from '#core/steps/control-steps';
import { placeholdersIn, templateProblems } from '#core/templates/templates';

const ROOTS = ['trigger', 'steps', 'agent', 'run'];
const outsideLoops: ReadonlySet<string> = new Set(ROOTS);
const insideLoops: ReadonlySet<string> = new Set([...ROOTS, 'item', 'index']);

/** What a definition is checked against. */
export type DefinitionRules = { readonly catalog: ActionCatalog; readonly egress: EgressPolicy };

/** A step as it was sent: its id may be missing. */
type SentStep = Omit<ActionStep, 'id'> & { id?: string | undefined };

/**
 * Checks a list of actions beyond their outline and gives each its id: known types, configs that
 * their schemas accept, placeholders that can be resolved, addresses that may be reached, and the
 * same for the actions nested in them.
 *
 * A field that holds a placeholder is checked against the schema when the run resolves it.
 *
 * @throws RequestError `invalid_request` that names every bad field by its JSON path.
 */
export function checkActions(actions: readonly SentStep[], rules: DefinitionRules): ActionStep[] {
  const place = topPlace();
  const { steps, problems } = checkNested(actions, place, (step, at) => checkStep(step, at, rules));
  const own = problems.length > 0 ? problems : delayProblems(steps);
  const all = [...own, ...sizeProblems(steps, place)];
  if (all.length > 0) throw invalidRequest(all);
  return steps;
}

/**
 * Checks one action that stands alone and gives it an id.
 *
 * @param at where it stands in the request, the ids of the steps that its placeholders may name, and whether
 *   they may name the item of a loop
 * @throws RequestError `invalid_request` that names every bad field by its JSON path.
 */
export function checkAction(
  action: SentStep,
  at: { readonly path: string; readonly earlier: readonly string[]; readonly isInLoop: boolean },
  rules: DefinitionRules,
): ActionStep {
  const { path, earlier, isInLoop } = at;
  const place: Place = { ...topPlace(), path, ids: earlier, isInLoop };
  if (findControl(action.type) !== undefined) {
    const message = `Only actions can be tried; ${controlTypes.join(', ')} make sense within a run.`;
    throw invalidRequest([{ path: `${path}.type`, message }]);
  }
  const { step, problems } = checkStep({ ...action, id: action.id ?? 'step_1' }, place, rules);
  if (problems.length > 0) throw invalidRequest(problems);
  return step;
}

function sizeProblems(steps: readonly ActionStep[], { known }: Place): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (known.size > MAX_STEPS) {
    const message = `An agent has at most ${MAX_STEPS} actions, nested ones included.`;
    problems.push({ path: 'actions', message });
  }
  if (Buffer.byteLength(JSON.stringify(steps)) > MAX_DEFINITION_BYTES) {
    problems.push({
      path: 'actions',
      message: `The actions take more than ${MAX_DEFINITION_BYTES / 1_024} KiB of JSON; make them smaller.`,
    });
  }
  return problems;
}

function checkStep(step: ActionStep, place: Place, rules: DefinitionRules): Checked {
  const conditions = step.when ? whenProblems(step.when, `${place.path}.when`, place) : [];
  const control = findControl(step.type);
  if (control !== undefined) {
    const checked = checkControl(step, control, place, rules);
    return { step: checked.step, problems: [...conditions, ...checked.problems] };
  }
  const path = `${place.path}.config`;
  const problems = [...configProblems(step, place, rules), ...namedSteps(step.config, path, place)];
  return { step, problems: [...conditions, ...problems] };
}

/** Control steps hold templates of their own, and steps that are checked by themselves. */
function checkControl(
  step: ActionStep,
  control: ControlStep,
  place: Place,
  rules: DefinitionRules,
): Checked {
  const path = `${place.path}.config`;
  const { templates, conditions } = ownParts(step);
  const problems = Object.entries(templates).flatMap(([name, value]) =>
    textProblems(value, `${path}.${name}`, place),
  );
  for (const [where, when] of conditions) {
    problems.push(...whenProblems(when, `${path}.${where}`, place));
  }
  if (problems.length > 0) return { step, problems };
  const parsed = control.config.safeParse(step.config, { error: plainWords });
  if (!parsed.success) {
    const settled = parsed.error.issues.filter((issue) => !holdsPlaceholder(step.config, issue));
    if (settled.length > 0 || 'actions' in step.config || 'branches' in step.config) {
      return { step, problems: problemsOf(parsed.error.issues, path) };
    }
    return { step, problems: [] };
  }
  const config = parsed.data as ActionStep['config'];
  return checkInside({ ...step, config }, place, (inner, at) => checkStep(inner, at, rules));
}

/** The parts of a control step that are its own, rather than of a step inside of it. */
function ownParts({ type, config }: ActionStep) {
  const { actions: _, branches, otherwise: __, ...templates } = config;
  const list = type === 'branch' && Array.isArray(branches) ? branches : [];
  const conditions = list.flatMap((branch, index): [string, unknown][] => {
    const when = (branch as { when?: unknown } | null)?.when;
    return typeof when === 'object' && when !== null ? [[`branches[${index}].when`, when]] : [];
  });
  return { templates, conditions };
}

function whenProblems(when: unknown, path: string, place: Place): FieldProblem[] {
  const problems = conditionProblems(when, path);
  return problems.length > 0 ? problems : textProblems(when, path, place);
}

function configProblems(step: ActionStep, place: Place, rules: DefinitionRules): FieldProblem[] {
  const action = rules.catalog.find(step.type);
  if (action === undefined) {
    const known = [...rules.catalog.actions.map((one) => one.type), ...controlTypes];
    const meant = closestName(step.type, known);
    const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${meant}?`;
    const message = `There is no action type "${step.type}". ${hint}`;
    return [{ path: `${place.path}.type`, message }];
  }
  const path = `${place.path}.config`;
  const templates = templateProblems(step.config, path, { roots: rootsAt(place) });
  const told = new Set(templates.map(({ path: field }) => field));
  const others = valueProblems(action, step.config, path, rules);
  return [...templates, ...others.filter(({ path: field }) => !told.has(field))];
}

/** What is wrong with values: an action looks at those that its schema accepts. */
function valueProblems(
  action: Action,
  config: ActionStep['config'],
  path: string,
  { egress }: DefinitionRules,
): FieldProblem[] {
  const schema = schemaProblems(action, config, path);
  if (schema.length > 0) return schema;
  return (action.check?.(config, egress) ?? []).map((problem) => ({
    path: fieldPath(problem.path, path),
    message: problem.message,
  }));
}

function rootsAt(place: Place): ReadonlySet<string> {
  return place.isInLoop ? insideLoops : outsideLoops;
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

/** What is wrong with the templates of a value that no action's schema describes. */
function textProblems(value: unknown, path: string, place: Place): FieldProblem[] {
  const problems = templateProblems(value, path, { roots: rootsAt(place) });
  return problems.length > 0 ? problems : namedSteps(value, path, place);
}

/** Placeholders may name earlier steps only: a later one has no output yet. */
function namedSteps(value: unknown, path: string, place: Place): FieldProblem[] {
  // Templates that cannot be read have been reported already.
  if (templateProblems(value, '', { roots: rootsAt(place) }).length > 0) return [];
  const known = new Set([
    ...place.ids,
    ...Array.from({ length: place.before }, (_, at) => `${at}`),
  ]);
  return placeholdersIn(value, path)
    .filter(({ parts: [root, id] }) => root === 'steps' && id !== undefined && !known.has(id))
    .map(({ parts, where }) => ({
      path: where,
      message:
        place.ids.length === 0
          ? `{{steps.${parts[1]}}} names a step, but no step runs before this one.`
          : `{{steps.${parts[1]}}} names no earlier step. There are: ${place.ids.join(', ')}.`,
    }));
}
