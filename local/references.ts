/**
 * The logical id that a property refers to by `Ref` or `Fn::GetAtt`; undefined for anything else.
 *
 * @param value the property as the template has it, not resolved.
 */
export function referencedResource(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('Ref' in value && typeof value.Ref === 'string') return value.Ref;
  if (!('Fn::GetAtt' in value)) return undefined;
  const target = value['Fn::GetAtt'];
  const name: unknown = Array.isArray(target) ? target[0] : String(target).split('.')[0];
  return typeof name === 'string' ? name : undefined;
}
