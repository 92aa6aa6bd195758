/** How far a signed time may be from ours, in both directions. */
const TOLERANCE_SECONDS = 300;

/**
 * Why a signed time does not do; undefined when it does. Only ten digits are taken, because the time
 * must have one spelling: it is signed as text.
 *
 * @param name where the time stands, for the message
 * @param timestamp Unix seconds as they were sent; empty when missing
 */
export function timestampProblem(
  name: string,
  timestamp: string,
  nowMs: number,
): string | undefined {
  if (timestamp === '') return `${name} is missing.`;
  if (!/^\d{10}$/.test(timestamp)) return `${name} is not a Unix time in seconds.`;
  const ageSeconds = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (Math.abs(ageSeconds) <= TOLERANCE_SECONDS) return undefined;
  return `${name} is more than five minutes ${ageSeconds > 0 ? 'old' : 'ahead'}.`;
}
