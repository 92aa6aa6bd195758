/** The fields at which a problem is said. */
export function markedFields(within: ParentNode): readonly HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>('[aria-invalid=true]')];
}

/** Brings the first field that was refused into sight, wherever it is folded away. */
export function focusFirstProblem(within: ParentNode): void {
  const [field] = markedFields(within);
  if (!field) return;
  field.closest('details')?.setAttribute('open', '');
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: 'center' });
}
