import * as z from 'zod';
import { keptBody } from '#actions/http/body';
import { defineAction } from '#core/action';
import { type EgressPolicy, judgeUrl, leadsUpwards } from '#core/egress/egress';
import { ActionRejectedError, type ConfigProblem } from '#core/errors';
import { CONNECTION_HEADERS, type IncomingResponse, type OutgoingRequest } from '#core/http';
import { isPassing, statusError } from '#core/provider-answer';

const Status = z.int().min(100).max(599);

const HTTP_KINDS = ['http_bearer', 'http_basic', 'http_header', 'http_oauth2'] as const;

const Config = z.strictObject({
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
    .default('GET')
    .describe('The HTTP method.'),
  url: z
    .string()
    .min(1)
    .max(8_192)
    .describe('Where to send the request: an absolute http or https address.')
    .meta({ examples: ['https://api.example.com/leads'] }),
  headers: z
    .record(z.string(), z.string().max(8_192))
    .optional()
    .describe('Request headers. Idempotency-Key and User-Agent are set unless given.')
    .meta({ examples: [{ 'X-Source': 'crucibai' }] }),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Added to the query string of the address.')
    .meta({ examples: [{ notify: true }] }),
  body: z
    .json()
    .optional()
    .describe('A text is sent as it is; anything else is sent as JSON.')
    .meta({ examples: [{ lead: '{{trigger.body.email}}' }] }),
  form: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Instead of a body: fields that are sent as an HTML form sends them.')
    .meta({ examples: [{ email: '{{trigger.body.email}}' }] }),
  body_base64: z
    .string()
    .max(1_400_000)
    .optional()
    .describe('Instead of a body: bytes in base64. Say what they are by the header Content-Type.')
    .meta({ examples: ['{{steps.picture.output.base64}}'] }),
  auth: z
    .strictObject({
      connection_id: z.string().describe('One of your connections of an HTTP kind.'),
    })
    .optional()
    .describe(
      'The credential to send. It goes to the hosts that the connection allows, and to no other.',
    ),
  expect_status: z
    .union([Status, z.array(Status).min(1)])
    .optional()
    .describe('Which status counts as success. Default: 200 to 399.')
    .meta({ examples: [[200, 201]] }),
});

const Output = z.strictObject({
  status: z.int().describe('The HTTP status.'),
  headers: z.record(z.string(), z.string()).describe('Response headers, lower-case names.'),
  json: z.json().optional().describe('The parsed body, when it is JSON.'),
  text: z.string().optional().describe('The body as text, when it is not JSON.'),
  base64: z
    .string()
    .optional()
    .describe('The body in base64, when it is not text: a picture, a PDF, an archive.'),
  truncated: z.literal(true).optional().describe('Only the first 1 MiB of the body was kept.'),
});

/** Calls any HTTP endpoint that may be reached from the internet. */
export const http = defineAction({
  type: 'http',
  title: 'HTTP request',
  description: 'Sends an HTTP request and gives its status, headers and body to later steps.',
  config: Config,
  output: Output,
  credits: 1,
  idempotency:
    'Every attempt carries the same Idempotency-Key header; an endpoint that ignores it may act twice after a crash.',

  connections: [{ at: ['auth', 'connection_id'], kinds: HTTP_KINDS }],

  check(config, policy) {
    const written = config as z.input<typeof Config>;
    return [...urlProblems(written, policy), ...headerProblems(written), ...bodyProblems(written)];
  },

  async run({ config, connect, http: outgoing, idempotencyKey, signal, log }) {
    const request = requestFor(config, idempotencyKey);
    const { auth } = config;
    const way = auth ? (await connect(auth.connection_id, HTTP_KINDS)).http : outgoing;
    const response = await way.send(request, { signal });
    const host = new URL(request.url).host;
    if (response.lostBody) {
      log(
        'warn',
        `${host} redirected, and the ${request.method} went on as a GET without its body. If it was to arrive there, write that address in the step.`,
      );
    }
    judgeStatus(response, host, config.expect_status);
    return {
      output: outputOf(response),
      summary: `${request.method} ${host} answered ${response.status}`,
    };
  },
});

/** The address itself can be judged at save time unless a run has yet to fill it in. */
function urlProblems(
  config: Pick<z.input<typeof Config>, 'url'>,
  policy: EgressPolicy,
): ConfigProblem[] {
  if (config.url.includes('{{')) return [];
  const verdict = judgeUrl(config.url, policy);
  return verdict.verdict === 'allowed' ? [] : [{ path: ['url'], message: verdict.reason }];
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function headerProblems({ headers = {} }: z.input<typeof Config>): ConfigProblem[] {
  const seen = new Set<string>();
  return Object.keys(headers).flatMap((name) => {
    const message = headerProblem(name, seen.has(name.toLowerCase()));
    seen.add(name.toLowerCase());
    return message === undefined ? [] : [{ path: ['headers', name], message }];
  });
}

function headerProblem(name: string, isRepeated: boolean): string | undefined {
  if (!HEADER_NAME.test(name))
    return 'A header is named by letters, digits and dashes, without spaces.';
  if (isRepeated) return 'This header is there twice, written differently; keep one.';
  return isOfTheConnection(name.toLowerCase())
    ? 'This header belongs to the connection and is set for you; remove it.'
    : undefined;
}

function isOfTheConnection(name: string): boolean {
  return CONNECTION_HEADERS.has(name) || name.startsWith('proxy-');
}

/** Fields that say what is sent; there is one way at a time. */
const CONTENTS = ['body', 'form', 'body_base64'] as const;

function bodyProblems(config: z.input<typeof Config>): ConfigProblem[] {
  const { method = 'GET' } = config;
  const [path, other] = CONTENTS.filter((name) => config[name] !== undefined);
  if (path === undefined) return [];
  if (other !== undefined) {
    return [{ path: [other], message: `Give either ${path} or ${other}, not both.` }];
  }
  if (method === 'GET' || method === 'HEAD') {
    const message = `A ${method} request has no body. Set method to POST, or remove the ${path}.`;
    return [{ path: [path], message }];
  }
  const { body_base64 = '' } = config;
  if (body_base64.includes('{{') || isBase64(body_base64)) return [];
  return [{ path: [path], message: NO_BASE64 }];
}

const NO_BASE64 = 'This is not base64. Give the base64 of another step, or use body for text.';

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function requestFor(config: z.output<typeof Config>, idempotencyKey: string): OutgoingRequest {
  const given = new Set(Object.keys(config.headers ?? {}).map((name) => name.toLowerCase()));
  const content = contentOf(config);
  const automatic = {
    'idempotency-key': idempotencyKey,
    'user-agent': 'CrucibAI-Agents/1',
    ...(content && { 'content-type': content.type }),
  };
  const missing = Object.entries(automatic).filter(([name]) => !given.has(name));
  return {
    method: config.method,
    url: withQuery(config.url, config.query ?? {}),
    headers: { ...config.headers, ...Object.fromEntries(missing) },
    ...(content && { body: content.body }),
  };
}

function contentOf({ body, form, body_base64 }: z.output<typeof Config>) {
  if (body_base64 !== undefined) {
    if (!isBase64(body_base64)) throw new ActionRejectedError(`config.body_base64: ${NO_BASE64}`);
    return { type: 'application/octet-stream', body: Buffer.from(body_base64, 'base64') };
  }
  if (form !== undefined) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) fields.append(name, String(value));
    return { type: 'application/x-www-form-urlencoded', body: fields.toString() };
  }
  if (body === undefined) return undefined;
  return typeof body === 'string'
    ? { type: 'text/plain; charset=utf-8', body }
    : { type: 'application/json', body: JSON.stringify(body) };
}

function withQuery(
  address: string,
  query: Readonly<Record<string, string | number | boolean>>,
): string {
  if (!URL.canParse(address)) throw new ActionRejectedError('config.url: This is not a URL.');
  if (leadsUpwards(address)) {
    throw new ActionRejectedError(
      'config.url has ".." in its path, which would lead above what was written: data in an address needs the filter url_encode.',
    );
  }
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  return url.href;
}

/** An unexpected status ends the step, with the answer as its output. */
function judgeStatus(
  response: IncomingResponse,
  host: string,
  expected: number | readonly number[] | undefined,
): void {
  const { status } = response;
  const fine =
    expected === undefined ? status >= 200 && status < 400 : [expected].flat().includes(status);
  if (fine) return;
  const advice = ` Its answer is the step's output. Change the step, or list ${status} in expect_status.`;
  const told = `${host} answered ${status}.${isPassing(status) ? '' : advice}`;
  throw statusError(response, told, outputOf(response));
}

function outputOf({ status, headers, body }: IncomingResponse): z.input<typeof Output> {
  return { status, headers, ...keptBody({ headers, body }) } as z.input<typeof Output>;
}
