import { filterCallProblem } from './check.ts';
import type { TemplateFilterName } from './filter-list.ts';
import { filterFunctions } from './filters.ts';
import { checkSize, copyJson, type Meter, meterFor, textOf } from './json.ts';
import { type Lookup, lookUp, type TemplateScope } from './lookup.ts';
import {
  type FilterCall,
  type Placeholder,
  parseTemplate,
  problemMessage,
  type Template,
} from './parse.ts';
import { TemplateError, TemplateWorkError } from './template-error.ts';

const oneMebibyte = 1_048_576;

/**
 * How a placeholder's value is written into a field, for a field with a syntax of its own, so that
 * data stays data there.
 *
 * @param value text where the placeholder stands inside a longer text, else any JSON value
 * @param field name of the nearest property that holds the placeholder
 */
export type Embed = (value: unknown, field: string) => unknown;

const asItIs: Embed = (value) => value;

/**
 * A copy of a JSON value with the placeholders in its texts resolved, once: what a placeholder
 * gives is data, even when it holds `{{`. Object keys are not templates.
 *
 * A text that is exactly one placeholder becomes the value with its JSON type; elsewhere a value
 * becomes text: numbers, true, false and null as in JSON, lists and objects as compact JSON. The
 * result shares nothing with `value` or `scope`.
 *
 * Throws {@link TemplateError}, and nothing else, when the syntax is broken, a path is missing and
 * has no `default`, a filter does not suit its value, or the result would be larger than `maxBytes`
 * (as compact JSON in UTF-8), nested more than 64 levels deep, or no JSON.
 */
export function resolveTemplates(
  value: unknown,
  scope: TemplateScope,
  maxBytes: number = oneMebibyte,
  embed: Embed = asItIs,
): unknown {
  return resolveWithin(meterFor(maxBytes), value, scope, embed);
}

/**
 * Resolves several values as {@link resolveTemplates} does; all of them together may take as much
 * work as one.
 */
export function templateResolver(scope: TemplateScope): (value: unknown) => unknown {
  const meter = meterFor(oneMebibyte);
  return (value) => {
    meter.bytesLeft = meter.maxBytes;
    return resolveWithin(meter, value, scope, asItIs);
  };
}

function resolveWithin(meter: Meter, value: unknown, scope: TemplateScope, embed: Embed): unknown {
  const resolve = (text: string, depth: number, field: string): unknown =>
    text.includes('{{')
      ? resolveText(parseTemplate(text), scope, meter, depth, (one) => embed(one, field))
      : copyJson(text, meter, depth);
  return copyJson(value, meter, 0, resolve);
}

function resolveText(
  template: Template,
  scope: TemplateScope,
  meter: Meter,
  depth: number,
  embed: (value: unknown) => unknown,
): unknown {
  const { text, segments, problems } = template;
  const problem = problems[0];
  if (problem !== undefined) throw new TemplateError(problemMessage(text, problem));
  const [only] = segments;
  if (segments.length === 1 && only !== undefined && typeof only !== 'string') {
    return naming(only, text, () =>
      copyJson(embed(valueFor(only, text, scope, meter)), meter, depth),
    );
  }
  const pieces: string[] = [];
  let length = 0;
  for (const segment of segments) {
    const piece =
      typeof segment === 'string'
        ? segment
        : naming(segment, text, () => pieceFor(segment, text, scope, meter, embed));
    length += piece.length;
    checkSize(meter, length);
    pieces.push(piece);
  }
  return copyJson(pieces.join(''), meter, depth);
}

function pieceFor(
  placeholder: Placeholder,
  text: string,
  scope: TemplateScope,
  meter: Meter,
  embed: (value: unknown) => unknown,
): string {
  return textOf(embed(textOf(valueFor(placeholder, text, scope, meter), meter)), meter);
}

const longestShownPlaceholder = 120;

/** Puts the placeholder, as its author wrote it, before the message of an error. */
function naming<Result>(placeholder: Placeholder, text: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { offset, end } = placeholder;
    const isLong = end - offset > longestShownPlaceholder;
    const shown = isLong
      ? `${text.slice(offset, offset + longestShownPlaceholder)}…`
      : text.slice(offset, end);
    const Kind = error instanceof TemplateWorkError ? TemplateWorkError : TemplateError;
    throw new Kind(`${shown}: ${error.message}`, { cause: error });
  }
}

/** The value of a placeholder after its filters; missing and null go straight to the next `default`. */
function valueFor(
  placeholder: Placeholder,
  text: string,
  scope: TemplateScope,
  meter: Meter,
): unknown {
  const { source, filters } = placeholder;
  const lastDefault = filters.findLastIndex((call) => call.name === 'default');
  let current: Lookup =
    'literal' in source ? { found: true, value: source.literal } : lookUp(source.path, text, scope);
  for (const [index, call] of filters.entries()) {
    const isNothing = !current.found || current.value === null;
    if (isNothing && call.name !== 'default' && index < lastDefault) continue;
    current = filtered(current, call, meter);
  }
  if (!current.found) throw new TemplateError(current.reason());
  return current.value;
}

function filtered(current: Lookup, call: FilterCall, meter: Meter): Lookup {
  const problem = filterCallProblem(call);
  if (problem !== undefined) throw new TemplateError(problem);
  if (!current.found && call.name !== 'default') throw new TemplateError(current.reason());
  const input = current.found ? current.value : undefined;
  const value = filterFunctions[call.name as TemplateFilterName](input, call.args, meter);
  if (typeof value === 'string') checkSize(meter, value.length);
  return value === undefined
    ? {
        found: false,
        reason: () => `there is nothing in it to take with ${call.name}: add a default filter`,
      }
    : { found: true, value };
}
