import { eventually } from '#test/helpers/eventually';

/** An answer of the HTTP API. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape; tests read deep into it.
  readonly body: any;
};

/** What a request may carry besides its JSON body. */
export type RequestExtras = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of a JSON body. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
};

/** The HTTP API as one user sees it. */
export type ApiClient = {
  request(method: string, path: string, body?: unknown, extras?: RequestExtras): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown, extras?: RequestExtras): Promise<Reply>;
  /** Creates an agent and gives it. @throws Error when it is refused */
  create(agent: unknown): Promise<Reply['body']>;
  /** Waits until a run is over, and gives it in full. */
  finished(runId: string, seconds?: number): Promise<Reply['body']>;
};

/** Sends one request and reads the answer, JSON where it is JSON. */
export async function send(
  url: string,
  method: string,
  body?: unknown,
  extras: RequestExtras = {},
): Promise<Reply> {
  const content = extras.raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...extras.headers,
    },
    ...(content !== undefined && { body: content }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

/**
 * A client for one user.
 *
 * @param base where the product is, without a slash at the end
 */
export function apiClient(base: string, token: string): ApiClient {
  const request: ApiClient['request'] = (method, path, body, extras = {}) =>
    send(`${base}${path}`, method, body, {
      ...extras,
      headers: { authorization: `Bearer ${token}`, ...extras.headers },
    });
  const get: ApiClient['get'] = (path) => request('GET', path);
  return {
    request,
    get,
    post: (path, body, extras) => request('POST', path, body, extras),
    async create(agent) {
      const reply = await request('POST', '/api/agents', agent);
      if (reply.status !== 201) throw new Error(`Not created: ${JSON.stringify(reply.body)}`);
      return reply.body;
    },
    finished(runId, seconds) {
      return eventually(async () => {
        const { body } = await get(`/api/agents/runs/${runId}`);
        if (body.finished_at == null) throw new Error(`Not over: ${JSON.stringify(body)}`);
        return body;
      }, seconds);
    },
  };
}
