import { placeholdersIn } from '#core/templates/templates';
import type { Agent } from '#dashboard/app/api/generated/api.ts';

const BODY = 2;

/**
 * A payload that has what the steps ask of `trigger.body`: empty texts, or what the placeholders say is meant
 * where nothing is found. Undefined for steps that ask for nothing.
 */
export function payloadExample(actions: Agent['actions']): unknown {
  const asked = placeholdersIn(actions).filter(
    ({ parts: [root, field = 'body'] }) => root === 'trigger' && field === 'body',
  );
  if (asked.length === 0) return undefined;
  return asked.reduce<unknown>(
    (body, { parts, fallback = '' }) => withValue(body, parts.slice(BODY), fallback),
    {},
  );
}

/** `value` with `leaf` at the path, unless something is there. */
function withValue(value: unknown, path: readonly string[], leaf: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value ?? leaf;
  if (/^\d+$/.test(name)) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    return [withValue(list[0], rest, leaf), ...list.slice(1)];
  }
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const inner = Object.entries(object).find(([key]) => key === name)?.[1];
  return { ...object, [name]: withValue(inner, rest, leaf) };
}
