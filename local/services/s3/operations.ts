import { createHash } from 'node:crypto';
import { unchunk } from '#local/services/s3/chunked';
import type { ObjectHeaders, ObjectStore } from '#local/services/s3/store';

/** An S3 request in path style, its body read. */
export type S3Request = {
  readonly method: string;
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  /** Names of the query's parameters. */
  readonly parameters: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Its answer. */
export type S3Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
};

/** What a request says about the object that its readers are told again. */
const KEPT_HEADERS =
  /^(content-type|content-language|content-disposition|cache-control|x-amz-meta-.+|x-amz-checksum-.+)$/;
/** The SDK names each operation in the query; these mean nothing by themselves. */
const HARMLESS_PARAMETERS = new Set(['x-id']);

/** Answer one request. What is not emulated is refused (501), never half done. */
export function answerS3(store: ObjectStore, request: S3Request): S3Answer {
  const { method, bucket, key, parameters, headers } = request;
  const foreign = parameters.filter((name) => !HARMLESS_PARAMETERS.has(name));
  if (foreign.length > 0 || 'range' in headers || 'x-amz-copy-source' in headers) {
    return refusal(501, 'NotImplemented', 'This is not available on one machine.');
  }
  if (key === '') return answerBucket(store, method, bucket);
  if (!store.hasBucket(bucket)) {
    return refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  }
  if (method === 'PUT') return put(store, request);
  if (method === 'DELETE') {
    store.remove(bucket, key);
    return answer(204);
  }
  if (method === 'GET' || method === 'HEAD') return read(store, request);
  return refusal(405, 'MethodNotAllowed', 'The method is not allowed against this resource.');
}

function answerBucket(store: ObjectStore, method: string, bucket: string): S3Answer {
  if (method === 'PUT') {
    store.addBucket(bucket);
    return answer(200);
  }
  if (method === 'HEAD') return answer(store.hasBucket(bucket) ? 200 : 404);
  return refusal(501, 'NotImplemented', 'This is not available on one machine.');
}

function put(store: ObjectStore, { bucket, key, headers, body: sent }: S3Request): S3Answer {
  if (headers['if-none-match'] === '*' && store.headers(bucket, key)) {
    return refusal(
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
    );
  }
  const isChunked = headers['content-encoding']?.includes('aws-chunked');
  const { body, trailers } = isChunked ? unchunk(sent) : { body: sent, trailers: {} };
  const kept = Object.entries({ ...headers, ...trailers }).filter(([name]) =>
    KEPT_HEADERS.test(name),
  );
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const stored: ObjectHeaders = {
    'content-type': 'application/octet-stream',
    ...Object.fromEntries(kept),
    'content-length': String(body.length),
    'last-modified': new Date().toUTCString(),
    etag,
  };
  store.put(bucket, key, stored, body);
  return answer(200, { etag });
}

function read(store: ObjectStore, { method, bucket, key, headers }: S3Request): S3Answer {
  const stored = store.headers(bucket, key);
  if (!stored) return refusal(404, 'NoSuchKey', 'The specified key does not exist.');
  if (headers['if-none-match'] === stored['etag']) return answer(304);
  const body = method === 'GET' ? store.body(bucket, key) : new Uint8Array();
  return answer(200, { ...stored }, body);
}

function answer(
  status: number,
  headers: Record<string, string> = {},
  body: Uint8Array = new Uint8Array(),
): S3Answer {
  return { status, headers, body };
}

function refusal(status: number, code: string, message: string): S3Answer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return answer(status, { 'content-type': 'application/xml' }, Buffer.from(xml));
}
