import type { IncomingResponse } from '#core/http';
import { isNestedTooDeeply } from '#core/json-depth';
import { textBody } from '#core/provider-answer';

/** Most bytes of a response body that are kept. */
const KEPT_BYTES = 1_048_576;

/** A body as later steps reach it: one of the first three, or none where there was no body. */
export type KeptBody = {
  readonly json?: unknown;
  readonly text?: string;
  readonly base64?: string;
  /** Only the beginning was kept. */
  readonly truncated?: true;
};

/**
 * What a step keeps of a response body: JSON parsed, text as text, anything else in base64, so that
 * no byte of a picture or an archive is lost. JSON that is nested as no data is stays a text.
 */
export function keptBody({ headers, body }: Pick<IncomingResponse, 'headers' | 'body'>): KeptBody {
  const isWhole = body.length <= KEPT_BYTES;
  const kept = { headers, body: isWhole ? body : body.subarray(0, KEPT_BYTES) };
  const mark = isWhole ? {} : ({ truncated: true } as const);
  const type = headers['content-type'] ?? '';
  if (!isText(type, kept.body)) {
    return { base64: Buffer.from(kept.body).toString('base64'), ...mark };
  }
  const text = textBody(kept);
  if (!isWhole || !/[/+]json\b/i.test(type)) return { text, ...mark };
  if (isNestedTooDeeply(text)) return { text };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

/** Types that are text whatever their bytes are, and types that never are. */
const TEXT = /^text\/|[/+](json|xml|yaml)\b|^application\/(javascript|x-www-form-urlencoded)\b/i;
const BYTES = /^(image|audio|video|font)\/|^application\/(pdf|zip|gzip)\b/i;

function isText(type: string, body: Uint8Array): boolean {
  if (body.length === 0 || TEXT.test(type) || /;\s*charset=/i.test(type)) return true;
  return !BYTES.test(type) && isUtf8(body);
}

/** A character that the cap has cut in two is no fault. */
function isUtf8(body: Uint8Array): boolean {
  if (body.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true });
    return true;
  } catch {
    return false;
  }
}
