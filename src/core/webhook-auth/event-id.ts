import { createHash } from 'node:crypto';

/** What may name a delivery, and can be part of a key as it is. */
const DELIVERY_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Whether this can name a delivery. */
export function isDeliveryId(id: unknown): id is string {
  return typeof id === 'string' && DELIVERY_ID.test(id);
}

/**
 * The id of a verified event. Where the body names none (a Slack command, say), the signed content
 * stands for it, so that a copy sent within the tolerance is still known as one.
 *
 * @param named what the body says, of any type
 * @param signed what the signature covers, the time included
 */
export function eventId(named: unknown, signed: readonly (string | Buffer)[]): string {
  if (isDeliveryId(named)) return named;
  const digest = createHash('sha256');
  for (const part of signed) digest.update(part);
  return `sha256-${digest.digest('hex')}`;
}

/** The fields of a JSON object; none for a body that is something else. */
export function jsonFields(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
