import type { SafeHttpLimits } from '#adapters/safe-http/limits';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { parseEgressAllow } from '#core/egress/egress';
import type { IncomingResponse, OutgoingRequest } from '#core/http';

/** What {@link sendTo} may say beyond the port. */
export type Sending = {
  readonly request?: Partial<OutgoingRequest>;
  readonly limits?: Partial<SafeHttpLimits>;
  readonly signal?: AbortSignal;
};

/** Sends a GET with a secret in its URL to a loopback port, through the real adapter. */
export function sendTo(
  port: number,
  { request = {}, limits = {}, signal = AbortSignal.timeout(60_000) }: Sending = {},
): Promise<IncomingResponse> {
  const url = `http://127.0.0.1:${port}/path?key=s3cret`;
  const http = safeHttp({ policy: parseEgressAllow('127.0.0.1'), limits });
  return http.send({ method: 'GET', url, headers: {}, ...request }, { signal });
}

/** The error that the work ends with. */
export function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error) => error,
  );
}
