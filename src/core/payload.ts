/**
 * A JSON value of a run (trigger, step input, step output) as it is kept: beside the run while it
 * is small, in an item of its own when it is larger, and as an object in S3 above that.
 */
export type Payload =
  | { readonly kind: 'inline'; readonly json: string }
  | { readonly kind: 'item'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'object'; readonly key: string; readonly bytes: number };

/** Most bytes of JSON that stay inside the run's own item. */
export const INLINE_BYTES = 2_048;

/** Most bytes of JSON that go to an item of their own; above that they go to S3. */
export const ITEM_BYTES = 256 * 1_024;

/** Bytes that a payload adds to the run's own item. */
export function inlineBytes(payload: Payload | undefined): number {
  return payload?.kind === 'inline' ? Buffer.byteLength(payload.json) : 0;
}
