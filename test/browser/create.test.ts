import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { barriers } from '#test/helpers/browser/axe';
import { visit } from '#test/helpers/browser/session';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const TWO_MINUTES_MS = 120_000;

const crm = await startReceiver();
crm.answer(() => ({ body: { company: 'Analytical Engines', plan: 'pro' } }));
const product = await startProduct({ receivers: [crm] });

it('makes an agent with a schedule and a Slack step, runs it, and shows what happened', async () => {
  const { page, open } = await visit(product);
  await open('/app/agents');
  await page.getByRole('link', { name: 'New agent' }).first().click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Morning greeting');
  await page.getByRole('radio', { name: /Schedule/ }).click();
  await page.getByRole('button', { name: 'Weekdays at 9' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/London');
  const cron = page.getByRole('textbox', { name: 'Cron expression' });
  await cron.fill('30 1 * 3 0');
  await page.getByText(/clocks/).waitFor();
  await cron.fill('61 2 * *');
  await page.locator('[aria-invalid=true]').and(cron).waitFor();
  await page.getByText(/has five fields .* this one has 4/).waitFor();
  await page.getByRole('button', { name: 'Weekdays at 9' }).click();
  await page.getByText(/on weekdays .*London time/).waitFor();
  await page.getByRole('list', { name: 'Next runs' }).getByRole('listitem').nth(4).waitFor();

  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /Slack message/ }).click();
  await page
    .getByRole('textbox', { name: 'Webhook URL' })
    .fill(`${product.url}/local/slack/greetings`);
  await page
    .getByRole('textbox', { name: 'Text' })
    .fill('Good morning from {{agent.name}}, {{trigger.scheduled_at | date: "HH:mm"}}');
  await page.getByText('Good morning from Morning greeting, 09:00').waitFor();
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
  await page.getByText(/^Good morning from Morning greeting, \d\d:\d\d$/).waitFor();
});

it('makes a webhook agent whose step uses the payload, and runs it when it is called', async () => {
  const { page, open } = await visit(product, { user: 'webhook-maker' });
  await open('/app/agents/new');
  await page
    .locator(':focus')
    .and(page.getByRole('textbox', { name: 'Name' }))
    .waitFor();
  await page.keyboard.type('Lead router');
  await page.getByText(/^What whoever runs it could give it/).waitFor();
  await page.getByRole('radio', { name: /Webhook/ }).click();
  await page.getByText(/^What a call could bring/).waitFor();
  await page.getByRole('button', { name: 'Add to Sample payload' }).click();
  await page.getByRole('textbox', { name: 'Sample payload: name 1' }).fill('email');
  await page.getByRole('textbox', { name: 'Sample payload: value 1' }).fill('ada@example.com');
  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /Slack message/ }).click();
  await page.getByRole('textbox', { name: 'Webhook URL' }).fill(`${product.url}/local/slack/leads`);
  await page
    .getByRole('textbox', { name: 'Text' })
    .fill('{{trigger.body.amount | default: 0}} from ');
  await page.getByRole('button', { name: 'Insert data into Text' }).click();
  await page.getByRole('button', { name: /trigger\.body\.email/ }).click();
  await page.getByText('0 from ada@example.com').waitFor();
  await page.getByRole('button', { name: 'Create agent' }).click();

  await page.getByText('Copy it now: it is not shown again.').waitFor();
  const curl = await page.locator('pre', { hasText: 'curl' }).innerText();
  expect(curl).toContain(`--data-binary '{"amount":0,"email":""}'`);
  const url = /WEBHOOK_URL='([^']+)'/.exec(curl)?.[1] ?? '';
  const secret = /WEBHOOK_SECRET='([^']+)'/.exec(curl)?.[1] ?? '';
  const answer = await send(
    url,
    'POST',
    { email: 'grace@example.com' },
    {
      headers: { 'x-webhook-secret': secret },
    },
  );
  expect(answer.status).toBe(202);
  const wrong = { headers: { 'x-webhook-secret': 'wrong-secret-here' } };
  expect((await send(url, 'POST', {}, wrong)).status).toBe(401);
  const calls = page.getByRole('table', { name: 'Last calls' });
  await calls.getByRole('row', { name: /401 The secret is wrong/ }).waitFor();
  await calls.getByRole('row', { name: /Taken Succeeded/ }).waitFor();
  await page.getByRole('link', { name: 'Slack', exact: true }).click();
  await page.getByText('0 from grace@example.com').waitFor();
});

it('asks for the payload when an agent that uses one is run by hand: like the last one, or like its placeholders', async () => {
  const { page, open } = await visit(product, { user: 'by-hand' });
  const owner = await product.api('by-hand');
  const webhook_url = `${product.url}/local/slack/by-hand`;
  const text =
    'Hi {{trigger.body.name}}, {{trigger.body.orders[0].id}}, {{trigger.body.amount | default: 0}}';
  const { id } = await owner.create({
    name: 'Greeter',
    trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
    actions: [
      { id: 'greet', type: 'slack', config: { webhook_url, text } },
      {
        id: 'each',
        type: 'for_each',
        config: {
          items: '{{trigger.body.friends}}',
          actions: [
            { id: 'greet_too', type: 'slack', config: { webhook_url, text: 'Hi {{item.name}}' } },
          ],
        },
      },
    ],
  });
  await open(`/app/agents/${id}`);
  const dialog = page.getByRole('dialog', { name: 'Run “Greeter”' });
  const payload = dialog.getByRole('textbox', { name: 'Payload' });
  const run = dialog.getByRole('button', { name: 'Run', exact: true });

  await page.getByRole('button', { name: 'Run now' }).click();
  expect(JSON.parse(await payload.inputValue())).toEqual({
    name: '',
    orders: [{ id: '' }],
    amount: 0,
    friends: [{ name: '' }],
  });
  expect(await barriers(page)).toEqual([]);
  await payload.fill('{"name": "Ada"');
  await run.click();
  await dialog.getByText(/^This is not JSON yet/).waitFor();
  await dialog.locator('[aria-invalid=true]:focus').and(payload).waitFor();
  await payload.fill('{"name": "Ada", "orders": [{"id": "A-1"}], "friends": []}');
  await run.click();
  await page.waitForURL('**/app/runs/*');
  await page.getByText('Succeeded').first().waitFor();
  const { body } = await owner.get('/local/slack');
  expect(body.items[0].payload.text).toBe('Hi Ada, A-1, 0');

  await open(`/app/agents/${id}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  expect(JSON.parse(await payload.inputValue())).toEqual({
    name: 'Ada',
    orders: [{ id: 'A-1' }],
    friends: [],
  });
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
  await page.locator('[aria-invalid=true]:focus').and(url).waitFor();
  await page.getByRole('alert').getByText('Step 1 (HTTP request), URL:').waitFor();
  expect(await url.inputValue()).toBe('not an address');
  await url.fill('https://example.com');
  await page.getByRole('alert').waitFor({ state: 'hidden' });
  expect(await url.getAttribute('aria-invalid')).toBeNull();
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

it('moves, copies, deletes and undoes steps by keyboard and mouse, and writes and reads JSON', async () => {
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
  await said(/^At place [12] of the steps/);
  await page.keyboard.press('ArrowDown');
  await said('At place 3 of the steps.');
  await page.keyboard.press('Space');
  await eventually(async () => expect(await order()).toBe('two one three'));
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await eventually(async () => expect(await order()).toBe('one two three'));
  await dragAbove(page, page.getByRole('button', { name: 'Move three' }), 'Step one');
  await eventually(async () => expect(await order()).toBe('three one two'));
  await page.keyboard.press('ControlOrMeta+z');
  await eventually(async () => expect(await order()).toBe('one two three'));
  await page.getByRole('button', { name: 'Actions for two' }).click();
  await page.getByRole('menuitem', { name: 'Move down' }).click();
  await eventually(async () => expect(await order()).toBe('one three two'));
  await page.getByRole('button', { name: 'Actions for three' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await eventually(async () => expect(await order()).toBe('one three three two'));
  await page.getByRole('button', { name: 'Actions for one' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await eventually(async () => expect(await order()).toBe('three three two'));
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Renamed since');
  const notice = page.getByRole('region', { name: 'Notifications' });
  await notice.getByRole('button', { name: 'Undo' }).click();
  await eventually(async () => expect(await order()).toBe('one three three two'));
  await page.getByRole('button', { name: 'JSON' }).first().click();
  const json = page.getByRole('textbox', { name: 'Agent as JSON' });
  expect(await json.innerText()).toContain('"name": "Renamed since"');
  await json.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('{"name": "half');
  await page.getByText(/^This is not JSON yet/).waitFor();
  expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Take back what cannot be read' }).click();
  await page.getByText('Renamed since').waitFor();
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
  await notice.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: 'From JSON' }).waitFor();
});

it('makes an automation of five steps without any JSON in less than two minutes, and tests it in place', async () => {
  const { page, open } = await visit(product, { user: 'five-steps' });
  const typed: string[] = [];
  const type = async (field: Locator, text: string) => {
    typed.push(text);
    await field.fill(text);
  };
  const textbox = (name: string) => page.getByRole('textbox', { name, exact: true });
  const addStep = async (within: Locator, place: number, kind: RegExp) => {
    await within
      .getByRole('button', { name: `Add a step at place ${place}` })
      .last()
      .click();
    await page.getByRole('menuitem', { name: kind }).click();
  };
  const pick = async (field: string, path: string) => {
    await page.getByRole('button', { name: `Insert data into ${field}` }).click();
    await page
      .getByRole('button', { name: new RegExp(`^${path}`) })
      .first()
      .click();
  };
  const startedAt = performance.now();

  await open('/app/agents/new');
  await type(textbox('Name').first(), 'Support desk');
  await page.getByRole('radio', { name: /Webhook/ }).click();
  for (const [place, [name, value]] of [
    ['email', 'ada@example.com'],
    ['message', 'I want a refund for order 1234.'],
  ].entries()) {
    await page.getByRole('button', { name: 'Add to Sample payload' }).click();
    await type(textbox(`Sample payload: name ${place + 1}`), String(name));
    await type(textbox(`Sample payload: value ${place + 1}`), String(value));
  }
  const steps = page.getByRole('main');

  await addStep(steps, 1, /HTTP request/);
  await type(textbox('URL'), `${crm.url}/people`);
  await page.getByRole('button', { name: 'Add to Query' }).click();
  await type(textbox('Query: name 1'), 'email');
  await pick('Query: value 1', 'trigger.body.email');
  await page.getByRole('button', { name: 'Test this step' }).click();
  await page.getByText('Analytical Engines').first().waitFor();

  await addStep(steps, 2, /built-in agent/);
  await page.getByRole('combobox', { name: 'Agent', exact: true }).selectOption('Classifier Agent');
  await pick('Text', 'trigger.body.message');
  await type(textbox('Labels 1'), 'refund');
  await page
    .getByRole('group', { name: 'Labels' })
    .getByRole('button', { name: 'Add another' })
    .click();
  await type(textbox('Labels 2'), 'question');
  await page.getByRole('button', { name: 'Test this step' }).click();
  await page.getByRole('region', { name: 'Output of the test' }).waitFor();

  await addStep(steps, 3, /Branch/);
  await pick('Value', 'steps.run_agent.output.label');
  await type(textbox('Compared with'), 'refund');
  const inside = page.getByRole('region', { name: 'If', exact: true });
  await addStep(inside, 1, /Slack message/);
  await type(textbox('Webhook URL'), `${product.url}/local/slack/refunds`);
  await type(textbox('Text'), 'Refund wanted by ');
  await pick('Text', 'trigger.body.email');

  await addStep(steps, 4, /E-mail/);
  await pick('To 1', 'trigger.body.email');
  await type(textbox('Subject'), 'We got your message');
  await type(textbox('Body'), 'Hello ');
  await pick('Body', 'steps.http.output.json.company');
  await page.getByRole('button', { name: 'Create and test' }).click();

  const test = page.getByRole('region', { name: 'Test' });
  await test.getByRole('link', { name: 'Open the run' }).waitFor();
  await test.getByRole('status').getByText('Succeeded').waitFor();
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`An automation of five steps was made, and run, in ${seconds.toFixed(1)} s.`);
  expect(seconds * 1_000).toBeLessThan(TWO_MINUTES_MS);
  expect(typed.filter((text) => /^\s*[{["]/.test(text))).toEqual([]);
  await test.getByRole('listitem').nth(4).waitFor();

  const owner = await product.api('five-steps');
  const { body } = await owner.get('/local/slack');
  expect(body.items[0].payload.text).toBe('Refund wanted by ada@example.com');
  const mailbox = await owner.get('/local/mailbox');
  expect(mailbox.body.items[0]).toMatchObject({
    to: ['ada@example.com'],
    subject: 'We got your message',
    text: 'Hello Analytical Engines',
  });

  await test.getByRole('button', { name: 'Test the agent' }).click();
  await test.getByRole('status').getByText('Succeeded').waitFor();
});

/** Drags a step with the mouse to above another one. */
async function dragAbove(page: Page, grip: Locator, other: string): Promise<void> {
  await grip.hover();
  const from = await grip.boundingBox();
  const to = await page.getByRole('article', { name: other }).boundingBox();
  if (!from || !to) throw new Error('What is dragged is not in sight.');
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 10, { steps: 3 });
  await page.mouse.move(x, to.y - 20, { steps: 5 });
  await page.mouse.up();
}
