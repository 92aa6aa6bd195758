/** Deepest nesting of a JSON body that is taken; far below what would exhaust a stack later on. */
export const MAX_JSON_DEPTH = 100;

/**
 * Whether a JSON text nests lists and objects more than {@link MAX_JSON_DEPTH} deep. Looks at each
 * character once and builds nothing, so that it may be asked about anything.
 */
export function isNestedTooDeeply(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString) at += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}
