/** Where the site's own files are. */
export type Assets = { readonly style: string; readonly script: string };

/** A page of the site. */
export type Page = {
  /** Shown in the browser's tab, before the product's name. */
  readonly title: string;
  /** For search engines and previews. */
  readonly description: string;
  /** The main part, HTML. */
  readonly main: string;
  /** Which entry of the navigation the page belongs to. */
  readonly section?: 'docs';
};

const NAME = 'CrucibAI Agents';

/** A whole page around its main part: head, navigation, footer. */
export function renderPage({ title, description, main, section }: Page, assets: Assets): string {
  const full = title === NAME ? `${NAME}: build apps agentically` : `${title} · ${NAME}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(full)}</title>
<meta name="description" content="${escapeHtml(description)}">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
<script src="/theme.js"></script>
<script src="${assets.script}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${header(section)}
${main}
${FOOTER}
</body>
</html>
`;
}

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function header(section: Page['section']): string {
  const current = (name: Page['section']) => (name === section ? ' aria-current="true"' : '');
  return `<header class="top">
<a class="brand" href="/"><img src="/favicon.svg" alt="" width="22" height="22"> ${NAME}</a>
<nav aria-label="Main">
<a href="/#features" class="wide">Features</a>
<a href="/#templates" class="wide">Templates</a>
<a href="/#pricing" class="wide">Pricing</a>
<a href="/docs"${current('docs')}>Docs</a>
<button type="button" class="theme" hidden aria-label="Switch between light and dark"></button>
<a class="button" href="/app/agents">Open the app</a>
</nav>
</header>`;
}

const FOOTER = `<footer class="bottom">
<p>${NAME}. Build apps agentically. Run agents on your schedule and triggers.</p>
<nav aria-label="More">
<a href="/docs/first-agent">First agent</a>
<a href="/docs/templates">Templates</a>
<a href="/docs/triggers-and-actions">Triggers and actions</a>
<a href="/docs/webhook-security">Webhook security</a>
<a href="/docs/api">API reference</a>
<a href="/docs/changelog">Changelog</a>
<a href="/docs/roadmap">Roadmap</a>
<a href="/app/agents">App</a>
</nav>
</footer>`;
