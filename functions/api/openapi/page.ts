import { createHash } from 'node:crypto';
import { escapeHtml } from '#core/html';
import type { Json } from '#functions/api/openapi/components';
import type {
  DocumentedAnswer,
  DocumentedOperation,
  OpenApiDocument,
} from '#functions/api/openapi/document-types';
import { paragraphs } from '#functions/api/openapi/html';
import type { Parameter } from '#functions/api/openapi/parameters';
import { renderFields, renderType } from '#functions/api/openapi/schema-html';
import { STYLE } from '#functions/api/openapi/style';

type Entry = {
  readonly path: string;
  readonly method: string;
  readonly operation: DocumentedOperation;
};

/**
 * The document as one page that needs nothing else: no script, no font, no picture.
 *
 * @returns the policy, too, which lets a browser load nothing but the page's own style
 */
export function renderPage(document: OpenApiDocument): {
  readonly html: string;
  readonly contentSecurityPolicy: string;
} {
  const { info, tags } = document;
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(info.title)} API</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>${escapeHtml(info.title)} API</h1>
<p class="quiet">Version ${escapeHtml(info.version)} · <a href="/api/openapi.json">openapi.json</a></p>
</header>
<div class="columns">
<nav aria-label="Operations" tabindex="0">
<details class="menu"><summary>All operations</summary>${groups.map(menu).join('')}
<p><a href="#schemas">Schemas</a></p></details>
</nav>
<main id="content">
${paragraphs(info.description)}
${groups.map((group) => section(group, document)).join('')}
<section id="schemas"><h2>Schemas</h2>
${Object.entries(document.components.schemas).map(schemaSection).join('')}
</section>
</main>
</div>
</body>
</html>
`;
  return { html, contentSecurityPolicy: POLICY };
}

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Group = {
  readonly name: string;
  readonly description: string;
  readonly entries: readonly Entry[];
};

function menu({ name, entries }: Group): string {
  const links = entries.map(
    ({ operation, method }) =>
      `<li><a href="#${operation.operationId}"><span class="verb ${method}">${method}</span> ${escapeHtml(operation.summary)}</a></li>`,
  );
  return `<p class="group">${escapeHtml(name)}</p><ul>${links.join('')}</ul>`;
}

function section({ name, description, entries }: Group, document: OpenApiDocument): string {
  return `<section><h2>${escapeHtml(name)}</h2>${paragraphs(description)}
${entries.map((entry) => article(entry, document)).join('')}</section>`;
}

function article({ path, method, operation }: Entry, document: OpenApiDocument): string {
  const { operationId, summary, description = '', parameters = [], requestBody } = operation;
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return `<article id="${operationId}">
<h3><a href="#${operationId}">${escapeHtml(summary)}</a></h3>
<p class="route"><span class="verb ${method}">${method}</span> <code>${breakable(path)}</code></p>
${paragraphs(description)}
<p class="quiet">${escapeHtml(access(operation))}</p>
${parameterList(parameters)}
${content ? `<h4>Body${requestBody?.required ? '' : ' <span class="quiet">optional</span>'}</h4>${renderFields(content.schema)}` : ''}
<h4>Example</h4>
${code(requestExample({ path, method, operation }, document.servers[0]?.url ?? '', type, content?.example))}
${Object.entries(operation.responses).map(answer).join('')}
</article>`;
}

function access({ security }: DocumentedOperation): string {
  if (security === undefined) return 'Needs an access token.';
  if (security.length === 0) return 'Needs no access token.';
  const names = security.flatMap((one) => Object.keys(one));
  return `Needs what the agent's auth asks for: ${names.join(', ')}, or nothing.`;
}

function parameterList(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const items = parameters.map(
    ({ name, in: place, required, description = '', schema }) =>
      `<dt><code>${escapeHtml(name)}</code> <span class="type">${renderType(schema)}</span> <span class="quiet">${place}${required ? ', required' : ''}</span></dt><dd>${escapeHtml(description)}${defaultOf(schema)}</dd>`,
  );
  return `<h4>Parameters</h4><dl>${items.join('')}</dl>`;
}

function defaultOf({ default: value }: Json): string {
  return value === undefined
    ? ''
    : ` <span class="quiet">Default: ${escapeHtml(JSON.stringify(value))}.</span>`;
}

/** The example as a command that can be pasted. */
function requestExample(
  { path, method, operation }: Entry,
  server: string,
  type: string | undefined,
  body: unknown,
): string {
  const { parameters = [], security } = operation;
  const given = (place: Parameter['in']) =>
    parameters.filter((one) => one.in === place && one.example !== undefined);
  const filled = path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => `${given('path').find((one) => one.name === name)?.example ?? name}`,
  );
  const query = new URLSearchParams(
    Object.fromEntries(given('query').map((one) => [one.name, `${one.example}`])),
  );
  const address = `${server}${filled}${query.size > 0 ? `?${query}` : ''}`;
  const headers = [
    ...(security === undefined ? ['Authorization: Bearer $TOKEN'] : []),
    ...(security?.length ? ['X-Webhook-Secret: $SECRET'] : []),
    ...given('header').map((one) => `${one.name}: ${one.example}`),
    ...(body === undefined ? [] : [`Content-Type: ${type}`]),
  ];
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "${address}"`,
    ...headers.map((header) => `  -H "${header.replaceAll('"', '\\"')}"`),
    ...(body === undefined ? [] : [`  -d '${JSON.stringify(body, null, 2)}'`]),
  ].join(' \\\n');
}

function answer([status, { description = '', content = {}, headers = {} }]: [
  string,
  DocumentedAnswer,
]): string {
  const [type, first] = Object.entries(content)[0] ?? [];
  const isError = Number(status) >= 400;
  const told = Object.entries(headers).map(
    ([name, { description: text }]) =>
      `<dt><code>${escapeHtml(name)}</code> <span class="quiet">header</span></dt><dd>${escapeHtml(String(text))}</dd>`,
  );
  const inner = [
    told.length > 0 ? `<dl>${told.join('')}</dl>` : '',
    first && !isError ? renderFields(first.schema) : '',
    first ? code(exampleText(first.example, type)) : '',
  ].join('');
  const title = `<span class="status ${isError ? 'error' : 'fine'}">${status}</span> ${escapeHtml(description)}`;
  if (inner === '') return `<p class="answer">${title}</p>`;
  return `<details class="answer"${isError ? '' : ' open'}><summary>${title}</summary>${inner}</details>`;
}

function exampleText(example: unknown, type: string | undefined): string {
  return type === 'application/json' ? JSON.stringify(example, null, 2) : String(example);
}

function schemaSection([name, schema]: [string, Json]): string {
  return `<article id="schema-${escapeHtml(name)}"><h3><a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a></h3>${renderFields(schema)}</article>`;
}

/** May be broken behind each slash, so that long paths fit on a telephone. */
function breakable(path: string): string {
  return escapeHtml(path).replaceAll('/', '/<wbr>');
}

function code(text: string): string {
  return `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>`;
}
