import { keyed, type Step, unkeyed } from '#dashboard/app/pages/editor/draft.ts';

/** Where a list of steps stands: the agent's own, or one inside a step. */
export type ListPlace = {
  /** Of the step that holds it; undefined for the agent's own list. */
  readonly owner: string | undefined;
  /** In the owner's config, such as `branches[0].actions`. */
  readonly path: string;
};

/** The agent's own list. */
export const ROOT: ListPlace = { owner: undefined, path: 'actions' };

/** A list of steps inside a step. */
export type InnerList = {
  readonly place: ListPlace;
  readonly title: string;
  readonly steps: readonly Step[];
};

type Branch = { readonly actions?: readonly Step[] } & Readonly<Record<string, unknown>>;

/** The lists inside a step, in their order. */
export function innerLists(step: Step): readonly InnerList[] {
  const { config, key: owner, type } = step;
  if (type === 'branch') {
    const branches = (config['branches'] ?? []) as readonly Branch[];
    return [
      ...branches.map((branch, index) => ({
        place: { owner, path: `branches[${index}].actions` },
        title: index === 0 ? 'If' : 'Else if',
        steps: branch.actions ?? [],
      })),
      {
        place: { owner, path: 'otherwise' },
        title: 'Otherwise',
        steps: (config['otherwise'] ?? []) as readonly Step[],
      },
    ];
  }
  if (type === 'for_each') {
    return [
      {
        place: { owner, path: 'actions' },
        title: 'For each item',
        steps: (config['actions'] ?? []) as readonly Step[],
      },
    ];
  }
  return [];
}

/** `steps` with the inner list at `path` of `step` replaced; an empty `otherwise` is left out. */
function withInner(step: Step, path: string, steps: readonly Step[]): Step {
  const { config } = step;
  const index = /^branches\[(\d+)\]/.exec(path)?.[1];
  if (index !== undefined) {
    const branches = (config['branches'] ?? []) as readonly Branch[];
    const branch = { ...branches[Number(index)], actions: steps };
    return { ...step, config: { ...config, branches: branches.with(Number(index), branch) } };
  }
  if (path === 'otherwise' && steps.length === 0) {
    const { otherwise: _, ...rest } = config;
    return { ...step, config: rest };
  }
  return { ...step, config: { ...config, [path]: steps } };
}

/** Every step with its place, in the order of the page. */
export function* walk(
  steps: readonly Step[],
  place: ListPlace = ROOT,
  prefix = 'actions',
): Generator<{ step: Step; place: ListPlace; index: number; path: string }> {
  for (const [index, step] of steps.entries()) {
    const path = `${prefix}[${index}]`;
    yield { step, place, index, path };
    for (const inner of innerLists(step)) {
      yield* walk(inner.steps, inner.place, `${path}.config.${inner.place.path}`);
    }
  }
}

/** The tree with one step changed. */
export function changeStep(
  steps: readonly Step[],
  key: string,
  change: (step: Step) => Step,
): readonly Step[] {
  return steps.map((step) =>
    step.key === key
      ? change(step)
      : innerLists(step).reduce((whole, { place, steps: inner }) => {
          const next = changeStep(inner, key, change);
          return next.some((one, index) => one !== inner[index])
            ? withInner(whole, place.path, next)
            : whole;
        }, step),
  );
}

export function removeStep(steps: readonly Step[], key: string): readonly Step[] {
  return changeLists(steps, (list) =>
    list.some((step) => step.key === key) ? list.filter((step) => step.key !== key) : list,
  );
}

/** @param index place in the list before which the step goes. */
export function insertStep(
  steps: readonly Step[],
  place: ListPlace,
  index: number,
  step: Step,
): readonly Step[] {
  if (place.owner === undefined) return steps.toSpliced(index, 0, step);
  return changeStep(steps, place.owner, (owner) => {
    const list = innerLists(owner).find((inner) => inner.place.path === place.path);
    return withInner(owner, place.path, (list?.steps ?? []).toSpliced(index, 0, step));
  });
}

/** Moves a step before the `index`-th of a list, counted before the move; never into itself. */
export function moveStep(
  steps: readonly Step[],
  key: string,
  place: ListPlace,
  index: number,
): readonly Step[] {
  const found = findStep(steps, key);
  if (!found || isInside(found.step, place.owner)) return steps;
  const isSameList = found.place.owner === place.owner && found.place.path === place.path;
  const target = isSameList && found.index < index ? index - 1 : index;
  if (isSameList && target === found.index) return steps;
  return insertStep(removeStep(steps, key), place, target, found.step);
}

/** Moves a step one place up or down in its own list. */
export function nudgeStep(steps: readonly Step[], key: string, by: 1 | -1): readonly Step[] {
  const found = findStep(steps, key);
  if (!found) return steps;
  const index = by === 1 ? found.index + 2 : found.index - 1;
  if (index < 0) return steps;
  return moveStep(steps, key, found.place, index);
}

/** Puts a copy after the step; the copies get ids that are not taken. */
export function duplicateStep(steps: readonly Step[], key: string): readonly Step[] {
  const found = findStep(steps, key);
  if (!found) return steps;
  const taken = new Set([...walk(steps)].map(({ step }) => step.id));
  const copy = withFreshIds(keyed(unkeyed(found.step)), taken);
  return insertStep(steps, found.place, found.index + 1, copy);
}

/** @param base what the id is made from, such as an action type. */
export function freeId(base: string, taken: ReadonlySet<string>): string {
  const stem =
    base
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '_')
      .replace(/^[^a-z]+/, '') || 'step';
  const short = stem.slice(0, 36);
  if (!taken.has(short)) return short;
  for (let number = 2; ; number += 1) {
    const id = `${short}_${number}`;
    if (!taken.has(id)) return id;
  }
}

export function findStep(steps: readonly Step[], key: string) {
  for (const found of walk(steps)) if (found.step.key === key) return found;
  return undefined;
}

/**
 * The steps whose data a step can name, as the API has it: those before it in its own list and in the lists around it, with
 * all inside their branches. What is inside a loop is known to the loop alone.
 */
export function stepsBefore(
  steps: readonly Step[],
  key: string,
  around: readonly Step[] = [],
): readonly Step[] | undefined {
  const before = [...around];
  for (const step of steps) {
    if (step.key === key) return before;
    for (const inner of innerLists(step)) {
      const found = stepsBefore(inner.steps, key, before);
      if (found) return found;
    }
    before.push(...knownAfter(step));
  }
  return undefined;
}

function knownAfter(step: Step): readonly Step[] {
  const inside = step.type === 'branch' ? innerLists(step).flatMap((inner) => inner.steps) : [];
  return [step, ...inside.flatMap(knownAfter)];
}

function withFreshIds(step: Step, taken: Set<string>): Step {
  const id = freeId(step.id.replace(/_\d+$/, ''), taken);
  taken.add(id);
  return innerLists({ ...step, id }).reduce(
    (whole, { place, steps }) =>
      steps.length === 0
        ? whole
        : withInner(
            whole,
            place.path,
            steps.map((inner) => withFreshIds(inner, taken)),
          ),
    { ...step, id } as Step,
  );
}

function isInside(step: Step, owner: string | undefined): boolean {
  if (owner === undefined) return false;
  return [...walk([step])].some((found) => found.step.key === owner);
}

function changeLists(
  steps: readonly Step[],
  change: (list: readonly Step[]) => readonly Step[],
): readonly Step[] {
  return change(steps).map((step) =>
    innerLists(step).reduce((whole, { place, steps: inner }) => {
      const next = changeLists(inner, change);
      const isSame = next.length === inner.length && next.every((one, at) => one === inner[at]);
      return isSame ? whole : withInner(whole, place.path, next);
    }, step),
  );
}
