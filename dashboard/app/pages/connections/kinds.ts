import { formSchemas } from '#dashboard/app/api/generated/forms.ts';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

const variants = (formSchemas.connection as FieldSchema).oneOf ?? [];

/** The first kind whose name begins so; the first of all for nothing that is known. */
export function firstKind(start = ''): string {
  const kinds = variants.map(({ properties }) => String(properties?.['kind']?.const));
  return kinds.find((kind) => kind.startsWith(start)) ?? kinds[0] ?? '';
}

/** What a kind of connection is called. */
export function kindLabel(kind: string): string {
  return (
    variants.find(({ properties }) => properties?.['kind']?.const === kind)?.description ?? kind
  );
}
