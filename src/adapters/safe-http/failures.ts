import { ActionRejectedError, ActionUnavailableError, AppError } from '#core/errors';
import type { SafeHttpLimits } from './limits.ts';

/**
 * Says in our words what went wrong on the wire. Names the host and never the URL.
 *
 * @returns the error itself when it is one of ours already, or a fault in our own code.
 */
export function networkFailure(cause: unknown, host: string, limits: SafeHttpLimits): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause;
  if (cause.name === 'HTTPParserError') {
    // It holds the bytes it stumbled over: those are the response, and stay out of logs.
    return new ActionUnavailableError(`${host} answered with something that is not HTTP.`, {
      cause: new Error(cause.message),
    });
  }
  const code = 'code' in cause ? String(cause.code) : '';

  switch (code) {
    case '':
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return cause;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new ActionUnavailableError(`${host} could not be reached in time.`, { cause });
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new ActionUnavailableError(
        `${host} did not answer within ${seconds(limits.headersMs)}.`,
        { cause },
      );
    case 'UND_ERR_BODY_TIMEOUT':
      return new ActionUnavailableError(
        `${host} stopped in the middle of its answer for ${seconds(limits.idleMs)}.`,
        { cause },
      );
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new ActionRejectedError(`${host} answered with headers that are too large.`, {
        cause,
      });
    default:
      return isAboutCertificate(code)
        ? new ActionRejectedError(`The certificate of ${host} ${certificateFault(code)}.`, {
            cause,
          })
        : new ActionUnavailableError(`The connection to ${host} failed (${code}).`, { cause });
  }
}

/** The whole exchange took too long. */
export function tookTooLong(host: string, limits: SafeHttpLimits): ActionUnavailableError {
  return new ActionUnavailableError(
    `${host} did not finish its answer within ${seconds(limits.totalMs)}.`,
  );
}

/** The caller stopped waiting; the caller's own error comes first. */
export function stopped(reason: unknown, host: string): unknown {
  if (reason instanceof AppError) return reason;
  return new ActionUnavailableError(`${host} did not finish its answer in time.`, {
    cause: reason,
  });
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

/** @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function certificateFault(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return `has expired (${code})`;
  if (code === 'CERT_NOT_YET_VALID') return `is not valid yet (${code})`;
  if (/ALTNAME|HOSTNAME/.test(code)) return `is for another host (${code})`;
  if (/SELF_SIGNED|UNABLE_TO|UNTRUSTED/.test(code)) {
    return `is not signed by an authority that is trusted (${code})`;
  }
  return `is not valid (${code})`;
}

function isAboutCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)/.test(
    code,
  );
}
