import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Where a host process may leave its own way of carrying SDK calls. On AWS nothing is there and the
 * SDK's HTTPS transport is used; one machine leaves one that reaches its own services.
 */
const CARRIER = Symbol.for('crucibai.aws-request-handler');

type Carrier = DynamoDBClientConfig['requestHandler'];

/** Without limits the SDK waits for as long as the function has. These leave time to try again. */
const QUICK = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };

/**
 * Takes what the SDK has to say, and leaves out what it would say of each call that went well: the one
 * that it brings along says nothing either, but has it copied for each call first.
 */
const LOGGER = {
  debug() {},
  warn() {},
  error() {},
} as unknown as Required<DynamoDBClientConfig>['logger'];

/** What each call would be made up of anew otherwise. Nothing here changes a client once it is made. */
const LEAN = { logger: LOGGER, cacheMiddleware: true };

/** Configuration that every SDK client of ours starts from. */
export function clientConfig() {
  return { ...LEAN, ...carried() };
}

/** For services that answer in milliseconds: a call that is not answered is soon made again. */
export function quickConfig() {
  return { ...LEAN, ...(carried() ?? { requestHandler: QUICK }) };
}

function carried() {
  const carrier = (globalThis as { [CARRIER]?: Carrier })[CARRIER];
  if (carrier === undefined) return undefined;
  return {
    requestHandler: carrier,
    // The carrier knows who is calling: signatures would be work for nobody.
    credentials: { accessKeyId: 'carried', secretAccessKey: 'carried' },
    signer: { sign: async <Request>(request: Request) => request },
  };
}

/**
 * How a library that only knows `fetch` sends its AWS calls; undefined on AWS, where it sends them
 * itself, signed with the function's role.
 */
export function carriedFetch(): typeof globalThis.fetch | undefined {
  const carrier = (globalThis as { [CARRIER]?: Handler })[CARRIER];
  if (carrier === undefined) return undefined;
  return async (input, init) => {
    const request = new Request(input, init);
    const { protocol, hostname, pathname } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const body = new Uint8Array(await request.arrayBuffer());
    const { response } = await carrier.handle(
      { method: request.method, protocol, hostname, path: pathname, query: {}, headers, body },
      { abortSignal: request.signal },
    );
    return new Response(Uint8Array.from(response.body), {
      status: response.statusCode,
      headers: response.headers,
    });
  };
}

type Handler = {
  handle(
    request: object,
    options: { abortSignal: AbortSignal },
  ): Promise<{
    readonly response: {
      readonly statusCode: number;
      readonly headers: Record<string, string>;
      readonly body: Uint8Array;
    };
  }>;
};

/**
 * Where a host process may leave how links to objects are made: an endpoint and a key of its own.
 * On AWS nothing is there, and links are signed with the function's role.
 */
const LINKS = Symbol.for('crucibai.s3-links');

type LinkConfig = {
  readonly endpoint: string;
  readonly forcePathStyle: boolean;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** Configuration of an S3 client that signs links for others to open. */
export function linkConfig(): LinkConfig | Record<string, never> {
  return (globalThis as { [LINKS]?: LinkConfig })[LINKS] ?? {};
}

/** The table's client, with plain JavaScript values for attributes. */
export function tableClient(): DynamoDBDocumentClient {
  // Its commands are each made up for their own input.
  const client = new DynamoDBClient({ ...quickConfig(), cacheMiddleware: false });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
}
