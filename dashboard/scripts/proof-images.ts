/**
 * `npm run proof-images [address]`, while a fresh product runs there: the images of docs/proof/dashboard, of a user
 * with an agent that works, one that fails, and an approval that waits.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { apiOf, ready, startBrowser, visit } from './visitor.ts';

const base = process.argv[2] ?? 'http://localhost:3000';
const folder = join(import.meta.dirname, '../../docs/proof/dashboard');
const SECRET = 'a-secret-of-sixteen';
const api = await apiOf(base, 'ada', 'user');

type Image = {
  readonly name: string;
  readonly path: string;
  readonly width?: number;
  readonly height?: number;
  readonly isWhole?: boolean;
  readonly act?: (page: Page) => Promise<void>;
};

const { agentId, runId } = await fill();
const images: readonly Image[] = [
  { name: 'agents', path: '/app/agents' },
  { name: 'runs', path: '/app/runs' },
  { name: 'run-and-log', path: `/app/runs/${runId}`, height: 960, act: (page) => open(page) },
  { name: 'templates', path: '/app/templates' },
  { name: 'use-template', path: '/app/templates/invoice-approval' },
  { name: 'webhook', path: `/app/agents/${agentId}`, isWhole: true },
  { name: 'step-builder', path: `/app/agents/${agentId}/edit`, height: 2_300, act: testStep },
  { name: 'approvals-telephone', path: '/app/approvals', width: 390, height: 844, act: asked },
];
const browser = await startBrowser();
try {
  for (const image of images) await take(image);
} finally {
  await browser.close();
}

async function take({ name, path, width = 1_440, height = 900, isWhole, act }: Image) {
  const visitor = { base, user: 'ada', role: 'user', colorScheme: 'light' } as const;
  const page = await visit(browser, { ...visitor, width, height });
  await page.goto(path);
  await ready(page);
  await page
    .getByText(/^(Queued|Running)$/)
    .first()
    .waitFor({ state: 'hidden' });
  await act?.(page);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole ?? false });
  await page.context().close();
}

/** Opens the step that tells Slack. */
async function open(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Tell sales/ })
    .first()
    .click();
}

async function asked(page: Page): Promise<void> {
  await page.getByRole('article').waitFor();
}

async function testStep(page: Page): Promise<void> {
  await open(page);
  await page.getByRole('button', { name: 'Test this step' }).click();
  await page.getByText('Succeeded').waitFor();
}

/** The agents with their runs: three calls of the one, a refused call, and a run of the other that fails. */
async function fill(): Promise<{ agentId: string; runId: string }> {
  const { id } = await api('/api/agents', {
    name: 'Lead router',
    description: 'Sends new leads to the sales channel, and asks before it writes to large ones.',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: leadSteps(),
  });
  const amounts = [40, 90, 9_000];
  const runs: string[] = [];
  for (const amount of amounts) runs.push(await called(String(id), amount));
  await fetch(`${base}/api/agents/webhook/${id}`, {
    method: 'POST',
    headers: { 'x-webhook-secret': 'the-wrong-secret' },
  });
  const watcher = await api('/api/agents', {
    name: 'Price watcher',
    trigger_config: { type: 'schedule', cron_expression: '0 9 * * 1-5', timezone: 'Europe/London' },
    settings: { retry: { max_attempts: 1 } },
    actions: [slack('tell', 'Tell us', 'The price is {{trigger.body.price}}')],
  });
  await api(`/api/agents/${watcher['id']}/run`, {});
  return { agentId: String(id), runId: runs[1] ?? '' };
}

function leadSteps() {
  const labels = ['order', 'question', 'complaint'];
  const text = '{{trigger.body.message}}';
  const when = { left: '{{trigger.body.amount}}', op: 'greater_than', right: 1_000 };
  const message = 'Write to {{trigger.body.email}} about {{trigger.body.amount}}?';
  return [
    {
      id: 'about',
      name: 'What is it about?',
      type: 'run_agent',
      config: { agent_name: 'Classifier Agent', input: { text, labels } },
    },
    slack('tell', 'Tell sales', 'New {{steps.about.output.label}} of {{trigger.body.email}}'),
    {
      id: 'large',
      name: 'Is it a large one?',
      type: 'branch',
      config: {
        branches: [{ when, actions: [{ id: 'ask', type: 'approval', config: { message } }] }],
      },
    },
    {
      id: 'write',
      name: 'Write back',
      type: 'email',
      config: {
        to: ['{{trigger.body.email}}'],
        subject: 'We got your message',
        body: 'Thank you, we will call you today.',
      },
    },
  ];
}

function slack(id: string, name: string, text: string) {
  const webhook_url = `${base}/local/slack/sales`;
  return { id, name, type: 'slack', config: { webhook_url, text } };
}

/** Calls the webhook; the images wait for what becomes of it. */
async function called(id: string, amount: number): Promise<string> {
  const answer = await fetch(`${base}/api/agents/webhook/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-secret': SECRET },
    body: JSON.stringify({
      email: 'ada@example.com',
      message: 'I place an order for an engine.',
      amount,
    }),
  });
  const { run_id } = (await answer.json()) as { readonly run_id: string };
  return run_id;
}
