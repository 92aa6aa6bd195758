/**
 * Parts up to this length are found by the engine's own search, which looks ahead by tables of their
 * characters. For longer ones its time can grow with the product of both lengths.
 */
const SHORT = 200;

/** Whether one text is in another. Takes time in proportion to their lengths, whatever they are. */
export function containsText(whole: string, part: string): boolean {
  if (part.length <= SHORT) return whole.includes(part);
  if (part.length > whole.length) return false;
  const borders = bordersOf(part);
  let matched = 0;
  for (let at = 0; at < whole.length; at += 1) {
    matched = grown(matched, whole.charCodeAt(at), part, borders);
    if (matched === part.length) return true;
  }
  return false;
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
