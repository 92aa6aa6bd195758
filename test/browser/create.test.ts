import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { visit } from '#test/helpers/browser/session';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();

it('makes an agent with a schedule and a Slack step, runs it, and shows what happened', async () => {
  const { page, open } = await visit(product);
  await open('/app/agents');
  await page.getByRole('link', { name: 'New agent' }).first().click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Morning greeting');
  await page.getByRole('radio', { name: /Schedule/ }).click();
  await page.getByRole('button', { name: 'Weekdays at 9' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/London');
  await page.getByRole('list', { name: 'Next runs' }).getByRole('listitem').nth(4).waitFor();

  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /Slack message/ }).click();
  await page
    .getByRole('textbox', { name: 'Webhook URL' })
    .fill(`${product.url}/local/slack/greetings`);
  await page.getByRole('textbox', { name: 'Text' }).fill('Good morning from {{agent.name}}');
  await page.getByText('Good morning from Morning greeting').waitFor();
  await page.getByRole('button', { name: 'Create agent' }).click();

  await page.getByRole('heading', { name: 'Morning greeting' }).waitFor();
  expect(await page.getByText('Weekdays at 09:00').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByText('Succeeded').first().waitFor();
  await page
    .getByRole('list', { name: 'Log lines' })
    .getByText(/greeting|slack|step/i)
    .first()
    .waitFor();

  await page.getByRole('link', { name: 'Slack', exact: true }).click();
  await page.getByText('Good morning from Morning greeting').waitFor();
});

it('makes a webhook agent whose step uses the payload, and runs it when it is called', async () => {
  const { page, open } = await visit(product, { user: 'webhook-maker' });
  await open('/app/agents/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Lead router');
  await page.getByRole('radio', { name: /Webhook/ }).click();
  await page.getByRole('button', { name: 'Add to Sample payload' }).click();
  await page.getByRole('textbox', { name: 'Sample payload: name 1' }).fill('email');
  await page.getByRole('textbox', { name: 'Sample payload: value 1' }).fill('ada@example.com');
  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /Slack message/ }).click();
  await page.getByRole('textbox', { name: 'Webhook URL' }).fill(`${product.url}/local/slack/leads`);
  await page.getByRole('textbox', { name: 'Text' }).fill('New lead: ');
  await page.getByRole('button', { name: 'Insert data into Text' }).click();
  await page.getByRole('button', { name: /trigger\.body\.email/ }).click();
  await page.getByText('New lead: ada@example.com').waitFor();
  await page.getByRole('button', { name: 'Create agent' }).click();

  await page.getByText('Copy it now: it is not shown again.').waitFor();
  const curl = await page.locator('pre', { hasText: 'curl -X POST' }).innerText();
  const url = /curl -X POST '([^']+)'/.exec(curl)?.[1] ?? '';
  const secret = /X-Webhook-Secret: ([^']+)'/.exec(curl)?.[1] ?? '';
  const answer = await send(
    url,
    'POST',
    { email: 'grace@example.com' },
    {
      headers: { 'x-webhook-secret': secret },
    },
  );
  expect(answer.status).toBe(202);
  await open('/app/slack');
  await page.getByText('New lead: grace@example.com').waitFor();
  const refused = await send(
    url,
    'POST',
    {},
    { headers: { 'x-webhook-secret': 'wrong-secret-here' } },
  );
  expect(refused.status).toBe(401);
});

it('shows what the API refuses at the field, and nothing is lost', async () => {
  const { page, open } = await visit(product, { user: 'careless' });
  await open('/app/agents/new');
  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /HTTP request/ }).click();
  const url = page.getByRole('textbox', { name: 'URL', exact: true });
  await url.fill('not an address');
  const create = page.getByRole('button', { name: 'Create agent' });
  await create.click();
  await page.getByText('Not saved yet. Please change this:').waitFor();
  const name = page.getByRole('textbox', { name: 'Name', exact: true }).first();
  expect(await name.getAttribute('aria-invalid')).toBe('true');
  await name.fill('Careful now');
  await create.click();
  await page.locator('[aria-invalid=true]').and(url).waitFor();
  expect(await url.inputValue()).toBe('not an address');
  await url.fill('https://example.com');
  await create.click();
  await page.getByRole('heading', { name: 'Careful now' }).waitFor();
});

it('asks before unsaved changes are left', async () => {
  const { page, open } = await visit(product, { user: 'hasty' });
  await open('/app/agents/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Half an agent');
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('alertdialog', { name: 'Leave without saving?' }).waitFor();
  await page.getByRole('button', { name: 'Stay' }).click();
  expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe(
    'Half an agent',
  );
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
});

it('moves, copies, deletes and undoes steps by keyboard, and writes and reads JSON', async () => {
  const { page, open } = await visit(product, { user: 'builder' });
  const alice = await product.api('builder');
  const { id } = await alice.create({
    name: 'Three steps',
    trigger_config: { type: 'manual' },
    actions: ['one', 'two', 'three'].map((name) => ({
      id: name,
      name,
      type: 'http',
      config: { url: 'https://example.com' },
    })),
  });
  await open(`/app/agents/${id}/edit`);
  const order = async () =>
    (await page.getByRole('article').evaluateAll((cards) => cards.map((card) => card.ariaLabel)))
      .map((label) => label?.replace('Step ', ''))
      .join(' ');
  await page.getByRole('button', { name: 'Move one' }).focus();
  const said = (text: string | RegExp) => page.getByText(text).waitFor({ state: 'attached' });
  await page.keyboard.press('Space');
  await said(/^At place [12] of its list/);
  await page.keyboard.press('ArrowDown');
  await said('At place 3 of its list.');
  await page.keyboard.press('Space');
  await eventually(async () => expect(await order()).toBe('two one three'));
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await eventually(async () => expect(await order()).toBe('one two three'));
  await page.getByRole('button', { name: 'Actions for two' }).click();
  await page.getByRole('menuitem', { name: 'Move down' }).click();
  await eventually(async () => expect(await order()).toBe('one three two'));
  await page.getByRole('button', { name: 'Actions for three' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await eventually(async () => expect(await order()).toBe('one three three two'));
  await page.getByRole('button', { name: 'JSON' }).first().click();
  const json = page.getByRole('textbox', { name: 'Agent as JSON' });
  await json.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(
    '{"name":"From JSON","trigger_config":{"type":"manual"},"actions":[{"id":"only","name":"only","type":"http","config":{"url":"https://example.com"}}]}',
  );
  await page.getByRole('button', { name: 'Form' }).click();
  await eventually(async () => expect(await order()).toBe('only'));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'From JSON' }).waitFor();

  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page.getByRole('heading', { name: 'Three steps' }).waitFor();
});
