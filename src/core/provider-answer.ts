import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import { isNestedTooDeeply } from '#core/json-depth';

/** Longest wait that a provider can ask for, in seconds; longer ones are no wait but a refusal. */
const LONGEST_WAIT_SECONDS = 999_999;

/**
 * The wait that `Retry-After` asks for, in seconds: a number, or a date that is compared with the
 * answer's own `Date`, so that no two clocks are.
 */
export function retryAfterSeconds(headers: IncomingResponse['headers']): number | undefined {
  const asked = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,6}$/.test(asked)) return Number(asked);
  const seconds = Math.ceil((Date.parse(asked) - Date.parse(headers['date'] ?? '')) / 1_000);
  return seconds > 0 ? Math.min(seconds, LONGEST_WAIT_SECONDS) : undefined;
}

/** Whether the same request may succeed later: 408, 425, 429 and 5xx. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** The body as text, in the character set that its content type names; unknown ones as UTF-8. */
export function textBody({ headers, body }: Pick<IncomingResponse, 'headers' | 'body'>): string {
  const label = /;\s*charset="?([\w:.-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1];
  return decoder(label ?? 'utf-8').decode(body);
}

function decoder(label: string) {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch {
    return new TextDecoder();
  }
}

/** The body as JSON, whatever its content type says; undefined when it is none, or nested as no data is. */
export function jsonBody(response: Pick<IncomingResponse, 'headers' | 'body'>): unknown {
  const text = textBody(response);
  if (isNestedTooDeeply(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The error that an answer with a bad status stands for.
 *
 * @param told what to tell people, without the advice to try later
 * @param output what the step keeps of the answer
 */
export function statusError(
  { status, headers }: Pick<IncomingResponse, 'status' | 'headers'>,
  told: string,
  output: unknown,
): ActionRejectedError | ActionUnavailableError {
  if (!isPassing(status)) return new ActionRejectedError(told, { output });
  const seconds = retryAfterSeconds(headers);
  return new ActionUnavailableError(told, {
    output,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}
