import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate and its key, in PEM. */
export type Certified = { readonly cert: string; readonly key: string };

/** A certificate authority that exists only in this test. */
export type Authority = {
  /** Its own certificate, to be trusted. */
  readonly cert: string;
  /**
   * Certifies a server.
   *
   * @param host the DNS name that it is for
   * @param days of validity from now; negative for one that has expired
   */
  certify(host: string, days: number): Certified;
};

const DAY_MS = 86_400_000;

// Object identifiers, as DER has them: RFC 5280, RFC 5758.
const ECDSA_WITH_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const BASIC_CONSTRAINTS = '0603551d13';
const SUBJECT_ALT_NAME = '0603551d11';

/** Makes an authority. Node.js signs but writes no certificates, so the DER is put together here. */
export function newAuthority(name = 'Authority of a test'): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = sequence(
    hex(BASIC_CONSTRAINTS),
    boolean(true),
    octets(sequence(boolean(true))),
  );
  const certify = (subject: string, publicKey: KeyObject, days: number, extension: Buffer) =>
    certificate({ issuer: name, subject, publicKey, days, extension }, keys.privateKey);
  return {
    cert: certify(name, keys.publicKey, 1, isAuthority),
    certify(host, days) {
      const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = sequence(element(0x82, Buffer.from(host)));
      const extension = sequence(hex(SUBJECT_ALT_NAME), octets(names));
      return {
        cert: certify(host, server.publicKey, days, extension),
        key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

type Content = {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly days: number;
  readonly extension: Buffer;
};

function certificate(
  { issuer, subject, publicKey, days, extension }: Content,
  by: KeyObject,
): string {
  const end = Date.now() + days * DAY_MS;
  const algorithm = sequence(hex(ECDSA_WITH_SHA256));
  const content = sequence(
    element(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 31) + 1),
    algorithm,
    distinguished(issuer),
    sequence(time(Math.min(Date.now(), end) - 30 * DAY_MS), time(end)),
    distinguished(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(extension)),
  );
  const signature = sign('sha256', content, by);
  const der = sequence(content, algorithm, element(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function distinguished(name: string): Buffer {
  const attribute = sequence(hex(COMMON_NAME), element(0x0c, Buffer.from(name)));
  return sequence(element(0x31, attribute));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function integer(value: number): Buffer {
  const digits = value.toString(16);
  const bytes = hex(digits.length % 2 ? `0${digits}` : digits);
  // A first bit of 1 would make it negative.
  return element(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.from([0]) : Buffer.of(), bytes);
}

function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0]));
}

function octets(...parts: Buffer[]): Buffer {
  return element(0x04, ...parts);
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, ...parts);
}

/** A tag, the length of what follows, and what follows. */
function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
