import { JsonSchema } from '#agents/extraction/json-schema';
import type { ConfigProblem } from '#core/errors';
import { partsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';

/** What extracted data must look like, or what is wrong with that. */
export type Target =
  | { readonly schema: JsonSchema }
  | { readonly problems: readonly [ConfigProblem, ...ConfigProblem[]] };

/** Longest schema, in characters of JSON. */
const MAX_CHARACTERS = 20_000;

/** Words that people know from elsewhere, and what to do without them. */
const REFUSED: Readonly<Record<string, string>> = {
  $ref: 'write the part out where it is used',
  $dynamicRef: 'write the part out where it is used',
  nullable: 'write "type": ["string", "null"]',
  pattern: 'a pattern could take forever on a hostile text; use enum or format',
  patternProperties: 'name the properties',
};

/** Reads a JSON Schema for an object, all of which can be promised; says in words why not. */
export function targetOf(written: Readonly<Record<string, unknown>>): Target {
  const wrong = (path: ConfigProblem['path'], message: string): Target => ({
    problems: [{ path, message }],
  });
  if (JSON.stringify(written).length > MAX_CHARACTERS) {
    return wrong([], `It has more than ${MAX_CHARACTERS} characters; ask for less at once.`);
  }
  if (written['type'] !== 'object') {
    return wrong([], 'It must describe an object: "type": "object".');
  }
  const parsed = JsonSchema.safeParse(written, { error: plainWords });
  if (!parsed.success) {
    const [first, ...others] = partsOf(parsed.error.issues).map(inWords);
    return first ? { problems: [first, ...others] } : wrong([], 'It cannot be used.');
  }
  const { properties = {}, required = [] } = parsed.data;
  const unnamed = required.findIndex((name) => !Object.hasOwn(properties, name));
  return unnamed < 0
    ? { schema: parsed.data }
    : wrong(['required', unnamed], `"${required[unnamed]}" is not among the properties. Add it.`);
}

function inWords({ path, message }: ConfigProblem): ConfigProblem {
  const word = String(path.at(-1));
  const advice = Object.hasOwn(REFUSED, word) ? REFUSED[word] : undefined;
  return { path, message: advice ? `A schema may not use ${word} here: ${advice}.` : message };
}
