import * as z from 'zod';
import { ActionUnavailableError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import { jsonBody, retryAfterSeconds, statusError } from '#core/provider-answer';

const Refusal = z.object({
  error: z.object({
    message: z.string().optional(),
    status: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
    details: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

/** Reasons that pass, though Google answers them with 403. */
const PASSING: ReadonlySet<string> = new Set([
  'RATE_LIMIT_EXCEEDED',
  'backendError',
  'rateLimitExceeded',
  'uploadRateLimitExceeded',
  'userRateLimitExceeded',
]);

/** Reasons that each of its services has, as its newer and its older ones spell them. */
const switchedOff =
  'Switch its API on in the Google Cloud project of the connection, and try again after some minutes.';
const withoutScope =
  'The connection was not given for this. Give consent again for the scope that its guide names.';
const ofTheAccount: Readonly<Record<string, string>> = {
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: withoutScope,
  SERVICE_DISABLED: switchedOff,
  accessNotConfigured: switchedOff,
  insufficientPermissions: withoutScope,
};

/**
 * The error that Google's answer stands for.
 *
 * @param service the service, as people call it
 * @param advice what to change, by Google's reason or by status
 * @see https://developers.google.com/workspace/drive/api/guides/handle-errors
 */
export function googleRefusal(
  response: IncomingResponse,
  service: string,
  advice: Readonly<Record<string, string>>,
): Error {
  const { status, headers } = response;
  const told = Refusal.safeParse(jsonBody(response)).data?.error;
  const detail = told?.details?.map((one) => wordOf(one.reason)).find(Boolean);
  const reason = detail ?? wordOf(told?.errors?.[0]?.reason) ?? wordOf(told?.status);
  const output = { status, ...(reason && { reason }), message: told?.message?.slice(0, 500) };
  const what = `${service} answered ${status}${reason === undefined ? '' : ` (${reason})`}.`;
  const todo = advice[reason ?? ''] ?? ofTheAccount[reason ?? ''] ?? advice[String(status)];
  const message = todo === undefined ? what : `${what} ${todo}`;
  if (status !== 403 || !PASSING.has(reason ?? '')) return statusError(response, message, output);
  const seconds = retryAfterSeconds(headers);
  return new ActionUnavailableError(message, {
    output,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}

function wordOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\w{1,60}$/.test(text) ? text : undefined;
}
