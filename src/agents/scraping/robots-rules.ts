import { finderOf } from '#core/text-search';

/** One rule, and the line that it stands in. */
type Rule = { readonly pattern: string; readonly isAllowed: boolean; readonly line: number };

/**
 * The line of a robots.txt that closes an address to a robot, by RFC 9309: the longest rule that fits
 * counts, and one that allows before one that does not. Undefined when the address is open.
 *
 * Its time grows with the length of both, however many robots and rules the text names.
 */
export function closingLine(text: string, url: string, robot: string): number | undefined {
  const { pathname, search } = new URL(url);
  const path = inOneSpelling(pathname + search);
  let strongest: Rule | undefined;
  for (const rule of rulesFor(robot.toLowerCase(), text)) {
    if (isStronger(rule, strongest) && fits(rule.pattern, path)) strongest = rule;
  }
  return strongest?.isAllowed === false ? strongest.line : undefined;
}

/** The rules of all groups that name the robot, or else of those for every robot. */
function rulesFor(robot: string, text: string): readonly Rule[] {
  const rules: Record<'own' | 'any', Rule[]> = { own: [], any: [] };
  let isNamed = false;
  let group = { isOwn: false, isAny: false };
  let isNaming = false;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const { name, value } = fieldIn(line);
    if (name === 'user-agent') {
      if (!isNaming) group = { isOwn: false, isAny: false };
      isNaming = true;
      // What follows a slash is a version.
      const agent = value.split('/', 1)[0]?.trim().toLowerCase();
      group = { isOwn: group.isOwn || agent === robot, isAny: group.isAny || agent === '*' };
      isNamed ||= group.isOwn;
    } else if (name === 'allow' || name === 'disallow') {
      isNaming = false;
      // A rule without an address says nothing.
      if (value === '') continue;
      const rule = { pattern: encoded(value), isAllowed: name === 'allow', line: index + 1 };
      if (group.isOwn) rules.own.push(rule);
      if (group.isAny) rules.any.push(rule);
    }
  }
  return isNamed ? rules.own : rules.any;
}

const NOTHING = { name: '', value: '' };

function fieldIn(line: string): typeof NOTHING {
  const colon = line.indexOf(':');
  if (colon < 0) return NOTHING;
  const comment = line.indexOf('#');
  const end = comment < 0 ? line.length : comment;
  // Behind a # a colon is a word's.
  return end < colon
    ? NOTHING
    : {
        name: line.slice(0, colon).trim().toLowerCase(),
        value: line.slice(colon + 1, end).trim(),
      };
}

function isStronger(rule: Rule, than: Rule | undefined): boolean {
  if (than === undefined || rule.pattern.length > than.pattern.length) return true;
  return rule.pattern.length === than.pattern.length && rule.isAllowed && !than.isAllowed;
}

/** Whether a path begins as the pattern says, where `*` stands for anything and `$` for the end. */
function fits(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$');
  const [start = '', ...parts] = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(start)) return false;
  if (isWhole && parts.length === 0) return path === start;
  const end = (isWhole && parts.pop()) || '';
  let from = start.length;
  for (const part of parts) {
    const at = finderOf(part)(path, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return path.length - end.length >= from && path.endsWith(end);
}

/** Letters beyond ASCII may stand in a robots.txt as they are; addresses have them encoded. */
function encoded(pattern: string): string {
  return inOneSpelling(encodeURI(pattern.toWellFormed()).replaceAll('%25', '%'));
}

/** Percent escapes with a small letter; what `encodeURI` writes has none. */
const SMALL_ESCAPE = /%(?:[a-f][\dA-Fa-f]|[\dA-F][a-f])/g;

function inOneSpelling(path: string): string {
  return path.replace(SMALL_ESCAPE, (hex) => hex.toUpperCase());
}
