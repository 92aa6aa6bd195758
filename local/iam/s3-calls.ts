import type { Call, SdkRequest } from '#local/types';

/** Where an S3 request points; `key` is empty for the bucket itself. */
export type S3Location = { readonly bucket: string; readonly key: string };

/** Bucket and key from a virtual-hosted or path-style address; undefined when it is not S3's. */
export function locateS3({ hostname, path }: SdkRequest): S3Location | undefined {
  const host = /^(?:(.+)\.)?s3[.-][a-z0-9.-]*amazonaws\.com$/.exec(hostname);
  if (!host) return undefined;
  const segments = path.replace(/^\//, '').split('/');
  const bucket = host[1] ?? segments.shift() ?? '';
  return { bucket, key: decodeURIComponent(segments.join('/')) };
}

type Rule = {
  readonly method: string;
  readonly on: 'object' | 'bucket';
  /** The query parameter that makes it this operation. */
  readonly query?: string;
  readonly action: string;
};

/** The first line that fits names the permission, so lines with a query come first. */
const RULES: readonly Rule[] = [
  { method: 'GET', on: 'object', query: 'tagging', action: 'GetObjectTagging' },
  { method: 'GET', on: 'object', query: 'uploadId', action: 'ListMultipartUploadParts' },
  { method: 'GET', on: 'object', query: 'versionId', action: 'GetObjectVersion' },
  { method: 'GET', on: 'object', action: 'GetObject' },
  { method: 'HEAD', on: 'object', action: 'GetObject' },
  { method: 'PUT', on: 'object', query: 'tagging', action: 'PutObjectTagging' },
  { method: 'PUT', on: 'object', action: 'PutObject' },
  { method: 'POST', on: 'object', query: 'uploads', action: 'PutObject' },
  { method: 'POST', on: 'object', query: 'uploadId', action: 'PutObject' },
  { method: 'DELETE', on: 'object', query: 'uploadId', action: 'AbortMultipartUpload' },
  { method: 'DELETE', on: 'object', query: 'versionId', action: 'DeleteObjectVersion' },
  { method: 'DELETE', on: 'object', action: 'DeleteObject' },
  { method: 'GET', on: 'bucket', query: 'list-type', action: 'ListBucket' },
  { method: 'HEAD', on: 'bucket', action: 'ListBucket' },
];

/**
 * What an S3 request needs to be allowed.
 *
 * @throws Error for operations without a line, such as DeleteObjects, whose keys are in its body.
 */
export function s3Calls(request: SdkRequest, { bucket, key }: S3Location): Call[] {
  const on = key === '' ? 'bucket' : 'object';
  const query = request.query ?? {};
  const rule = RULES.find(
    (line) =>
      line.method === request.method &&
      line.on === on &&
      (line.query === undefined || line.query in query),
  );
  if (!rule) {
    throw new Error(
      `${request.method} on an S3 ${on} is not understood here (local/iam/s3-calls.ts)`,
    );
  }
  const resource = `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`;
  const source = request.headers['x-amz-copy-source'];
  return [
    { service: 's3', action: `s3:${rule.action}`, resource },
    ...(source === undefined ? [] : [copySource(source)]),
  ];
}

function copySource(source: string): Call {
  const path = decodeURIComponent(source.replace(/^\//, ''));
  return { service: 's3', action: 's3:GetObject', resource: `arn:aws:s3:::${path}` };
}
