import { expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { apiClient } from '#test/helpers/api-client';
import { visit } from '#test/helpers/browser/session';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const SECRET = 'a-token-that-nobody-sees';
const service = await startReceiver();
service.answer(({ path, headers }) => {
  if (path === '/health') return { status: 200 };
  if (path === '/nowhere') return { status: 404 };
  return headers.authorization === `Bearer ${SECRET}` ? { body: { ok: true } } : { status: 401 };
});
const product = await startProduct({ receivers: [service] });

/** An agent that works, one that fails, and a run of each. */
async function twoAgents(user: string) {
  const owner = await product.api(user);
  const agent = (name: string, url: string) =>
    owner.create({
      name,
      trigger_config: { type: 'manual' },
      settings: { retry: { max_attempts: 1 } },
      actions: [{ id: 'ask', type: 'http', config: { url } }],
    });
  const works = await agent('Health check', `${service.url}/health`);
  const fails = await agent('Broken check', `${service.url}/nowhere`);
  const runIds: string[] = [];
  for (const { id } of [works, fails]) {
    const { body } = await owner.post(`/api/agents/${id}/run`, {});
    runIds.push(body.run_id);
    await owner.finished(body.run_id);
  }
  return { owner, works, fails, runIds };
}

it('shows what was spent and what is left, entry by entry', async () => {
  const { owner, runIds } = await twoAgents('spender');
  const { body: usage } = await owner.get('/api/usage');
  const { page, open } = await visit(product, { user: 'spender' });
  await open('/app/usage');
  await page.getByText('Pro plan').waitFor();
  const balance = new Intl.NumberFormat('en').format(usage.credits.balance);
  await page.getByText(balance, { exact: true }).first().waitFor();
  await page.getByText('Runs this month').waitFor();
  await page.getByText('Numbers').click();
  const days = page.getByRole('table', { name: 'Credits spent a day' }).getByRole('row');
  await days.nth(14).waitFor();
  const spent = 500_000 - usage.credits.balance;
  expect(spent).toBeGreaterThan(0);
  expect((await days.last().innerText()).split(/\s+/).at(-1)).toBe(String(spent));
  const ledger = page.getByRole('table', { name: 'Ledger' });
  await ledger.getByText('Granted').first().waitFor();
  const links = ledger.getByRole('link', { name: 'see the run' });
  const led = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(led).toEqual(expect.arrayContaining(runIds.map((runId) => `/app/runs/${runId}`)));
});

it('leaves nothing of theirs to whoever signs in after them', async () => {
  await twoAgents('first-person');
  const { page, context, open } = await visit(product, { isSignedOut: true });
  await open('/app/agents');
  const signIn = async (name: string) => {
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn('first-person');
  const own = page.getByRole('link', { name: 'Health check' });
  await own.waitFor();
  await page.getByRole('button', { name: 'Account: first-person' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(`${product.url}/`);
  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn('first-person');
  await own.waitFor();

  // A token that is refused ends the session, too.
  await context.route('**/api/agents/runs?*', (route) => route.fulfill({ status: 401, json: {} }));
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await context.unroute('**/api/agents/runs?*');
  // Whatever is shown before the API has answered was there before.
  await context.route('**/api/agents?*', () => {});
  await signIn('second-person');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await page.getByRole('button', { name: 'Account: second-person' }).waitFor();
  expect(await own.count()).toBe(0);
});

it('says when credits run low, and what to do', async () => {
  const accounts = await accountsOf(product);
  await accounts.user('frugal', 'free', 30);
  const { page, open } = await visit(product, { user: 'frugal' });
  await open('/app/usage');
  await page.getByText("30 of this month's 200 credits are left").waitFor();
});

it('shows how runs went, and leads from the agent that fails to its failed runs', async () => {
  const { fails } = await twoAgents('observer');
  const { page, open } = await visit(product, { user: 'observer' });
  await open('/app/observability');
  await page.getByText('50 %').waitFor();
  await page.getByText('1 of 1 failed').waitFor();
  const slow = page.getByRole('region', { name: 'Slowest agents' });
  await slow.getByText('Health check').waitFor();
  const machine = page.getByRole('region', { name: 'This machine' });
  await machine
    .getByRole('listitem')
    .filter({ hasText: /^Runs failed manual\d+$/ })
    .waitFor();
  await page
    .getByRole('region', { name: 'Most failing agents' })
    .getByRole('link', { name: 'Broken check' })
    .click();
  await page.waitForURL((url) => url.pathname.endsWith(fails.id));
  await page.getByRole('table', { name: 'Runs' }).getByText('Failed').waitFor();
});

it('shows how often an agent succeeded, beside it in the list', async () => {
  await twoAgents('counter');
  const { page, open } = await visit(product, { user: 'counter' });
  await open('/app/agents');
  await page
    .getByRole('row', { name: /Health check/ })
    .getByText('100 %')
    .waitFor();
  await page
    .getByRole('row', { name: /Broken check/ })
    .getByText('0 %', { exact: true })
    .waitFor();
});

it('lets an admin change a plan, suspend an account and give credits; nobody else', async () => {
  const customer = await product.api('customer');
  const { body: before } = await customer.get('/api/usage');
  const { page, open } = await visit(product, { user: 'operator', role: 'admin' });
  await open('/app/agents');
  await page.getByRole('link', { name: 'Admin' }).click();
  const notice = page.getByRole('region', { name: 'Notifications' });
  const credits = page.getByRole('region', { name: 'Credits', exact: true });
  const account = page.getByRole('region', { name: 'Account', exact: true });
  await credits.getByRole('textbox', { name: 'User' }).fill('customer');
  await credits.getByRole('spinbutton', { name: 'Amount' }).fill('250');
  await credits.getByRole('textbox', { name: 'Reason' }).fill('A gift');
  await page.getByRole('button', { name: 'Adjust credits' }).click();
  await notice.getByText(`customer has ${before.credits.balance + 250} credits now`).waitFor();

  await account.getByRole('textbox', { name: 'User' }).fill('customer');
  await page.getByRole('combobox', { name: 'State' }).selectOption('suspended');
  await page.getByRole('button', { name: 'Change account' }).click();
  await notice.getByText('The account of customer was changed').waitFor();
  const agent = await customer.create({
    name: 'Stopped',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'wait', type: 'delay', config: { seconds: 1 } }],
  });
  const refused = await customer.post(`/api/agents/${agent.id}/run`, {});
  expect(refused.status).toBe(403);

  const other = await visit(product, { user: 'customer' });
  await other.open('/app/usage');
  await other.page.getByText('A gift').waitFor();
  expect(await other.page.getByRole('link', { name: 'Admin' }).count()).toBe(0);
  await other.page.goto('/app/admin');
  await other.page.getByText('Only for admins').waitFor();
});

it('lets an admin pause all dispatch, after a question, and let it go on', async () => {
  const { page, open } = await visit(product, { user: 'operator', role: 'admin' });
  await open('/app/admin');
  const dispatch = page.getByRole('region', { name: 'Dispatch', exact: true });
  await dispatch.getByRole('textbox', { name: 'Reason' }).fill('The provider is down');
  await dispatch.getByRole('button', { name: 'Pause all dispatch' }).click();
  await page.getByRole('button', { name: 'Pause everything' }).click();
  await dispatch.getByText(/^Paused since .*: The provider is down$/).waitFor();
  await dispatch.getByRole('button', { name: 'Let dispatch go on' }).click();
  await dispatch.getByText(/^Running since/).waitFor();
});

it('shows an admin the internal automations, runs one, and lists the leads', async () => {
  const { page, open } = await visit(product, { user: 'operator', role: 'admin' });
  await open('/app/admin');
  const automations = page.getByRole('table', { name: 'Internal automations' });
  await automations.getByRole('link').nth(3).waitFor();
  await page.getByText('No leads yet').waitFor();
  const name = await automations.getByRole('link').first().innerText();
  await page.getByRole('button', { name: `Run ${name} now` }).click();
  await page.getByRole('heading', { name }).waitFor();
  await page.getByText('By hand').waitFor();
});

it('empties the mailbox and the Slack of this machine', async () => {
  const owner = await product.api('tidy');
  const { id } = await owner.create({
    name: 'Two messages',
    trigger_config: { type: 'manual' },
    actions: [
      {
        id: 'mail',
        type: 'email',
        config: {
          to: ['ada@example.com'],
          subject: 'Good news',
          body: `See ${product.url}/app/runs`,
        },
      },
      {
        id: 'chat',
        type: 'slack',
        config: { webhook_url: `${product.url}/local/slack/news`, text: 'Good news for all' },
      },
    ],
  });
  const { body } = await owner.post(`/api/agents/${id}/run`, {});
  await owner.finished(body.run_id);
  const { page, open } = await visit(product, { user: 'tidy' });
  await open('/app/mailbox');
  await page.getByText('Good news').first().click();
  await page.getByRole('link', { name: `${product.url}/app/runs` }).waitFor();
  await page.getByRole('button', { name: 'Empty' }).click();
  await page.getByText('No mail yet').waitFor();

  await page.getByRole('link', { name: 'Slack', exact: true }).click();
  await page.getByText('Good news for all').waitFor();
  await page.getByRole('button', { name: 'Empty' }).click();
  await page.getByText('No messages yet').waitFor();
  expect((await owner.get('/local/slack')).body.items).toEqual([]);
});

it('makes a connection, tests it, uses it in a step, and deletes it', async () => {
  const { page, open } = await visit(product, { user: 'connector' });
  await open('/app/connections');
  await page.getByText('No connections yet').waitFor();
  await page.getByRole('button', { name: 'New connection' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New connection' });
  const base = dialog.getByRole('textbox', { name: 'Base URL' });
  expect(await base.getAttribute('placeholder')).toBe('Default: https://slack.com/api');
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('http_bearer');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByRole('alert').getByText('3 fields need a change.').waitFor();
  const name = dialog.getByRole('textbox', { name: 'Name', exact: true });
  await dialog.locator('[aria-invalid=true]:focus').and(name).waitFor();
  await dialog.locator('[aria-invalid=true]').and(dialog.getByLabel('Token')).waitFor();

  await name.fill('Our CRM');
  await dialog.getByRole('alert').getByText('2 fields need a change.').waitFor();
  expect(await name.getAttribute('aria-invalid')).toBeNull();
  await dialog.getByLabel('Token').fill(SECRET);
  await dialog.getByRole('textbox', { name: 'Test URL' }).fill(`${service.url}/me`);
  await dialog.getByRole('textbox', { name: 'Allowed hosts 1' }).fill(service.url);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  const row = page.getByRole('row', { name: /Our CRM/ });
  await row.getByRole('button', { name: 'Test', exact: true }).click();
  await row.getByText('Works', { exact: true }).waitFor();
  expect(await page.content()).not.toContain(SECRET);

  await open('/app/agents/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('CRM reader');
  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /HTTP request/ }).click();
  await page.getByRole('textbox', { name: 'URL', exact: true }).fill(`${service.url}/people`);
  await page.getByRole('combobox', { name: 'Connection' }).selectOption({ label: 'Our CRM' });
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByText('Succeeded').first().waitFor();
  expect((await service.got('/people'))[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  expect(await page.content()).not.toContain(SECRET);

  await open('/app/connections');
  await page.getByRole('button', { name: 'Delete Our CRM' }).click();
  await page
    .getByRole('alertdialog', { name: 'Delete “Our CRM”?' })
    .getByRole('button', { name: 'Delete' })
    .click();
  await page.getByText('No connections yet').waitFor();
});

it('makes an API key, shows it once, and removes it, so that it is refused', async () => {
  const { page, open } = await visit(product, { user: 'programmer', width: 390, height: 844 });
  await open('/app/agents');
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'API keys' }).click();
  await page.getByText('No API keys yet').waitFor();
  await page.getByRole('button', { name: 'New API key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await dialog.locator('[aria-invalid=true]').first().waitFor();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Nightly import');
  await dialog.getByRole('combobox', { name: 'Expires' }).selectOption({ label: 'In 30 days' });
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const fresh = page.getByRole('region', { name: 'Your new API key' });
  await fresh.getByRole('button', { name: 'Copy key' }).waitFor();
  const key = (await fresh.locator('pre').innerText()).trim();
  expect(key).toMatch(/^crk_/);
  const program = apiClient(product.url, key);
  expect((await program.get('/api/agents')).status).toBe(200);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);

  await page.reload();
  const row = page.getByRole('row', { name: /Nightly import/ });
  await row.getByText(`…${key.slice(-4)}`).waitFor();
  await row.getByText('in 30 days').waitFor();
  expect(await page.content()).not.toContain(key);
  await page.getByRole('button', { name: 'Delete Nightly import' }).click();
  await page
    .getByRole('alertdialog', { name: 'Delete “Nightly import”?' })
    .getByRole('button', { name: 'Delete' })
    .click();
  await page.getByText('No API keys yet').waitFor();
  expect((await program.get('/api/agents')).status).toBe(401);
});

it('says that a connection does not work, and why; a new secret mends it', async () => {
  const owner = await product.api('forgetful');
  const made = await owner.post('/api/connections', {
    kind: 'http_bearer',
    name: 'Old key',
    settings: { test_url: `${service.url}/me` },
    secret: { token: 'expired-long-ago' },
    allowed_hosts: [service.url],
  });
  expect(made.status).toBe(201);
  const { page, open } = await visit(product, { user: 'forgetful' });
  await open('/app/connections');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('Does not work').waitFor();
  await page
    .getByRole('region', { name: 'Notifications' })
    .getByText(/Old key: .*401/)
    .waitFor();

  await page.getByRole('button', { name: 'Change Old key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change “Old key”' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('New key');
  await dialog.getByLabel('Token').fill(SECRET);
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row', { name: /New key/ });
  await row.getByRole('button', { name: 'Test', exact: true }).click();
  await row.getByText('Works', { exact: true }).waitFor();

  // Without a secret in the form, the one that it has stays.
  await page.getByRole('button', { name: 'Change New key' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Same key');
  await page.getByRole('button', { name: 'Save' }).click();
  const same = page.getByRole('row', { name: /Same key/ });
  await same.getByRole('button', { name: 'Test', exact: true }).click();
  await same.getByText('Works', { exact: true }).waitFor();
});
