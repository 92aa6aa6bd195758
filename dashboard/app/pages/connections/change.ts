import type { Connection } from '#dashboard/app/api/generated/api.ts';
import { formSchemas } from '#dashboard/app/api/generated/forms.ts';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

/** What stands in a connection's form. */
export type Values = Readonly<Record<string, unknown>>;

const variants = (formSchemas.connection as FieldSchema).oneOf ?? [];

/** What can be changed of a kind of connection: all but the kind; a secret only by giving it anew. */
export function changeSchema(kind: string): FieldSchema {
  const { properties = {}, ...schema } = variantOf(kind);
  const { kind: _, secret, ...rest } = properties;
  const asked = secret && { secret: { ...secret, title: 'New secret', required: [] } };
  return { ...schema, properties: { ...rest, ...asked } };
}

/** A connection as its form shows it. What the product found out by itself is no setting to be saved. */
export function valuesOf({ kind, name, settings, allowed_hosts }: Connection): Values {
  const { properties = {} } = variantOf(kind);
  const own = Object.keys(properties['settings']?.properties ?? {});
  const shown = Object.entries(settings).filter(([setting]) => own.includes(setting));
  return {
    name,
    settings: Object.fromEntries(shown),
    ...(properties['allowed_hosts'] && { allowed_hosts }),
  };
}

/** The parts that were changed, which are all that is saved. */
export function changeOf(before: Values, after: Values): Values {
  const changed = Object.entries(after).filter(
    ([part, value]) => JSON.stringify(value) !== JSON.stringify(before[part]) && !isEmpty(value),
  );
  return Object.fromEntries(changed);
}

function variantOf(kind: string): FieldSchema {
  return variants.find(({ properties }) => properties?.['kind']?.const === kind) ?? {};
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
