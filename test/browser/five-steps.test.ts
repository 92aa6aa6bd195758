import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { visit } from '#test/helpers/browser/session';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const TWO_MINUTES_MS = 120_000;

const crm = await startReceiver();
crm.answer(() => ({ body: { company: 'Analytical Engines', plan: 'pro' } }));
const product = await startProduct({ receivers: [crm] });

it('makes an automation of five steps without any JSON in less than two minutes, and tests it in place', async () => {
  const { page, open } = await visit(product, { user: 'builder' });
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
    await page.getByRole('button', { name: path, exact: false }).first().click();
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
  await test.getByText('Succeeded').first().waitFor();
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`An automation of five steps was made, and run, in ${seconds.toFixed(1)} s.`);
  expect(seconds * 1_000).toBeLessThan(TWO_MINUTES_MS);
  expect(typed.filter((text) => /^\s*[{["]/.test(text))).toEqual([]);
  expect(await test.getByRole('listitem').count()).toBeGreaterThanOrEqual(5);

  const owner = await product.api('builder');
  const { body } = await owner.get('/local/slack');
  expect(body.items[0].payload.text).toBe('Refund wanted by ada@example.com');
  const mailbox = await owner.get('/local/mailbox');
  expect(mailbox.body.items[0]).toMatchObject({
    to: ['ada@example.com'],
    subject: 'We got your message',
    text: 'Hello Analytical Engines',
  });

  await test.getByRole('button', { name: 'Test the agent' }).click();
  await test.getByText('Succeeded').first().waitFor();
});
