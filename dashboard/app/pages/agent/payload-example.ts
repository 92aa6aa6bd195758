import { placeholdersIn } from '#core/templates/templates';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { isObject } from '#dashboard/app/forms/json-text.ts';

type Found = ReturnType<typeof placeholdersIn>[number];

/**
 * A payload that has what the steps ask of `trigger.body`, also item by item in loops: empty texts, or what the
 * placeholders say is meant where nothing is found. Undefined for steps that ask for nothing.
 */
export function payloadExample(actions: Agent['actions']): unknown {
  const found = placeholdersIn(actions);
  const asked = found.flatMap((one) => {
    const path = bodyPath(one, found);
    return path ? [{ path, leaf: one.fallback ?? '' }] : [];
  });
  if (asked.length === 0) return undefined;
  return asked.reduce<unknown>((body, { path, leaf }) => withValue(body, path, leaf), {});
}

/** Where in the body a placeholder looks; undefined for one that looks elsewhere. */
function bodyPath(
  { parts: [root, ...rest], where }: Found,
  all: readonly Found[],
): readonly string[] | undefined {
  if (root === 'trigger') {
    const [field = 'body', ...inner] = rest;
    if (field !== 'body') return undefined;
    return isItems(where) ? [...inner, '0'] : inner;
  }
  if (root !== 'item') return undefined;
  const loops = all.filter((one) => isItems(one.where) && where.startsWith(insideOf(one.where)));
  const innermost = loops.toSorted((a, b) => a.where.length - b.where.length).at(-1);
  const item = innermost && bodyPath(innermost, all);
  return item && [...item, ...rest, ...(isItems(where) ? ['0'] : [])];
}

/** Whether something is what a loop goes over. */
function isItems(where: string): boolean {
  return where.endsWith('.config.items');
}

function insideOf(items: string): string {
  return `${items.slice(0, -'items'.length)}actions[`;
}

/** `value` with `leaf` at the path, unless something is there. */
function withValue(value: unknown, path: readonly string[], leaf: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value ?? leaf;
  if (/^\d+$/.test(name)) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    return [withValue(list[0], rest, leaf), ...list.slice(1)];
  }
  const object = isObject(value) ? value : {};
  const inner = Object.entries(object).find(([key]) => key === name)?.[1];
  return { ...object, [name]: withValue(inner, rest, leaf) };
}
