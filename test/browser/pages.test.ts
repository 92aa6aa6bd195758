import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '#test/helpers/browser/axe';
import { type Visit, visit } from '#test/helpers/browser/session';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';

/** A cumulative layout shift up to this is called good by the Web Vitals. */
const GOOD_SHIFT = 0.1;

/** Runs in the page: colours may fade into one another, those inside of others after them. */
const TURNED_DARK = `(async () => {
  for (;;) {
    const fading = document.getAnimations().filter((one) => one instanceof CSSTransition);
    if (fading.length === 0) return;
    await Promise.allSettled(fading.map((one) => one.finished));
  }
})()`;
const RULES_ON_COLOUR = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Runs in the page, before anything of it: adds up how far things moved that nobody had touched. */
const WATCH_SHIFTS = `
  globalThis.layoutShift = 0;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (!hadRecentInput) globalThis.layoutShift += value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
`;

const product = await startProduct();
const alice = await product.api('alice');
const { agentId, runId } = await someHistory();

const pages = [
  '/app/agents',
  '/app/agents/new',
  `/app/agents/${agentId}`,
  `/app/agents/${agentId}?tab=steps`,
  `/app/agents/${agentId}?tab=runs`,
  `/app/agents/${agentId}?tab=settings`,
  `/app/agents/${agentId}/edit`,
  '/app/runs',
  `/app/runs/${runId}`,
  '/app/approvals',
  '/app/templates',
  '/app/templates/invoice-approval',
  '/app/connections',
  '/app/keys',
  '/app/usage',
  '/app/observability',
  '/app/admin',
  '/app/mailbox',
  '/app/slack',
  '/approve',
  '/',
  '/docs',
  '/docs/webhook-security',
  '/docs/api',
  '/app/nowhere',
];

describe('every page', () => {
  const wide: string[] = [];
  const jumping: string[] = [];
  const barred: string[] = [];

  // Each is loaded once, on a telephone, and then looked at in other widths and colours.
  beforeAll(async () => {
    const visitor = await visit(product, { role: 'admin', width: 390, height: 844 });
    const { page, context } = visitor;
    await context.addInitScript(WATCH_SHIFTS);
    for (const path of pages) {
      await visitor.open(path);
      await settled(visitor);
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (width > 390) wide.push(`${path}: ${width}`);
      const shift = Number(await page.evaluate('globalThis.layoutShift'));
      if (shift > GOOD_SHIFT) jumping.push(`${path}: ${shift}`);
      await page.setViewportSize({ width: 1_440, height: 900 });
      if (path.endsWith('/new')) {
        await page.getByRole('button', { name: 'JSON' }).first().click();
        await page.getByRole('textbox', { name: 'Agent as JSON' }).waitFor();
      }
      if (path.endsWith('/edit'))
        await page.getByRole('button', { expanded: false }).nth(1).click();
      for (const problem of await barriers(page)) barred.push(`${path}: ${problem}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.evaluate(TURNED_DARK);
      // The same elements in other colours.
      for (const problem of await barriers(page, RULES_ON_COLOUR)) {
        barred.push(`${path}, dark: ${problem}`);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 390, height: 844 });
    }
  }, 180_000);

  it('has no serious barrier in light and dark, in the eyes of axe', () => {
    expect(barred).toEqual([]);
  });

  it('fits a telephone: none is wider than 390 pixels', () => {
    expect(wide).toEqual([]);
  });

  it('stands still while it loads', () => {
    expect(jumping).toEqual([]);
  });
});

it('loads the list of agents with less than 250 KB of compressed script', async () => {
  const { page, open } = await visit(product);
  const scripts = new Map<string, number>();
  page.on('requestfinished', async (request) => {
    if (request.resourceType() !== 'script') return;
    const response = await request.response();
    const body = await response?.body();
    scripts.set(request.url(), gzipSync(body ?? '').length);
  });
  await open('/app/agents');
  await page.getByText('Greeter').waitFor();
  await page.waitForLoadState('load');
  const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes, JSON.stringify([...scripts], null, 1)).toBeLessThan(250_000);
});

it('reaches the content by keyboard, past the navigation', async () => {
  const { page, open } = await visit(product);
  await open('/app/agents');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toMatch(/New agent/);
});

it('says that the server has a problem, and loads when it is over', async () => {
  const { page, context, open } = await visit(product);
  await context.route('**/api/agents?*', (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/json',
      body: '{"error":{"code":"internal","message":"Something went wrong on our side.","request_id":"req-1"}}',
    }),
  );
  await open('/app/agents');
  await page.getByText('Something went wrong on our side.').waitFor();
  await page.getByText('Request req-1').waitFor();
  await context.unroute('**/api/agents?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'Greeter' }).waitFor();
});

it('says that it is offline, keeps what it shows, and takes a switch back that was not saved', async () => {
  const { page, context, open } = await visit(product);
  await open('/app/agents');
  const toggle = page.getByRole('switch', { name: 'Greeter is on' });
  await toggle.waitFor();
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await toggle.click();
  await page
    .getByRole('region', { name: 'Notifications' })
    .getByText('“Greeter” was not switched off')
    .waitFor();
  await eventually(async () => expect(await toggle.getAttribute('aria-checked')).toBe('true'));
  await context.setOffline(false);
  await toggle.click();
  await page.getByRole('region', { name: 'Notifications' }).getByText('“Greeter” is off').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('region', { name: 'Notifications' }).getByText('“Greeter” is on').waitFor();
});

it('does not lose what somebody else changed meanwhile, and saves over it when told to', async () => {
  const owner = await product.api('two-tabs');
  const { id } = await owner.create({
    name: 'Shared',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'wait', type: 'delay', config: { seconds: 1 } }],
  });
  const { page, open } = await visit(product, { user: 'two-tabs' });
  await open(`/app/agents/${id}/edit`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Mine');
  await owner.request('PATCH', `/api/agents/${id}`, { name: 'Theirs' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/^Not saved: the agent was changed elsewhere/).waitFor();
  expect((await owner.get(`/api/agents/${id}`)).body.name).toBe('Theirs');
  await page.getByRole('button', { name: 'Save over it' }).click();
  await page.getByRole('heading', { name: 'Mine' }).waitFor();
  expect((await owner.get(`/api/agents/${id}`)).body).toMatchObject({ name: 'Mine', version: 3 });
});

it('makes an agent of a template', async () => {
  const { page, open } = await visit(product, { user: 'template-user' });
  await open('/app/agents');
  await page.getByRole('link', { name: 'Start from a template' }).click();
  await page.getByRole('link', { name: 'Contact form to e-mail' }).click();
  await page.getByRole('textbox', { name: 'Agent name' }).fill('My contact form');
  const addresses = page.getByRole('textbox', { name: 'Recipients 1' });
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByRole('alert').getByText('One field needs a change.').waitFor();
  await page.getByText('Give at least one.').waitFor();
  await page.locator('[aria-invalid=true]:focus').and(addresses).waitFor();
  await addresses.fill('me@example.com');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByRole('heading', { name: 'My contact form' }).waitFor();
  await page.getByText('Copy it now').waitFor();

  await open('/app/templates/status-page-checker');
  await page.getByRole('textbox', { name: 'Page to check' }).fill('https://www.example.com/health');
  await page
    .getByRole('textbox', { name: 'Slack webhook URL' })
    .fill(`${product.url}/local/slack/status`);
  await page.getByRole('button', { name: 'Mondays at 9' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/London');
  await page.getByRole('list', { name: 'Next runs' }).waitFor();
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByText('Mondays at 09:00').first().waitFor();
});

it('offers the connections that a template can use, and the way to make one', async () => {
  const owner = await product.api('uploader');
  const bot = { kind: 'slack_bot', name: 'Our bot', secret: { token: 'xoxb-not-a-real-one' } };
  expect((await owner.post('/api/connections', bot)).status).toBe(201);
  const { page, context, open } = await visit(product, { user: 'uploader' });
  await open('/app/templates/youtube-poster');
  const choice = page.getByRole('combobox', { name: 'Connection' });
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Make one in a new tab' }).click();
  const dialog = (await opened).getByRole('dialog', { name: 'New connection' });
  const kind = dialog.getByRole('combobox', { name: 'Kind' });
  await kind.waitFor();
  expect(await kind.inputValue()).toBe('google_oauth');
  const text = (name: string) => dialog.getByLabel(name, { exact: true });
  await text('Name').fill('Our channel');
  await text('Client ID').fill('123.apps.example.com');
  await text('Client secret').fill('not-a-real-secret');
  await text('Refresh token').fill('not-a-real-token');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.waitFor({ state: 'hidden' });
  // Nothing is too fresh to be asked for again.
  await page.clock.install({ time: Date.now() + 60_000 });
  await page.evaluate('dispatchEvent(new Event("visibilitychange"))');
  await choice.selectOption({ label: 'Our channel' });
  expect(await choice.getByRole('option').allTextContents()).toEqual(['None', 'Our channel']);
});

/** An agent with two runs, one of them failed. */
async function someHistory(): Promise<{ agentId: string; runId: string }> {
  const { id } = await alice.create({
    name: 'Greeter',
    description: 'Greets people.',
    trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
    settings: { retry: { max_attempts: 1 } },
    actions: [
      {
        id: 'greet',
        type: 'slack',
        config: {
          webhook_url: `${product.url}/local/slack/greetings`,
          text: 'Hello {{trigger.body.name}}',
        },
      },
    ],
  });
  const runs: string[] = [];
  for (const body of [{ name: 'Ada' }, {}]) {
    const answer = await alice.post(`/api/agents/${id}/run`, body);
    runs.push(answer.body.run_id);
  }
  for (const run of runs) await alice.finished(run);
  return { agentId: id, runId: runs[1] ?? '' };
}

/** Waits until nothing is loaded any more. */
async function settled({ page }: Visit): Promise<void> {
  await eventually(async () => expect(await page.locator('[aria-busy=true]').count()).toBe(0));
  await page.waitForLoadState('load');
}
