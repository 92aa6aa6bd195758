import * as z from 'zod';
import { compare, type Operator, operators } from '#core/conditions/operators';
import { ActionRejectedError, type FieldProblem } from '#core/errors';
import { fieldPath, problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';
import {
  TemplateError,
  type TemplateScope,
  TemplateWorkError,
  templateResolver,
} from '#core/templates/templates';

/** Most comparisons in one condition. */
const MOST_COMPARISONS = 50;

/** How deeply `all`, `any` and `not` may stand inside each other. */
const DEEPEST = 10;

/** Operators that look at the left side alone. */
const alone: ReadonlySet<Operator> = new Set(['exists', 'not_exists', 'is_true', 'is_false']);

/**
 * Something that is true or false of the data of a run: one comparison, or several joined by `all`,
 * `any` and `not`. It is data, evaluated by walking it: there is no expression language.
 */
export const Condition = z.strictObject({
  left: z.unknown().optional().describe('What is compared: most often one placeholder.'),
  op: z.enum(operators).optional().describe('How left and right are compared.'),
  right: z.unknown().optional().describe('What it is compared with; may hold placeholders.'),
  get all() {
    return z.array(Condition).min(1).optional().describe('True when each of these is.');
  },
  get any() {
    return z.array(Condition).min(1).optional().describe('True when at least one of these is.');
  },
  get not() {
    return Condition.optional().describe('True when this is not.');
  },
});
/** Exactly one of its forms, once it has passed {@link conditionProblems}. */
export type Condition = z.infer<typeof Condition>;

/**
 * Everything that must be changed in a condition, with the JSON path of each mistake; empty when it
 * can be evaluated. Its templates are checked with the step's.
 *
 * @param path JSON path of the condition itself
 */
export function conditionProblems(value: unknown, path: string): FieldProblem[] {
  const parsed = Condition.safeParse(value, { error: plainWords });
  if (!parsed.success) return problemsOf(parsed.error.issues, path);
  const problems: FieldProblem[] = [];
  let comparisons = 0;
  const visit = (condition: Condition, where: readonly PropertyKey[], depth: number): void => {
    if ('left' in condition || 'op' in condition) comparisons += 1;
    const message = depth > DEEPEST ? tooDeep : formProblem(condition);
    if (message !== undefined) problems.push({ path: fieldPath(where, path), message });
    if (depth > DEEPEST) return;
    for (const [form, index, inner] of partsOf(condition)) {
      visit(inner, index === undefined ? [...where, form] : [...where, form, index], depth + 1);
    }
  };
  visit(parsed.data, [], 1);
  if (comparisons > MOST_COMPARISONS) {
    problems.push({ path, message: `A condition has at most ${MOST_COMPARISONS} comparisons.` });
  }
  return problems;
}

const tooDeep = `all, any and not may stand inside each other ${DEEPEST} levels deep at most.`;

function formProblem(condition: Condition): string | undefined {
  const forms = (['op', 'all', 'any', 'not'] as const).filter((form) => condition[form]);
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    return 'Give either left, op and right, or exactly one of all, any and not.';
  }
  const { op, left, right } = condition;
  if (form !== 'op') {
    const stray = ['left', 'right'].find((side) => side in condition);
    return stray && `${stray} does not belong beside ${form}; remove it.`;
  }
  if (left === undefined) return 'left is missing: say what is compared, such as {{trigger.body}}.';
  if (op !== undefined && alone.has(op)) {
    return right === undefined ? undefined : `${op} looks at left alone; remove right.`;
  }
  return right === undefined ? `right is missing: ${op} compares left with it.` : undefined;
}

type Part = readonly [form: 'all' | 'any' | 'not', index: number | undefined, inner: Condition];

function partsOf({ all = [], any = [], not }: Condition): Part[] {
  return [
    ...all.map((inner, index): Part => ['all', index, inner]),
    ...any.map((inner, index): Part => ['any', index, inner]),
    ...(not ? [['not', undefined, not] as const] : []),
  ];
}

/**
 * Whether a condition holds. `all` and `any` stop at the first part that settles them. All of its
 * placeholders together may take as much work as those of one value.
 *
 * @throws ActionRejectedError when a path is missing and has no `default`, unless `exists` or
 *   `not_exists` asks for it, or when two values cannot be compared.
 */
export function holds(condition: Condition, scope: TemplateScope): boolean {
  return isTrue(condition, templateResolver(scope));
}

type Resolve = ReturnType<typeof templateResolver>;

function isTrue(condition: Condition, resolve: Resolve): boolean {
  const { all, any, not, op, left, right } = condition;
  if (all) return all.every((inner) => isTrue(inner, resolve));
  if (any) return any.some((inner) => isTrue(inner, resolve));
  if (not) return !isTrue(not, resolve);
  if (op === 'exists' || op === 'not_exists') return exists(left, resolve) === (op === 'exists');
  if (op === undefined) throw new ActionRejectedError('The condition has no op.');
  return compare(op, resolve(left), resolve(right ?? null));
}

/** Whether there is a value; null is none. */
function exists(left: unknown, resolve: Resolve): boolean {
  try {
    return resolve(left) !== null;
  } catch (error) {
    if (error instanceof TemplateError && !(error instanceof TemplateWorkError)) return false;
    throw error;
  }
}
