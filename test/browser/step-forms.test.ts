import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { visit } from '#test/helpers/browser/session';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();

it('says everything of each kind of step in words of people, and durations in their units', async () => {
  const { page, open } = await visit(product, { user: 'wordy' });
  await open('/app/agents/new');
  const add = page.getByRole('button', { name: /^Add a step at place/ }).last();
  await add.click();
  await page.getByRole('menuitem').nth(9).waitFor();
  const kinds = await page.getByRole('menuitem').count();
  for (let kind = 0; kind < kinds; kind += 1) {
    if (kind > 0) await add.click();
    await page.getByRole('menuitem').nth(kind).click();
    await page.getByText('Time limit, retries and errors').click();
    expect(namesOfTheApi(await page.getByRole('main').innerText())).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).first().click();
  }
  await page.getByText('Limits, retries, catching up and alerts').click();
  expect(namesOfTheApi(await page.getByRole('main').innerText())).toEqual([]);

  await add.click();
  await page.getByRole('menuitem', { name: /^Approval/ }).click();
  const time = page.getByRole('spinbutton', { name: 'Time to decide' });
  const unit = page.getByRole('combobox', { name: 'Time to decide: unit' });
  expect(await time.getAttribute('placeholder')).toBe('Default: 7');
  expect(await unit.inputValue()).toBe('days');
  await time.fill('1.5');
  await unit.selectOption('hours');
  expect(await time.inputValue()).toBe('1.5');
  const create = page.getByRole('button', { name: 'Create agent' });
  await create.click();
  await page.getByRole('alert').getByText('Name: Fill this in.').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Clear words');
  await create.click();
  await page.getByRole('alert').getByText('Step 1 (Approval), Message: Fill this in.').waitFor();
  await page.getByRole('button', { name: 'JSON' }).first().click();
  await page.getByText('"timeout_seconds": 5400').waitFor();
});

it.for([
  [1280, 720],
  [390, 844],
])(
  'shows every kind of step at once, %i × %i, and adds one by keyboard',
  async ([width, height]) => {
    const { page, open } = await visit(product, { width: width ?? 0, height: height ?? 0 });
    await open('/app/agents/new');
    await page.getByRole('button', { name: 'Add a step at place 1' }).press('Enter');
    const menu = page.getByRole('menu');
    await menu.getByRole('group', { name: 'Flow' }).getByText('Approval').waitFor();
    for (const item of await menu.getByRole('menuitem').all()) {
      const box = await item.boundingBox();
      expect(box?.y).toBeGreaterThan(0);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(height ?? 0);
    }
    const isCut = await menu.evaluate((one) => one.scrollHeight > one.clientHeight);
    expect(isCut).toBe(false);
    await page.keyboard.press('End');
    await menu.locator('[data-highlighted]', { hasText: 'For each' }).waitFor();
    await page.keyboard.type('app');
    await menu.locator('[data-highlighted]', { hasText: 'Approval' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'Step Approval' }).waitFor();
  },
);

it('says where a Slack step may post to, and marks what is missing', async () => {
  const owner = await product.api('poster');
  const bot = { kind: 'slack_bot', name: 'Our bot', secret: { token: 'xoxb-not-a-real-one' } };
  expect((await owner.post('/api/connections', bot)).status).toBe(201);
  const { page, open } = await visit(product, { user: 'poster' });
  await open('/app/agents/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Poster');
  await page.getByRole('button', { name: 'Add a step at place 1' }).click();
  await page.getByRole('menuitem', { name: /Slack message/ }).click();
  await page.getByText('A bot needs a channel, too.').waitFor();
  await page.getByText('this, or a connection').waitFor();
  await page.getByText('this, or a webhook URL').waitFor();
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Good morning');
  const create = page.getByRole('button', { name: 'Create agent' });
  await create.click();
  const refusal = page.getByRole('alert');
  await refusal.getByText('Step 1 (Slack message), Webhook URL: Give a “Webhook URL”').waitFor();
  const marked = page.locator('[aria-invalid=true]');
  await marked.and(page.getByRole('textbox', { name: 'Webhook URL' })).waitFor();

  await page.getByRole('combobox', { name: 'Connection' }).selectOption({ label: 'Our bot' });
  await refusal.waitFor({ state: 'hidden' });
  const channel = page.getByRole('textbox', { name: 'Channel' });
  await marked.and(channel).waitFor();
  await page.getByText('“Our bot” is a bot: say where it posts.').waitFor();
  await channel.fill('#general');
  await marked.waitFor({ state: 'hidden' });
  await create.click();
  await page.getByRole('heading', { name: 'Poster' }).waitFor();
});

it('keeps what is written as JSON where no form can show it, and leads back to it', async () => {
  const { page, open } = await visit(product, { user: 'scribe' });
  await open('/app/agents/new');
  const write = async (agent: object) => {
    await page.getByRole('textbox', { name: 'Agent as JSON' }).click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(JSON.stringify(agent));
  };
  await page.getByRole('button', { name: 'JSON' }).first().click();
  await write({ name: 'Odd', actions: [{ id: 'wait', type: 'delay', config: 'an hour' }] });
  await page.getByText('actions[0].config must be an object.').waitFor();
  const odd = { type: 'schedule', cron_expression: '0 9 * * *', timezone: {} };
  await write({ name: 'Odd', trigger_config: odd, actions: [] });
  await page.getByRole('button', { name: 'Form' }).click();
  await page.getByText(/^This cannot be shown as a form/).waitFor();
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page
    .getByRole('alert')
    .getByText(/^Trigger, Time zone:/)
    .waitFor();
  await page.getByRole('button', { name: 'Back to the JSON' }).click();
  await page.getByText('"timezone": {}').waitFor();
});

it('moves steps into a branch and a loop, by keyboard and by mouse, and says where they are', async () => {
  const owner = await product.api('nester');
  const step = (id: string) => ({
    id,
    name: id,
    type: 'http',
    config: { url: 'https://example.com' },
  });
  const when = { left: '{{trigger.body.amount}}', op: 'greater_than', right: 1 };
  const { id } = await owner.create({
    name: 'Nested',
    trigger_config: { type: 'manual' },
    actions: [
      step('one'),
      step('two'),
      {
        id: 'large',
        name: 'Large?',
        type: 'branch',
        config: { branches: [{ when, actions: [step('inner')] }] },
      },
      { id: 'each', type: 'for_each', config: { items: [1], actions: [step('body')] } },
    ],
  });
  const { page, open } = await visit(product, { user: 'nester', height: 1_600 });
  await open(`/app/agents/${id}/edit`);
  const inside = (list: string) =>
    page
      .getByRole('region', { name: list, exact: true })
      .getByRole('article')
      .evaluateAll((cards) => cards.map((card) => card.ariaLabel));
  await page.getByRole('button', { name: 'Move two' }).focus();
  await page.keyboard.press('Space');
  await page.getByText('At place 2 of the steps.').waitFor({ state: 'attached' });
  const there = page.getByText('At place 1 of “If” in “Large?”.');
  await eventually(async () => {
    if (!(await there.isVisible())) await page.keyboard.press('ArrowDown');
    expect(await there.count()).toBe(1);
  });
  await page.keyboard.press('Space');
  await eventually(async () => expect(await inside('If')).toEqual(['Step two', 'Step inner']));

  const grip = await page.getByRole('button', { name: 'Move one' }).boundingBox();
  const body = await page.getByRole('article', { name: 'Step body' }).boundingBox();
  if (!grip || !body) throw new Error('What is dragged is not in sight.');
  await page.mouse.move(grip.x + 5, grip.y + 5);
  await page.mouse.down();
  await page.mouse.move(grip.x + 5, grip.y + 20, { steps: 3 });
  await page.mouse.move(grip.x + 5, body.y + body.height, { steps: 5 });
  await page.mouse.up();
  await eventually(async () =>
    expect(await inside('For each item')).toEqual(['Step body', 'Step one']),
  );
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await page.getByRole('button', { name: 'Actions for Large?' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await eventually(async () => expect(await inside('If')).toEqual(['Step two', 'Step inner']));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Nested', exact: true }).waitFor();
  const { actions } = (await owner.get(`/api/agents/${id}`)).body;
  expect(actions[1].config.branches[0].actions).toHaveLength(2);
});

it('shows the data of the last call, also item by item within a loop, and tries a step there', async () => {
  const owner = await product.api('looper');
  const webhook_url = `${product.url}/local/slack/tried`;
  const greet = { id: 'greet', type: 'slack', config: { webhook_url, text: 'Hi {{item.name}}' } };
  const agent = await owner.create({
    name: 'Greeter',
    trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
    actions: [
      {
        id: 'teams',
        type: 'for_each',
        config: {
          items: '{{trigger.body.teams}}',
          actions: [
            { id: 'people', type: 'for_each', config: { items: '{{item}}', actions: [greet] } },
          ],
        },
      },
    ],
  });
  const { page, open } = await visit(product, { user: 'looper' });
  await open(`/app/agents/${agent.id}/edit`);
  const step = page.getByRole('article', { name: 'Step Slack message' });
  await step.getByRole('button', { expanded: false }).first().click();
  await step.getByText('there is no "name" in item (it has: nothing)').waitFor();
  const headers = { 'x-webhook-secret': 'a-secret-of-sixteen' };
  const call = (body: unknown) => send(agent.webhook_url, 'POST', body, { headers });
  const taken = await call({ teams: [[{ name: 'Ada' }]] });
  await owner.finished(taken.body.run_id);

  // Whoever comes back to the editor, from the page of the agent or from a terminal, finds the newest data.
  await page.getByRole('link', { name: 'Greeter' }).click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await step.getByRole('button', { expanded: false }).first().click();
  await step.getByText('Hi Ada').waitFor();
  const second = await call({ teams: [[{ name: 'Grace', age: 85 }]] });
  await owner.finished(second.body.run_id);
  await page.evaluate('dispatchEvent(new Event("visibilitychange"))');
  await step.getByText('Hi Grace').waitFor();

  await step.getByRole('textbox', { name: 'Text' }).fill('{{item.name}} is ');
  await step.getByRole('button', { name: 'Insert data into Text' }).click();
  await page.getByRole('button', { name: 'item.age 85' }).click();
  await step.getByText('Grace is 85').waitFor();
  await step.getByRole('button', { name: 'Test this step' }).click();
  await step.getByText('Succeeded').waitFor();
  const { body } = await owner.get('/local/slack');
  expect(body.items[0]).toMatchObject({ name: 'tried', payload: { text: 'Grace is 85' } });
  await step.getByRole('textbox', { name: 'Text' }).fill('{{itme.name}}');
  await step.getByRole('button', { name: 'Test this step' }).click();
  await step
    .getByRole('alert')
    .getByText(/^Text: .*there is no "itme" here/)
    .waitFor();
});

/** Words such as `timeout_seconds`; what stands in placeholders is meant to be typed. */
function namesOfTheApi(text: string): readonly string[] {
  return text.replace(/\{\{.*?\}\}/g, '').match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
}
