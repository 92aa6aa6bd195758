import { ActionRejectedError } from '#core/errors';
import { CONNECTION_HEADERS, PUBLIC_HEADERS } from '#core/http';

const ABOUT_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Lower-case names. */
export type RequestHeaders = Readonly<Record<string, string>>;

/**
 * Checks what a user wants to send, and adds what servers expect of any client.
 *
 * Values are written as Latin-1: a character beyond it would be cut to one byte, and U+010A would
 * become a line feed, so such a value is refused as a line feed is.
 *
 * @throws ActionRejectedError that names the header and never shows its value.
 */
export function checkedHeaders(headers: RequestHeaders): RequestHeaders {
  const checked: Record<string, string> = Object.create(null);
  checked['accept'] = '*/*';
  checked['accept-encoding'] = 'gzip, deflate, br, zstd';
  checked['user-agent'] = 'crucibai-agents';

  const seen = new Set<string>();
  for (const [name, text] of Object.entries(headers)) {
    if (!TOKEN.test(name)) {
      throw new ActionRejectedError(`The header name ${printable(name)} is not valid.`);
    }
    const lowerName = name.toLowerCase();
    if (CONNECTION_HEADERS.has(lowerName) || lowerName.startsWith('proxy-')) {
      throw new ActionRejectedError(`The header ${name} cannot be set: remove it.`);
    }
    if (seen.has(lowerName)) {
      throw new ActionRejectedError(`The header ${name} is there twice: keep one.`);
    }
    if (!isSendable(text)) {
      throw new ActionRejectedError(
        `The header ${name} has a line break, a control character or a character beyond Latin-1 in its value.`,
      );
    }
    seen.add(lowerName);
    checked[lowerName] = text.trim();
  }
  return checked;
}

/** What may go along to another origin: no credentials, and nothing of the user's own making. */
export function headersForOtherOrigin(headers: RequestHeaders): RequestHeaders {
  return filtered(headers, (name) => PUBLIC_HEADERS.has(name));
}

/** What remains of the headers of a request that lost its body. */
export function headersWithoutBody(headers: RequestHeaders): RequestHeaders {
  return filtered(headers, (name) => !ABOUT_THE_BODY.has(name));
}

function filtered(headers: RequestHeaders, keep: (name: string) => boolean): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name)));
}

/** Tab, and everything of Latin-1 that is not a control character. */
function isSendable(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

function printable(name: string): string {
  return `"${name.slice(0, 40).replace(/[^ -~]/g, '?')}"`;
}
