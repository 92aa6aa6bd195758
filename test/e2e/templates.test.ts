import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TemplateView } from '#core/api/template';
import { SAMPLE_CONNECTION } from '#templates/parameters';
import { agentTemplates } from '#templates/registry';
import { type ApiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { type Received, type ReceiverAnswer, startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');

const PAGE = `<!doctype html><title>What is new</title><main><h1>What is new</h1>
<p>The harbour opens again in spring after three years of work on its walls.</p>
<p>The council has agreed on a new line of trams between the harbour and the old town.</p>
<p class="lead">Acme, a logistics company, looks for partners.</p><p class="lead">Beta bakes bread.</p>
<p>Today it costs <span class="price">$12.50</span> only.</p></main>`;

const VIDEO = Buffer.from('a very short video');

const FEED = `<?xml version="1.0"?><rss version="2.0"><channel><title>Our blog</title>
<item><title><![CDATA[We ship rockets]]></title><link>https://blog.example.com/1</link></item>
<item><title>We hire</title></item></channel></rss>`;

const ORDERS = [
  { order: 'A-1001', total: 49.9 },
  { order: 'A-1002', total: 12 },
];

/** Entries for yesterday, today and tomorrow: a run may go on past midnight. */
function calendar() {
  const day = (ahead: number) =>
    new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  return [-1, 0, 1].map((ahead) => ({
    date: day(ahead),
    title: 'Spring at the harbour',
    notes: 'The harbour opens again in spring after three years of work.',
  }));
}

/** What Google answers to an upload of that video, and to a new row. */
function googleAnswer({ path, headers }: Received): ReceiverAnswer | undefined {
  if (path === '/token') return { body: { access_token: 'ya29.a-token', expires_in: 3_599 } };
  if (path.startsWith('/v4/spreadsheets/')) {
    return { body: { updates: { updatedRange: 'Sheet1!A2:D2', updatedRows: 1 } } };
  }
  if (path.startsWith('/upload/youtube/')) {
    return { headers: { location: `${receiver.url}/session` } };
  }
  if (path === '/session') {
    const isWhole = headers['content-range'] === `bytes 0-${VIDEO.length - 1}/${VIDEO.length}`;
    return isWhole ? { body: { id: 'dQw4w9WgXcQ' } } : { status: 400 };
  }
  if (!path.endsWith('.mp4')) return undefined;
  return { headers: { 'content-type': 'video/mp4' }, body: VIDEO };
}

/** What the outside world answers; everything else is fine with it. */
receiver.answer((request: Received): ReceiverAnswer => {
  const { path } = request;
  const google = googleAnswer(request);
  if (google !== undefined) return google;
  if (path.startsWith('/down')) return { status: 503, body: 'out of order' };
  if (path.startsWith('/incidents/')) return { body: { status: 'open' } };
  if (path === '/feed.xml') {
    return { headers: { 'content-type': 'application/rss+xml' }, body: FEED };
  }
  if (path === '/orders') return { body: ORDERS };
  if (path === '/calendar.json') return { body: calendar() };
  if (path === '/page') return { headers: { 'content-type': 'text/html' }, body: PAGE };
  return { body: { ok: true } };
});

const { body: google } = await alice.post('/api/connections', {
  kind: 'google_oauth',
  name: 'Google',
  settings: { client_id: 'client', token_url: `${receiver.url}/token`, base_url: receiver.url },
  secret: { client_secret: 'client-secret', refresh_token: 'refresh-token' },
});

/** Sample values, with every address led to the receiver, also by the connection. */
function ledHere(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(SAMPLE_CONNECTION, google.id);
  return JSON.parse(text.replaceAll(/https:\/\/[a-z.]+(?=\/)/g, receiver.url));
}

type Made = {
  readonly id: string;
  readonly webhook_url: string | null;
  readonly trigger_config: {
    readonly type: string;
    readonly auth?: string;
    readonly secret?: string;
  };
};

/** Starts a run as the template's own trigger would. */
async function start(agent: Made, { example_trigger }: TemplateView) {
  const { type, auth, secret } = agent.trigger_config;
  if (type !== 'webhook') return alice.post(`/api/agents/${agent.id}/run`);
  const raw = JSON.stringify(ledHere(example_trigger));
  const signature = createHmac('sha256', secret ?? '')
    .update(raw)
    .digest('hex');
  const headers: Record<string, string> =
    auth === 'github'
      ? { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': 'one' }
      : { 'x-webhook-secret': secret ?? '' };
  return send(agent.webhook_url ?? '', 'POST', undefined, {
    raw,
    headers: { ...headers, 'content-type': 'application/json' },
  });
}

/** Waits for the end of a run, and approves whatever it asks on the way. */
async function finishedWith(user: ApiClient, runId: string) {
  return eventually(async () => {
    const { body } = await user.get(`/api/agents/runs/${runId}`);
    if (body.status === 'waiting_approval') {
      await user.post(`/api/agents/runs/${runId}/approve`, { comment: 'fine' });
    }
    if (!['success', 'failed', 'cancelled', 'rejected'].includes(body.status)) {
      throw new Error(`still ${body.status}`);
    }
    return body;
  }, 30);
}

/** Slugs of templates that end by sending something, and where it must arrive. */
const arrives = (path: string, part: string) => () =>
  eventually(() => {
    const there = receiver.requests.filter((request) => request.path === path);
    expect(there.map(({ body }) => body).join()).toContain(part);
  });
const mailed = (part: string) => () =>
  eventually(async () => {
    const { body } = await alice.get('/local/mailbox');
    expect(JSON.stringify(body.items)).toContain(part);
  });
const SLACK = '/services/T000/B000/XXXX';
const effects: Readonly<Record<string, () => Promise<void>>> = {
  'daily-digest': mailed('Your digest: What is new'),
  'lead-finder': arrives(SLACK, 'a logistics company'),
  'inbox-summarizer': mailed('In short: Our move'),
  'github-issue-triage': arrives(SLACK, '*bug*'),
  'weekly-report': mailed('Weekly report of'),
  'price-watch': mailed('The price is $12.50 now'),
  'status-page-checker': arrives(SLACK, 'does not answer'),
  'uptime-watch': arrives(SLACK, '/down: It answered 503.'),
  'feed-to-slack': arrives(SLACK, '• We ship rockets\\n• We hire'),
  'content-calendar': arrives(
    SLACK,
    'Draft for today: Spring at the harbour. The harbour opens again',
  ),
  'csv-export': async () => {
    await mailed('has 2 rows of')();
    const { body } = await alice.get('/local/mailbox');
    const mail = body.items.find(({ text }: { text: string }) => text.includes('has 2 rows of'));
    const file = await fetch(/\]\((\S+)\) has/.exec(mail.text)?.[1] ?? '');
    expect(await file.text()).toContain('A-1001,49.9');
  },
  'youtube-poster': arrives(SLACK, 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'),
  'form-to-sheet': async () => {
    await arrives(SLACK, 'row Sheet1!A2:D2')();
    const row = receiver.requests.find(({ path }) => path.includes(':append'));
    expect(row?.path).toContain('valueInputOption=RAW');
    expect(row?.json.values).toEqual([
      [expect.stringMatching(/^20/), 'Grace', 'grace@example.com', '=1+1 is what?'],
    ]);
  },
  'contact-form': mailed('Do you ship to Norway?'),
  'welcome-sequence': mailed('How is Acme going?'),
  'invoice-approval': arrives('/invoices', 'INV-17'),
  'refund-approval': arrives('/refunds', 'A-1001'),
  'failed-payment': mailed('did not go through'),
  'release-announcement': arrives(SLACK, 'v2.1.0'),
  'on-call-escalation': mailed('Nobody has taken it'),
  'webhook-relay': arrives('/hook', 'order.paid'),
};

describe.each(agentTemplates.map(({ slug }) => slug))('%s', (slug) => {
  it('becomes an agent that runs to its end and has its effect', async () => {
    const template: TemplateView = (
      await send(`${product.url}/api/agents/templates/${slug}`, 'GET')
    ).body;
    const overrides = ledHere(template.example);

    const made = await alice.post('/api/agents/from-template', { template_slug: slug, overrides });

    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const started = await start(made.body, template);
    expect(started.status).toBe(202);
    const run = await finishedWith(alice, started.body.run_id);
    expect(run.error_message).toBeNull();
    expect(run.status).toBe('success');
    await effects[slug]?.();
    expect(effects).toHaveProperty(slug);
  });
});

describe('the templates', () => {
  it('are read without an account, the list and each one', async () => {
    const { status, body } = await send(`${product.url}/api/agents/templates`, 'GET');

    expect(status).toBe(200);
    expect(body.items.map((one: { slug: string }) => one.slug)).toEqual(
      agentTemplates.map(({ slug }) => slug),
    );
    const unknown = await send(`${product.url}/api/agents/templates/none`, 'GET');
    expect(unknown.status).toBe(404);
  });

  it('make agents for who is signed in only, and only for them', async () => {
    const body = { template_slug: 'contact-form', overrides: { to: ['ada@example.com'] } };

    const anonymous = await send(`${product.url}/api/agents/from-template`, 'POST', body);
    const bob = await product.api('bob');
    const made = await bob.post('/api/agents/from-template', body);

    expect(anonymous.status).toBe(401);
    expect(made.status).toBe(201);
    expect(made.body.trigger_config.secret).not.toContain('*');
    expect((await alice.get(`/api/agents/${made.body.id}`)).status).toBe(404);
  });

  it('say what is wrong, by field', async () => {
    const wrong = await alice.post('/api/agents/from-template', {
      template_slug: 'contact-form',
      overrides: { to: ['nobody'], colour: 'red' },
    });
    const unknown = await alice.post('/api/agents/from-template', { template_slug: 'none' });

    expect(wrong.status).toBe(400);
    expect(wrong.body.error.details.fields.map((one: { path: string }) => one.path)).toEqual([
      'overrides.colour',
      'overrides.to[0]',
    ]);
    expect(unknown.body.error.message).toContain('contact-form');
  });
});
