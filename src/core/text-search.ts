/**
 * Texts up to this length are found by the engine's own search, which looks ahead by tables of their
 * characters. For longer ones its time can grow with the product of both lengths.
 */
const SHORT = 200;

/** Where a text is in another one, from a place on; -1 when it is not. */
export type FindText = (whole: string, from: number) => number;

/** A search for one text. It takes time in proportion to the lengths of both, whatever they are. */
export function finderOf(part: string): FindText {
  if (part.length <= SHORT) return (whole, from) => whole.indexOf(part, from);
  const beginning = part.slice(0, SHORT);
  const borders = bordersOf(part);
  return (whole, from) => {
    // Most texts have not even this much of it, which the engine finds out faster.
    const start = whole.indexOf(beginning, from);
    return start < 0 ? -1 : indexBy(borders, part, whole, start);
  };
}

/** Whether one text is in another. Takes time in proportion to their lengths, whatever they are. */
export function containsText(whole: string, part: string): boolean {
  return finderOf(part)(whole, 0) >= 0;
}

function indexBy(borders: Int32Array, part: string, whole: string, from: number): number {
  let matched = 0;
  for (let at = from; at < whole.length; at += 1) {
    matched = grown(matched, whole.charCodeAt(at), part, borders);
    if (matched === part.length) return at + 1 - matched;
  }
  return -1;
}

/** For each beginning of a text: the length of the longest shorter beginning that it ends with. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let border = 0;
  for (let at = 1; at < part.length; at += 1) {
    border = grown(border, part.charCodeAt(at), part, borders);
    borders[at] = border;
  }
  return borders;
}

/** How much of `part` is matched after one more character (Knuth, Morris and Pratt). */
function grown(matched: number, code: number, part: string, borders: Int32Array): number {
  let length = matched;
  while (length > 0 && part.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
  return part.charCodeAt(length) === code ? length + 1 : length;
}
