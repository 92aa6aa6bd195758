import type { Json } from '#functions/api/openapi/components';
import type { Parameter } from '#functions/api/openapi/parameters';

/** An operation as the document has it. */
export type DocumentedOperation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Json[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
};

/** An answer as the document has it. */
export type DocumentedAnswer = {
  readonly description?: string;
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, Json>>;
};

/** A body by its media type. */
type Content = Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>>;

/** An OpenAPI 3.1 document of ours. */
export type OpenApiDocument = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly securitySchemes: Json;
  };
};
