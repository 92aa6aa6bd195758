import { type ActionStep, MAX_NESTING } from '#core/agents/agent';
import type { FieldProblem } from '#core/errors';
import type { BranchConfig, ForEachConfig } from '#core/steps/control-steps';
import { nestedLists } from '#core/steps/step-tree';

/** Where a step stands in the definition, and what its placeholders can reach. */
export type Place = {
  /** JSON path of the step, or of the list while a list is checked. */
  readonly path: string;
  /** What the default ids of its list start with. */
  readonly idStart: string;
  /** Ids of the steps that may have run before it. */
  readonly ids: readonly string[];
  /** How many steps of the agent's own list run before it: these may be named by number. */
  readonly before: number;
  readonly isInLoop: boolean;
  /** The loop around it that works on several items at once, if one does. */
  readonly concurrent: boolean;
  /** Lists around its own. */
  readonly depth: number;
  /** JSON paths of all steps met so far, by id; shared by all places of a definition. */
  readonly known: Map<string, string>;
};

/** A step as it is stored, and what must be changed in it. */
export type Checked = { readonly step: ActionStep; readonly problems: readonly FieldProblem[] };

type StepCheck = (step: ActionStep, place: Place) => Checked;

type Sent = Omit<ActionStep, 'id'> & { id?: string | undefined };

/** The place of the agent's own list. */
export function topPlace(): Place {
  return {
    path: 'actions',
    idStart: 'step',
    ids: [],
    before: 0,
    isInLoop: false,
    concurrent: false,
    depth: 0,
    known: new Map(),
  };
}

/** Checks a list of steps, each knowing those before it, and gives each its id. */
export function checkNested(
  sent: readonly Sent[],
  place: Place,
  check: StepCheck,
): { readonly steps: ActionStep[]; readonly problems: FieldProblem[] } {
  const steps: ActionStep[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, one] of sent.entries()) {
    const path = `${place.path}[${index}]`;
    const step = { ...one, id: one.id ?? `${place.idStart}_${index + 1}` };
    problems.push(...idProblems(step.id, path, place.known), ...waitProblems(step, path, place));
    const at: Place = {
      ...place,
      path,
      idStart: `${place.idStart}_${index + 1}`,
      ids: [...place.ids, ...steps.flatMap(namesGivenBy)],
      before: place.depth === 0 ? index : place.before,
    };
    const checked = check(step, at);
    steps.push(checked.step);
    problems.push(...checked.problems);
  }
  return { steps, problems };
}

/** Ids that a step makes known to those after it: its own, and those inside its branches. */
function namesGivenBy(step: ActionStep): string[] {
  const inside = step.type === 'branch' ? nestedLists(step).flatMap((list) => list.steps) : [];
  return [step.id, ...inside.flatMap(namesGivenBy)];
}

function idProblems(id: string, path: string, known: Map<string, string>): FieldProblem[] {
  const first = known.get(id);
  if (first === undefined) {
    known.set(id, path);
    return [];
  }
  // Kept under a key that no id can have, so that every step is counted.
  known.set(`${id} ${path}`, path);
  return [{ path: `${path}.id`, message: `"${id}" is also the id of ${first}; ids must differ.` }];
}

/** Items that are worked on together cannot each wait for days. */
function waitProblems(step: ActionStep, path: string, { concurrent }: Place): FieldProblem[] {
  if (!concurrent) return [];
  const waits = step.type === 'approval' || step.type === 'delay';
  if (!waits && !step.approval_required) return [];
  const field = waits ? 'type' : 'approval_required';
  const message =
    'A loop with a concurrency above 1 may hold no approval and no delay. Set its concurrency to 1.';
  return [{ path: `${path}.${field}`, message }];
}

/** Checks the lists inside a step whose own config is in order. */
export function checkInside(step: ActionStep, place: Place, check: StepCheck): Checked {
  const lists = nestedLists(step);
  if (lists.length === 0) return { step, problems: [] };
  if (place.depth >= MAX_NESTING) {
    const message = `Branches and loops may stand inside each other ${MAX_NESTING} levels deep at most.`;
    return { step, problems: [{ path: `${place.path}.type`, message }] };
  }
  const problems: FieldProblem[] = [];
  const into = (sent: readonly unknown[], name: string, idPart: string, inLoop: boolean) => {
    const { concurrency = 1 } = inLoop ? (step.config as ForEachConfig) : {};
    const inner: Place = {
      ...place,
      path: `${place.path}.config.${name}`,
      idStart: `${place.idStart}${idPart}`,
      isInLoop: place.isInLoop || inLoop,
      concurrent: place.concurrent || concurrency > 1,
      depth: place.depth + 1,
    };
    const checked = checkNested(sent as Sent[], inner, check);
    problems.push(...checked.problems);
    return checked.steps;
  };
  if (step.type === 'for_each') {
    const config = step.config as ForEachConfig;
    const actions = into(config.actions, 'actions', '', true);
    return { step: { ...step, config: { ...config, actions } }, problems };
  }
  const { branches, otherwise } = step.config as BranchConfig;
  const checked = branches.map(({ when, actions }, index) => ({
    when,
    actions: into(actions, `branches[${index}].actions`, `_${index + 1}`, false),
  }));
  const rest = otherwise && { otherwise: into(otherwise, 'otherwise', '_otherwise', false) };
  return { step: { ...step, config: { branches: checked, ...rest } }, problems };
}
