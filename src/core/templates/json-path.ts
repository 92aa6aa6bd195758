const identifier = /^[\p{L}_$][\p{L}\p{M}\p{N}_$]*$/u;
const templateName = /^[\p{L}\p{M}\p{N}_$-]+$/u;
const longestShownName = 60;

/** The JSON path of a child: `a.b`, `a[0]` for an index, `a["any key"]` for other keys. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!isShort(key) || !identifier.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** A property's name for a message: quoted when it is no plain word, and cut when it is long. */
export function shownName(key: string): string {
  if (!isShort(key)) {
    return `${JSON.stringify(key.slice(0, longestShownName))}…`;
  }
  return templateName.test(key) ? key : JSON.stringify(key);
}

function isShort(key: string): boolean {
  return key.length <= longestShownName;
}
