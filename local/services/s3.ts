import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type PrivateServer, startPrivateServer } from '#local/services/private-server';
import { answerS3 } from '#local/services/s3/operations';
import { type ObjectStore, openObjectStore } from '#local/services/s3/store';

/**
 * Start buckets with whole objects (no versions, ranges, listing or multipart uploads) on a loopback port, kept in
 * `s3.sqlite`. What was acknowledged survives a kill of this process.
 *
 * @param options.dataDir directory of the file, which exists.
 */
export async function startS3(options: { readonly dataDir: string }): Promise<PrivateServer> {
  const store = openObjectStore(join(options.dataDir, 's3.sqlite'));
  const server = await startPrivateServer((request, response) => {
    void serve(store, request, response);
  });
  return {
    endpoint: server.endpoint,
    async close() {
      await server.close();
      store.close();
    },
  };
}

async function serve(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [bucket = '', ...key] = url.pathname.slice(1).split('/');
    const answer = answerS3(store, {
      method: request.method ?? '',
      bucket,
      key: decodeURIComponent(key.join('/')),
      parameters: [...url.searchParams.keys()],
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: await buffer(request),
    });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  } catch (error) {
    console.error('an S3 request failed', error);
    response.writeHead(500).end();
  }
}
