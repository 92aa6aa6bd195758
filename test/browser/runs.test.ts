import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { visit } from '#test/helpers/browser/session';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();
const hook = (name: string) => `${product.url}/local/slack/${name}`;

it('cancels a run that waits, and asks first', async () => {
  const alice = await product.api('canceller');
  const { id } = await alice.create({
    name: 'Sleeper',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'sleep', type: 'delay', config: { seconds: 3_600 } }],
  });
  const { page, open } = await visit(product, { user: 'canceller' });
  await open(`/app/agents/${id}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByText('The run waits as its delay step says').waitFor();
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('alertdialog', { name: 'Cancel this run?' }).waitFor();
  await page.getByRole('button', { name: 'Let it go on' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
  await page.getByText('The run waits as its delay step says').waitFor();

  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel run' }).click();

  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  await page
    .getByRole('region', { name: 'Steps' })
    .getByText('Cancelled', { exact: true })
    .waitFor();
  expect(await page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0);
  const [run] = (await alice.get(`/api/agents/${id}/runs`)).body.items;
  expect(run.status).toBe('cancelled');
});

it('replays a run from the step that failed, and keeps what the steps before it gave', async () => {
  const alice = await product.api('replayer');
  const { id } = await alice.create({
    name: 'Two greetings',
    trigger_config: { type: 'manual' },
    settings: { retry: { max_attempts: 1 } },
    actions: [
      {
        id: 'first',
        name: 'First greeting',
        type: 'slack',
        config: { webhook_url: hook('replays'), text: 'First: {{trigger.body.name}}' },
      },
      {
        id: 'second',
        name: 'Second greeting',
        type: 'slack',
        config: { webhook_url: hook('replays'), text: '{{trigger.body.surname}}' },
      },
    ],
  });
  const started = await alice.post(`/api/agents/${id}/run`, { name: 'Ada' });
  await alice.finished(started.body.run_id);
  const { page, open } = await visit(product, { user: 'replayer' });
  await open(`/app/runs/${started.body.run_id}`);
  await page.getByText('Failed', { exact: true }).first().waitFor();
  await page.getByText(/^Correct the placeholder in the step/).waitFor();

  const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await lines.getByText('Run failed:').waitFor();
  const all = await lines.count();
  await page.getByRole('combobox', { name: 'Level' }).selectOption('error');
  await lines.getByText('Second greeting:').waitFor();
  expect(await lines.count()).toBeLessThan(all);
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('nothing like this');
  await page.getByText('No line matches.').waitFor();
  const downloads = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const file = await readFile(await (await downloads).path(), 'utf8');
  expect(file.trim().split('\n')).toHaveLength(all);

  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByRole('menuitem', { name: 'From “Second greeting”' }).click();

  await page.getByRole('link', { name: 'an earlier run' }).waitFor();
  await page.waitForURL((url) => !url.pathname.endsWith(started.body.run_id));
  await page.getByText('Failed', { exact: true }).first().waitFor();
  const replayId = new URL(page.url()).pathname.split('/').at(-1);
  const replay = await alice.finished(String(replayId));
  expect(replay).toMatchObject({ triggered_by: 'replay', replay_of: started.body.run_id });
  const { body: slack } = await alice.get('/local/slack');
  const greetings = slack.items.filter(({ name }: { name: string }) => name === 'replays');
  expect(greetings).toHaveLength(1);

  await page.getByRole('link', { name: 'an earlier run' }).click();
  await page.waitForURL((url) => url.pathname.endsWith(started.body.run_id));
});

it('shows what happened for each item of a loop', async () => {
  const alice = await product.api('looper');
  const { id } = await alice.create({
    name: 'Greeter of many',
    trigger_config: { type: 'manual' },
    actions: [
      {
        id: 'people',
        name: 'Every person',
        type: 'for_each',
        config: {
          items: '{{trigger.body.names}}',
          actions: [
            {
              id: 'greet',
              name: 'Say hello',
              type: 'slack',
              config: { webhook_url: hook('loops'), text: 'Hello {{item.name}}' },
            },
          ],
        },
      },
    ],
  });
  const names = [{ name: 'Ada' }, { name: 'Grace' }, { name: 'Linus' }, {}];
  const { body } = await alice.post(`/api/agents/${id}/run`, { names });
  await alice.finished(body.run_id);
  const { page, open } = await visit(product, { user: 'looper' });
  await open(`/app/runs/${body.run_id}`);
  const third = page.getByRole('listitem', { name: 'Item 3' });
  await third.getByRole('button', { name: /Say hello Slack message/ }).click();
  await third.getByText('Hello Linus').first().waitFor();
  const fourth = page.getByRole('listitem', { name: 'Item 4' });
  expect(await fourth.getByText('Failed').count()).toBe(2);
  await page
    .getByText(/^Item 4: /)
    .first()
    .waitFor();
  expect(await page.getByRole('listitem', { name: /^Item \d/ }).count()).toBe(4);
  await page.getByRole('list', { name: 'Log lines' }).getByText('Every person, item 3:').waitFor();

  // As it is for whoever opens the run before it is over: the items that came last are shown, too.
  await page.route(
    `**/api/agents/runs/${body.run_id}`,
    async (route) => {
      const json = await (await route.fetch()).json();
      await route.fulfill({ json: { ...json, status: 'running' } });
    },
    { times: 1 },
  );
  await page.route(
    `**/api/agents/runs/${body.run_id}/steps?*`,
    (route) => route.fulfill({ json: { items: [], next_cursor: null } }),
    { times: 1 },
  );
  await page.reload();
  await page.getByText('Nothing ran for any item.').waitFor();
  await third.waitFor();

  await alice.request('PATCH', `/api/agents/${id}`, { name: 'Greeter of all' });
  await page.reload();
  await page.getByRole('link', { name: '1 (now 2)' }).click();
  const compared = page.getByRole('dialog', { name: 'Version 1 and the current one' });
  await compared.getByText('"name": "Greeter of many"').waitFor();
  await compared.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor();
});

it('follows the log of a run that goes on, until one scrolls back', async () => {
  const alice = await product.api('follower');
  const { id } = await alice.create({
    name: 'Long talker',
    trigger_config: { type: 'manual' },
    actions: [
      {
        id: 'each',
        type: 'for_each',
        config: {
          items: Array.from({ length: 40 }, (_, at) => at),
          actions: [
            { id: 'say', type: 'slack', config: { webhook_url: hook('long'), text: '{{item}}' } },
          ],
        },
      },
      { id: 'sleep', type: 'delay', config: { seconds: 3_600 } },
    ],
  });
  const { body } = await alice.post(`/api/agents/${id}/run`, {});
  const { page, open } = await visit(product, { user: 'follower' });
  await open(`/app/runs/${body.run_id}`);
  const log = page.getByRole('list', { name: 'Log lines' });
  const follow = page.getByRole('switch', { name: 'Follow the log' });
  const fromEnd = () =>
    log.evaluate(({ scrollHeight, scrollTop, clientHeight }) =>
      Math.round(scrollHeight - scrollTop - clientHeight),
    );
  await log.getByText('each, item 40:').waitFor();
  await log.getByText(/^sleep:/).waitFor();
  await eventually(async () => expect(await fromEnd()).toBeLessThan(2));
  expect(await follow.getAttribute('aria-checked')).toBe('true');
  await log.evaluate((list) => list.scrollTo({ top: 0 }));
  await eventually(async () => expect(await follow.getAttribute('aria-checked')).toBe('false'));
  await follow.click();
  await eventually(async () => expect(await fromEnd()).toBeLessThan(2));
});

it('shows a run of one built-in agent under its name, without a way to an agent that is not there', async () => {
  const alice = await product.api('single');
  const { body } = await alice.post('/api/agents/run/Content%20Agent', {
    input: 'Sales grew by a tenth. The weather was fine. Sales will grow again.',
  });
  await alice.finished(body.run_id);
  const { page, open } = await visit(product, { user: 'single' });
  await open('/app/runs');
  await page.getByRole('link', { name: 'Built-in agent' }).click();
  await page.getByRole('heading', { name: 'Content Agent' }).waitFor();
  expect(await page.locator('main a[href^="/app/agents/"]').count()).toBe(0);
});

it('narrows the list of runs by time, and keeps that in the address', async () => {
  const alice = await product.api('historian');
  const { id } = await alice.create({
    name: 'Clockwork',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'tick', type: 'delay', config: { seconds: 0 } }],
  });
  const { body } = await alice.post(`/api/agents/${id}/run`, {});
  await alice.finished(body.run_id);
  const { page, open } = await visit(product, { user: 'historian' });
  await open('/app/runs');
  const time = page.getByRole('combobox', { name: 'Time' });
  await time.selectOption({ label: 'Last hour' });
  await page.waitForURL(/since=1h/);
  await page.getByRole('link', { name: 'Clockwork' }).waitFor();
  await time.selectOption({ label: 'Between…' });
  await page.getByLabel('To', { exact: true }).fill('2020-01-01T10:00');
  await page.getByLabel('From', { exact: true }).fill('2020-01-01T09:00');
  await page.getByText('No run was started in that time.').waitFor();
  await page.reload();
  await page.getByText('No run was started in that time.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('link', { name: 'Clockwork' }).waitFor();
});

describe('an approval', () => {
  it('is decided in the inbox, with what will be done in sight', async () => {
    const { runId } = await asked('olivia');
    const { page, open } = await visit(product, { user: 'olivia' });
    await open(`/app/runs/${runId}`);
    await page.getByText('A person has to decide').waitFor();
    await page.getByRole('link', { name: 'Open approvals' }).click();
    const card = page.getByRole('article', { name: 'Offer sender' });
    await card.getByText('Send an offer of 900?').waitFor();
    await card.getByText('Offer: 900').waitFor();
    await card.getByText('Webhook URL:').waitFor();
    await card.getByRole('textbox', { name: /Comment/ }).fill('A good customer.');
    await card.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Nothing waits for you').waitFor();
    const past = page.getByRole('table', { name: 'Past decisions' }).getByRole('row');
    await past.filter({ hasText: /Offer sender.*Approved.*olivia.*A good customer\./ }).waitFor();
    await page.getByRole('link', { name: 'Offer sender' }).click();
    await page.waitForURL(`**/app/runs/${runId}`);
    await page.getByText('Succeeded').first().waitFor();
    await open('/app/slack');
    await page.getByText('Offer: 900').waitFor();
  });

  it('is decided by whom a mailed link reaches, without an account', async () => {
    const { owner, runId } = await asked('peter', ['boss@example.com']);
    const { page, open, context } = await visit(product, { user: 'peter' });
    await open('/app/mailbox');
    await page.getByText('to boss@example.com').first().click();
    const link = page.getByRole('link', { name: /\/approve#/ }).first();
    const address = await link.getAttribute('href');
    const boss = await context.newPage();
    await boss.addInitScript('sessionStorage.clear()');
    await boss.goto(String(address));
    await boss.getByText('Send an offer of 900?').waitFor();
    await boss.getByText('You decide as boss@example.com.').waitFor();
    await boss.getByRole('button', { name: 'Reject' }).click();
    await boss.getByText('Decided by boss@example.com').waitFor();
    const run = await owner.finished(runId);
    expect(run.status).toBe('cancelled');
    await boss.reload();
    await boss.getByText('Rejected').waitFor();
    await open('/app/approvals');
    const past = page.getByRole('table', { name: 'Past decisions' }).getByRole('row');
    await past.filter({ hasText: /Offer sender.*Rejected.*boss@example\.com/ }).waitFor();

    // Another link, in the same tab: the page shows what that one is about, not what it showed before.
    await asked('peter', ['boss@example.com']);
    await open('/app/mailbox');
    const newest = page.getByText('to boss@example.com').first();
    const other = await eventually(async () => {
      await newest.click();
      const shown = await link.getAttribute('href');
      expect(shown).not.toBe(address);
      return shown;
    });
    await boss.goto(String(other));
    await boss.getByText('Send an offer of 900?').waitFor();
    await boss.getByRole('button', { name: 'Approve' }).click();
    await boss.getByText('Approved').waitFor();
  });

  it('that ends an item of a loop says what comes for the next item, and after the loop', async () => {
    const owner = await product.api('lena');
    const say = (id: string, name: string, text: string) => ({
      id,
      name,
      type: 'slack',
      config: { webhook_url: hook('loop-approvals'), text },
    });
    const { id } = await owner.create({
      name: 'One after the other',
      trigger_config: { type: 'manual' },
      actions: [
        {
          id: 'each',
          type: 'for_each',
          config: {
            items: ['Ada', 'Grace'],
            actions: [
              say('greet', 'Greet the person', 'Hello {{item}}'),
              { id: 'ask', type: 'approval', config: { message: 'Was {{item}} glad?' } },
            ],
          },
        },
        say('done', 'Say that it is done', 'All were greeted'),
      ],
    });
    await owner.post(`/api/agents/${id}/run`, {});
    const { page, open } = await visit(product, { user: 'lena' });
    await open('/app/approvals');
    const card = page.getByRole('article', { name: 'One after the other' });
    const coming = card.getByRole('listitem');
    await card.getByText('Was Ada glad?').waitFor();
    await coming.filter({ hasText: /Greet the person.*for the next item/ }).waitFor();
    expect(await card.getByText('after the loop').count()).toBe(0);
    await card.getByRole('button', { name: 'Approve' }).click();
    await card.getByText('Was Grace glad?').waitFor();
    await coming.filter({ hasText: /Say that it is done.*after the loop/ }).waitFor();
    expect(await card.getByText('for the next item').count()).toBe(0);
    await card.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Nothing waits for you').waitFor();
  });

  it('that nobody decides in time is among the past decisions', async () => {
    const { owner, runId } = await asked('tardy', undefined, { timeout_seconds: 1 });
    await owner.finished(runId);
    const { page, open } = await visit(product, { user: 'tardy' });
    await open('/app/approvals');
    const past = page.getByRole('table', { name: 'Past decisions' }).getByRole('row');
    await past.filter({ hasText: /Offer sender.*Rejected.*the time was up/ }).waitFor();
  });

  it('tells whoever follows half a link what to do', async () => {
    const { page, open } = await visit(product);
    await open('/approve');
    await page.getByText('This address is not complete.').waitFor();
  });
});

/** An agent that asks before it tells Slack, and a run of it. */
async function asked(user: string, approvers?: readonly string[], terms: object = {}) {
  const owner = await product.api(user);
  const { id } = await owner.create({
    name: 'Offer sender',
    trigger_config: { type: 'manual' },
    actions: [
      {
        id: 'ask',
        type: 'approval',
        config: {
          message: 'Send an offer of {{trigger.body.amount}}?',
          ...(approvers && { approvers }),
          ...terms,
        },
      },
      {
        id: 'send',
        name: 'Send the offer',
        type: 'slack',
        config: {
          webhook_url: `${product.url}/local/slack/offers`,
          text: 'Offer: {{trigger.body.amount}}',
        },
      },
    ],
  });
  const { body } = await owner.post(`/api/agents/${id}/run`, { amount: 900 });
  return { owner, runId: String(body.run_id) };
}
