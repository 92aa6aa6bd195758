import type { FieldProblem } from '#core/errors';
import { dateWriter } from './date-format.ts';
import { type TemplateFilter, type TemplateFilterArg, templateFilters } from './filter-list.ts';
import { deepestNesting, isPlainObject } from './json.ts';
import { childPath } from './json-path.ts';
import type { TemplateLiteral } from './literals.ts';
import {
  type FilterCall,
  type Placeholder,
  parseTemplate,
  problemMessage,
  type TemplateProblem,
} from './parse.ts';

const mostProblems = 100;

/**
 * Everything that must be changed in the templates of a JSON value, for the person who saves it;
 * empty when all of them can be resolved, given the data. Object keys are not templates.
 *
 * `path` is the JSON path of `value` itself; each problem names the path of its text, the column
 * (from 1, and the line when there are several) and what to change. `roots` are the names that a
 * path may start with. At most 100 problems, ten a text.
 */
export function templateProblems(
  value: unknown,
  path: string,
  options: { readonly roots: ReadonlySet<string> },
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  eachText(value, path, 0, {
    text: (text, where) => {
      if (problems.length >= mostProblems || !text.includes('{{')) return;
      for (const problem of problemsIn(text, options.roots)) {
        problems.push({ path: where, message: problemMessage(text, problem) });
      }
    },
    tooDeep: (where) => {
      problems.push({
        path: where,
        message: `This is nested more than ${deepestNesting} levels deep: make it flatter.`,
      });
    },
  });
  return problems.slice(0, mostProblems);
}

/** A placeholder: what it names, and where its text is in the JSON value. */
export type FoundPlaceholder = {
  /** What it names, as its parts: `['steps', '0', 'output']`. */
  readonly parts: readonly string[];
  /** JSON path of its text. */
  readonly where: string;
  /** What its filter `default` puts there when nothing is found. */
  readonly fallback?: TemplateLiteral;
};

/**
 * The placeholders of a JSON value, in order; `path` is the JSON path of the value itself.
 * Leaves out text written in place of a path, and what {@link templateProblems} refuses.
 */
export function placeholdersIn(value: unknown, path = ''): FoundPlaceholder[] {
  const found: FoundPlaceholder[] = [];
  eachText(value, path, 0, {
    text: (text, where) => {
      for (const segment of parseTemplate(text).segments) {
        if (typeof segment === 'string' || 'literal' in segment.source) continue;
        const fallback = segment.filters.find(({ name }) => name === 'default')?.args[0];
        found.push({
          parts: segment.source.path.map((part) => part.key),
          where,
          ...(fallback !== undefined && { fallback }),
        });
      }
    },
    tooDeep: () => {},
  });
  return found;
}

type TextVisitor = {
  readonly text: (text: string, path: string) => void;
  readonly tooDeep: (path: string) => void;
};

function eachText(value: unknown, path: string, depth: number, visit: TextVisitor): void {
  if (typeof value === 'string') {
    visit.text(value, path);
    return;
  }
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return;
  if (depth === deepestNesting) {
    visit.tooDeep(path);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    eachText(child, childPath(path, isList ? Number(key) : key), depth + 1, visit);
  }
}

function problemsIn(text: string, roots: ReadonlySet<string>): TemplateProblem[] {
  const { problems, segments } = parseTemplate(text);
  const found = [...problems];
  for (const segment of segments) {
    if (found.length >= 10) break;
    if (typeof segment !== 'string') found.push(...placeholderProblems(segment, roots));
  }
  return found.sort((one, other) => one.offset - other.offset).slice(0, 10);
}

function placeholderProblems(
  placeholder: Placeholder,
  roots: ReadonlySet<string>,
): TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  const { source } = placeholder;
  if ('path' in source) {
    const { key, end } = source.path[0];
    if (!roots.has(key)) {
      const message = `there is no ${quoted(key)} here: a path starts with ${[...roots].join(', ')}`;
      problems.push({ offset: end - key.length, message });
    }
  }
  for (const call of placeholder.filters) {
    const message = filterCallProblem(call);
    if (message !== undefined) problems.push({ offset: call.offset, message });
  }
  return problems;
}

const filtersByName: ReadonlyMap<string, TemplateFilter> = new Map(
  templateFilters.map((filter) => [filter.name, filter]),
);

/** What is wrong with a filter as written, or `undefined` when nothing is. */
export function filterCallProblem(call: FilterCall): string | undefined {
  const filter = filtersByName.get(call.name);
  if (filter === undefined) {
    return `there is no filter ${quoted(call.name)}: use ${[...filtersByName.keys()].join(', ')}`;
  }
  const required = filter.args.filter((arg) => !arg.optional).length;
  if (call.args.length < required || call.args.length > filter.args.length) {
    return `the filter ${call.name} takes ${argsInWords(filter)}, but got ${call.args.length}`;
  }
  for (const [index, arg] of filter.args.entries()) {
    const value = call.args[index];
    const wanted = value === undefined ? undefined : wantedInstead(arg, value);
    if (wanted !== undefined) return `${arg.name} of the filter ${call.name} must be ${wanted}`;
  }
  return specialProblem(call);
}

function wantedInstead(arg: TemplateFilterArg, value: TemplateLiteral): string | undefined {
  if (arg.type === 'any') return undefined;
  if (arg.type === 'text') return typeof value === 'string' ? undefined : 'text in quotes';
  const max = arg.max ?? Number.MAX_SAFE_INTEGER;
  const suits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
  return suits ? undefined : `a whole number from 0 to ${max}`;
}

/** What the types of arguments cannot say. */
function specialProblem({ name, args }: FilterCall): string | undefined {
  if ((name === 'split' || name === 'replace') && args[0] === '') {
    return `the first argument of the filter ${name} must not be empty`;
  }
  if (name !== 'date' || args[0] === undefined) return undefined;
  const writer = dateWriter(String(args[0]), String(args[1] ?? 'UTC'));
  return 'problem' in writer ? writer.problem : undefined;
}

function argsInWords({ args }: TemplateFilter): string {
  if (args.length === 0) return 'no arguments';
  const names = args.map((arg) => (arg.optional ? `${arg.name} (may be left out)` : arg.name));
  const count = args.length === 1 ? 'one argument' : `${args.length} arguments`;
  return `${count}: ${names.join(', ')}`;
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}
