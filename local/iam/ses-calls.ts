import { bodyText } from '#local/iam/body';
import { bareAddress } from '#local/services/ses/operations';
import type { Call, Place, SdkRequest } from '#local/types';

/** A request of AWS's query protocol as one operation with one input. */
export type QueryRequest = {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** Read a request to SES; undefined when it is not SES's. */
export function readSesRequest(request: SdkRequest): QueryRequest | undefined {
  if (!/^email\./.test(request.hostname)) return undefined;
  const { Action, Version: _, ...input } = readQuery(bodyText(request.body));
  return { operation: String(Action), input };
}

/**
 * What an SES operation needs to be allowed: to send as an address, and by a configuration set where
 * one is named. AWS asks for the identity under which the address is verified, which here is taken to be itself.
 *
 * @throws Error for an operation that is not emulated.
 */
export function sesCalls({ operation, input }: QueryRequest, place: Place): Call[] {
  if (operation !== 'SendEmail') throw new Error(`ses:${operation} is not emulated`);
  const from = bareAddress(String(input['Source'] ?? ''));
  const set = input['ConfigurationSetName'];
  const on = [`identity/${from}`, ...(set === undefined ? [] : [`configuration-set/${set}`])];
  return on.map((resource) => ({
    service: 'ses',
    action: 'ses:SendEmail',
    resource: `arn:aws:ses:${place.region}:${place.accountId}:${resource}`,
    context: { 'ses:FromAddress': from },
  }));
}

/** A form whose names are paths, `A.B.member.1=x`, as the value that it stands for. */
function readQuery(form: string): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.split('.');
    let here = root;
    for (const part of path.slice(0, -1)) {
      here[part] ??= {};
      here = here[part] as Record<string, unknown>;
    }
    here[path.at(-1) ?? ''] = value;
  }
  return withLists(root) as Record<string, unknown>;
}

/** Puts arrays where there is `{ member: { 1: … } }`. */
function withLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { member } = value as { member?: Record<string, unknown> };
  if (member !== undefined) return Object.values(member).map(withLists);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withLists(one)]));
}

const NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';

/** SES's XML for what its emulator answers in JSON, whose values are all texts. */
export function sesAnswer(operation: string, status: number, json: string): string {
  const answer = JSON.parse(json) as Record<string, string>;
  if (status !== 200) return sesError(String(answer['__type']), String(answer['message']));
  const fields = Object.entries(answer).map(([name, text]) => element(name, escapeXml(text)));
  const result = element(`${operation}Result`, fields.join(''));
  return `<${operation}Response xmlns="${NAMESPACE}">${result}</${operation}Response>`;
}

/** A refusal as SES writes it. */
export function sesError(code: string, message: string): string {
  const error = `<Type>Sender</Type>${element('Code', code)}${element('Message', escapeXml(message))}`;
  return `<ErrorResponse xmlns="${NAMESPACE}">${element('Error', error)}</ErrorResponse>`;
}

function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
