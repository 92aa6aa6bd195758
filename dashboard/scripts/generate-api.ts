/**
 * Writes the API's types and routes for the dashboard, from the OpenAPI document that the operations
 * themselves make: a change of the API that the dashboard does not follow fails the type check.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import type { ApiDeps } from '#functions/api/deps';
import { openApiDocument } from '#functions/api/openapi/document';
import type { DocumentedOperation } from '#functions/api/openapi/document-types';
import { allOperations } from '#functions/api/operations';

type Schema = Record<string, unknown>;

const FOLDER = join(import.meta.dirname, '../app/api/generated');
const REFERENCE = '#/components/schemas/';

// Nothing is called, so nothing is needed.
const document = openApiDocument(allOperations({} as ApiDeps), { url: '', version: '' });
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

await writeChanged(join(FOLDER, 'api.ts'), `${await types()}\n${routes()}`);
await writeChanged(join(FOLDER, 'forms.ts'), forms());

/** One interface `Operations` with what each operation takes and gives, and every named schema. */
async function types(): Promise<string> {
  const properties = operations.map(({ operation }) => [operation.operationId, shape(operation)]);
  const root = {
    ...object(Object.fromEntries(properties)),
    $defs: local(document.components.schemas),
  };
  return compile(root as JSONSchema, 'Operations', {
    bannerComment: '// Made by dashboard/scripts/generate-api.ts from the OpenAPI document.',
    additionalProperties: false,
    unreachableDefinitions: true,
    ignoreMinAndMaxItems: true,
    format: false,
  });
}

/** Method and path of each operation. */
function routes(): string {
  const lines = operations.map(({ path, method, operation }) => {
    const route = [method.toUpperCase(), path].map((text) => JSON.stringify(text)).join(', ');
    return `  ${operation.operationId}: [${route}],`;
  });
  return `export const routes = {\n${lines.join('\n')}\n} as const;\n`;
}

/** What forms are drawn from, beside the schemas that the catalogue has. */
function forms(): string {
  const { settings, actions } = bodySchema('/api/agents')['properties'] as Record<string, Schema>;
  const connection = bodySchema('/api/connections');
  const schemas = { settings, step: actions?.['items'], connection };
  const value = JSON.stringify({ ...schemas, $defs: reachable(schemas) }, null, 1);
  return `/** JSON Schemas of what people fill in: an agent's settings, a step's own fields, a connection. */
export const formSchemas: Record<'settings' | 'step' | 'connection' | '$defs', object> = ${value};
`;
}

function bodySchema(path: string): Schema {
  const body = document.paths[path]?.['post']?.requestBody?.content['application/json'];
  if (!body) throw new Error(`POST ${path} takes no body`);
  return body.schema;
}

/** The named schemas that a schema refers to, and those that they refer to. */
function reachable(schema: unknown, found: Record<string, Schema> = {}): Record<string, Schema> {
  for (const [, name = ''] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    const named = document.components.schemas[name];
    if (found[name] || !named) continue;
    found[name] = named;
    reachable(named, found);
  }
  return found;
}

function shape(operation: DocumentedOperation): Schema {
  const parameters = (place: string) => {
    const own = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
    const required = own.filter((parameter) => parameter.required).map(({ name }) => name);
    const properties = own.map(({ name, schema }) => [name, schema]);
    return own.length > 0 && object(Object.fromEntries(properties), required);
  };
  const path = parameters('path');
  const query = parameters('query');
  const body = operation.requestBody?.content['application/json']?.schema;
  return object({
    ...(path && { path }),
    ...(query && { query }),
    ...(body && { body: local(body) }),
    answer: answer(operation),
  });
}

function answer(operation: DocumentedOperation): unknown {
  const schemas = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) => content?.['application/json']?.schema ?? []);
  if (schemas.length === 0) return { type: 'null' };
  return local(schemas.length === 1 ? schemas[0] : { anyOf: schemas });
}

function object(properties: Schema, required = Object.keys(properties)): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** The schema with references as JSON Schema has them; a schema that allows anything becomes `unknown`. */
function local(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(local);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.keys(value).every((key) => key === 'description')) {
    return { ...value, tsType: 'unknown' };
  }
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === '$ref') return [key, String(inner).replace(REFERENCE, '#/$defs/')];
    return [key, key === 'properties' ? localProperties(inner as Schema) : local(inner)];
  });
  return Object.fromEntries(entries);
}

function localProperties(properties: Schema): Schema {
  const entries = Object.entries(properties).map(([name, schema]) => [name, local(schema)]);
  return Object.fromEntries(entries);
}

/** Leaves an unchanged file alone, so that nothing that watches it starts. */
async function writeChanged(path: string, content: string): Promise<void> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known === content) return;
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
}
