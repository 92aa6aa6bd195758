type Scheme = 'secret' | 'standard-webhooks' | 'github' | 'stripe' | 'slack' | 'none';

/** A sample of the guide to webhook security: what calls a webhook, in one language. */
export type Sample = { readonly language: string; readonly code: string };

/**
 * What calls a webhook of a scheme, in every language that the guide shows.
 *
 * @param guide text of docs/guides/webhook-security.md
 */
export function samplesIn(guide: string, scheme: Scheme): readonly Sample[] {
  const section = guide.split(`\n### \`${scheme}\`\n`)[1]?.split('\n### ')[0] ?? '';
  return [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
}

/** What a sample is about. */
type Target = {
  readonly url: string;
  /** Undefined where there is none, or it is not known any more. */
  readonly secret?: string | undefined;
  /** What is sent, unless a provider says what it sends. */
  readonly payload: unknown;
};

/** What the guide sends where anything may be sent, in each language. */
const ANYTHING = /\{ ?"?email"?: ?["']ada@example\.com["'] ?\}/;

/** A sample that calls one webhook. */
export function sampleFor(
  { language, code: general }: Sample,
  { url, secret, payload }: Target,
): string {
  const code = general.replace(ANYTHING, () => literal(language, payload));
  if (language !== 'bash') {
    return code.replace(/process\.env\.WEBHOOK_URL|os\.environ\["WEBHOOK_URL"\]/, `'${url}'`);
  }
  const settings = [`WEBHOOK_URL='${url}'`];
  if (code.includes('WEBHOOK_SECRET')) settings.push(`WEBHOOK_SECRET='${secret ?? '…'}'`);
  return `${settings.join('\n')}\n\n${code}`;
}

/** A value of JSON as a language writes it; in bash, within single quotes. */
function literal(language: string, value: unknown): string {
  const json = JSON.stringify(value);
  if (language === 'bash') return json.replaceAll("'", `'\\''`);
  return language === 'python' ? pythonLiteral(value) : json;
}

function pythonLiteral(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}: ${pythonLiteral(inner)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** Where the address and the secret go, for providers that call and sign by themselves. */
export function providerHint(scheme: Scheme): string | undefined {
  const hints: Partial<Record<Scheme, string>> = {
    github: 'In the repository: Settings, Webhooks, Add webhook; content type application/json.',
    stripe:
      'In Stripe: Developers, Webhooks, Add endpoint; then set the signing secret it shows here.',
    slack: 'In your Slack app: Event Subscriptions; the signing secret is under Basic Information.',
  };
  return hints[scheme];
}
