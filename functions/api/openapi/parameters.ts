import type { Json } from '#functions/api/openapi/components';
import type { OperationExample } from '#functions/api/openapi/example';

/** A parameter as the document has it. */
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
  readonly example?: unknown;
};

const pathParameters: Readonly<Record<string, string>> = {
  id: "The agent's id.",
  agent_id: "The agent's id.",
  run_id: "The run's id.",
  agent_name: 'The name of a built-in agent, for example Scraping Agent or scraping.',
  connection_id: "The connection's id.",
  key_id: "The API key's id.",
  address: 'An e-mail address; %40 may stand for its @.',
  n: 'The number of the version.',
};

/** Path parameters, in the order of the path. */
export function pathParametersOf(path: string, { params }: OperationExample): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: pathParameters[name] ?? '',
    schema: { type: 'string' },
    example: params?.[name],
  }));
}

/** Request headers that an operation heeds. */
export function headersOf(
  headers: Readonly<Record<string, string>>,
  example: OperationExample,
): Parameter[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
    ...(example.headers?.[name] !== undefined && { example: example.headers[name] }),
  }));
}
