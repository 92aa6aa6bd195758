/** @throws Error naming properties that nothing here heeds: a setting is never lost unnoticed. */
export function refuseOthers(
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
  understood: readonly string[],
): void {
  const others = Object.keys(properties).filter((name) => !understood.includes(name));
  if (others.length > 0) {
    throw new Error(`${logicalId}: ${others.join(', ')} is not understood on one machine`);
  }
}
