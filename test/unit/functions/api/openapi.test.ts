import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import type { ApiDeps } from '#functions/api/deps';
import { openApiDocument } from '#functions/api/openapi/document';
import { examples } from '#functions/api/openapi/examples';
import { renderPage } from '#functions/api/openapi/page';
import { allOperations } from '#functions/api/operations';

// Only handling a call needs its dependencies.
const operations = allOperations({} as ApiDeps);
const document = openApiDocument(operations, {
  url: 'https://api.example.com',
  version: '1.2.3',
});
const documented = Object.values(document.paths).flatMap((methods) => Object.values(methods));

/** Where a schema names fields of an object, and takes others, too. Schemas may hold themselves. */
function openObjects(schema: unknown, path: string, within: readonly unknown[] = []): string[] {
  if (typeof schema !== 'object' || schema === null || within.includes(schema)) return [];
  const inside = [...within, schema];
  const { $ref, properties, additionalProperties } = schema as Record<string, unknown>;
  if (typeof $ref === 'string') {
    return openObjects(document.components.schemas[$ref.split('/').at(-1) ?? ''], path, inside);
  }
  const open = Object.entries(schema).flatMap(([name, inner]) =>
    openObjects(inner, `${path}.${name}`, inside),
  );
  return properties && additionalProperties !== false ? [path, ...open] : open;
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const result = await new Validator().validate(structuredClone(document));

    expect(result).toEqual({ valid: true });
  });

  it('names every operation once', () => {
    const ids = documented.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(
      [...operations.map(({ id }) => id), 'deliverWebhook'].toSorted(),
    );
  });

  it('has no example of an operation that is not there', () => {
    const ids = documented.map(({ operationId }) => operationId);
    expect(Object.keys(examples).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, ref]) => ref,
    );
    const known = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );
    expect(names.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  it('refuses fields that it does not name, wherever they stand in a body', () => {
    const open = documented.flatMap(({ operationId, requestBody }) =>
      openObjects(requestBody?.content['application/json']?.schema, operationId),
    );
    expect(open).toEqual([]);
  });

  it('says which operations need no token', () => {
    const open = documented.filter(
      ({ security }) => security !== undefined && !security.some((one) => 'bearer' in one),
    );
    expect(open.map(({ operationId }) => operationId)).toEqual([
      'listTemplates',
      'getTemplate',
      'readLinkedApproval',
      'decideLinkedApproval',
      'getHealth',
      'getOpenApi',
      'getDocs',
      'deliverWebhook',
    ]);
  });
});

describe.each(operations.map((operation) => [operation.id, operation] as const))(
  'the example of %s',
  (id, { path, query, body, answers }) => {
    const example = examples[id];

    it('is a request that is accepted', () => {
      const given = Object.fromEntries(
        Object.entries(example?.query ?? {}).map(([name, value]) => [name, String(value)]),
      );
      expect(query.safeParse(given).error?.issues).toBeUndefined();
      expect(body?.safeParse(example?.body).error?.issues).toBeUndefined();
      expect(body === undefined).toBe(example?.body === undefined);
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(example?.params ?? {})).toEqual(names);
    });

    it('has each answer with a body, as it is answered', () => {
      const expected = Object.entries(answers).filter(([, { schema }]) => schema !== undefined);
      expect(Object.keys(example?.answers ?? {})).toEqual(expected.map(([status]) => status));
      for (const [status, { schema }] of expected) {
        const answer = example?.answers[Number(status)];
        expect(schema?.safeParse(answer).error?.issues).toBeUndefined();
      }
    });
  },
);

describe('the readable page', () => {
  const { html, contentSecurityPolicy } = renderPage(document);

  it('shows every operation', () => {
    for (const { operationId } of documented)
      expect(html).toContain(`<article id="${operationId}">`);
  });

  it('loads nothing, and its policy lets it load nothing', () => {
    expect(html).not.toMatch(/<(script|link|img|iframe)|\ssrc=|url\(|@import/i);
    expect(contentSecurityPolicy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  });

  it('leads to no place that is not on it', () => {
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !html.includes(`id="${target}"`))).toEqual([]);
  });
});
