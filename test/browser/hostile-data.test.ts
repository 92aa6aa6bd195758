import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { payloads } from '#test/helpers/browser/payloads';
import { visit } from '#test/helpers/browser/session';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();
const mallory = await product.api('mallory');
const ALL = payloads.join('\n');

it('shows data that attacks the page as text, in every place where data is shown', async () => {
  const runIds = await attack();
  const { page, open, context } = await visit(product, { user: 'mallory' });
  const outside: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(product.url) && !request.url().startsWith('blob:')) {
      outside.push(request.url());
    }
  });
  const agentIds = (await mallory.get('/api/agents?limit=100')).body.items.map(
    ({ id }: { id: string }) => id,
  );

  await open('/app/agents');
  await page.getByText('<svg onload=executed()>').first().waitFor();
  for (const runId of runIds) {
    await open(`/app/runs/${runId}`);
    await page.getByRole('heading', { name: 'Steps' }).waitFor();
    for (let depth = 0; depth < 2; depth += 1) {
      await page.locator('main button[aria-expanded=false]').evaluateAll(clickEach);
    }
    await page.getByText('<script>executed()</script>').first().waitFor();
  }
  const [first] = agentIds;
  for (const tab of ['overview', 'steps', 'runs', 'settings']) {
    await open(`/app/agents/${first}?tab=${tab}`);
  }
  await open(`/app/agents/${first}/edit`);
  await page.getByRole('article').first().getByRole('button', { expanded: false }).first().click();
  await page
    .getByRole('button', { name: /Insert data into/ })
    .first()
    .click();
  await page
    .getByRole('button', { name: /trigger\.body/ })
    .first()
    .waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'JSON' }).first().click();
  await page.getByRole('textbox', { name: 'Agent as JSON' }).waitFor();

  for (const path of [
    '/app/runs',
    '/app/slack',
    '/app/mailbox',
    '/app/observability',
    '/app/usage',
  ]) {
    await open(path);
  }
  await open('/app/slack');
  await page.getByText('javascript:parent.executed()').first().waitFor();
  expect(outside).toEqual([]);
});

it('shows attacking data as text to those who approve, in their decisions, and to those who operate', async () => {
  const agentId = await askingAgent();
  const runs = [];
  for (let run = 0; run < 2; run += 1) {
    const { body } = await mallory.post(`/api/agents/${agentId}/run`, { all: ALL, each: payloads });
    runs.push(body.run_id);
  }
  await mallory.request('PATCH', `/api/agents/${agentId}`, {
    description: `<svg onload=executed()>${ALL.slice(0, 400)}`,
  });
  const { page, open, context } = await visit(product, { user: 'mallory', role: 'admin' });
  const shown = (on: Page) => on.getByText('<svg onload=executed()>').first().waitFor();

  await open('/app/mailbox');
  await page.getByText('to boss@example.com').first().click();
  const link = page.getByRole('link', { name: /\/approve#/ }).first();
  const boss = await context.newPage();
  await boss.goto(String(await link.getAttribute('href')));
  await shown(boss);
  await boss
    .getByRole('textbox', { name: /Comment/ })
    .fill(ALL.replaceAll('\n', ' ').slice(0, 2_000));
  await boss.getByRole('button', { name: 'Approve' }).click();
  await boss.getByText('Decided by boss@example.com').waitFor();

  await open('/app/approvals');
  await shown(page);
  await page.getByRole('table', { name: 'Past decisions' }).getByRole('row').nth(1).waitFor();
  for (const runId of runs) {
    await open(`/app/runs/${runId}`);
    await page.locator('main button[aria-expanded=false]').evaluateAll(clickEach);
    await shown(page);
  }
  await open(`/app/agents/${agentId}?tab=settings&version=1`);
  await page.getByRole('dialog').getByText('<svg onload=executed()>').waitFor();
  await open('/app/admin');
  await page.getByRole('textbox', { name: 'User' }).last().fill('mallory');
  await page.getByText('approval.approved').first().waitFor();
});

/** An agent whose question, loop and step after them attack; its approver has no account. */
async function askingAgent(): Promise<string> {
  const text = '{{trigger.body.all | truncate: 1900}}';
  const { id } = await mallory.create({
    name: (payloads[0] ?? '').slice(0, 100),
    trigger_config: { type: 'manual' },
    actions: [
      {
        id: 'each',
        type: 'for_each',
        config: {
          items: '{{trigger.body.each}}',
          actions: [
            {
              id: 'say',
              type: 'http',
              on_error: 'continue',
              config: { url: `${product.url}/{{item}}` },
            },
          ],
        },
      },
      { id: 'ask', type: 'approval', config: { message: text, approvers: ['boss@example.com'] } },
      {
        id: 'mail',
        type: 'email',
        config: { to: ['a@example.com'], subject: 'Decided', body: text },
      },
    ],
  });
  return id;
}

/** Agents and runs whose every text attacks: names, ids of fields, payloads, outputs, errors, log lines. */
async function attack(): Promise<string[]> {
  const hook = `${product.url}/local/slack/attack`;
  const runIds: string[] = [];
  for (const group of grouped(payloads, 15)) {
    const text = group.join(' ').slice(0, 100);
    const { id } = await mallory.create({
      name: text.trim(),
      description: group.join('\n'),
      trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
      settings: { retry: { max_attempts: 1 } },
      actions: [
        {
          id: 'tell',
          name: text.trim(),
          type: 'slack',
          config: { webhook_url: hook, text: '{{trigger.body.all}}' },
        },
        {
          id: 'fail',
          type: 'http',
          on_error: 'continue',
          config: { url: `${product.url}/{{trigger.body.first}}` },
        },
      ],
    });
    const body = {
      all: ALL,
      first: group[0],
      values: group,
      ...Object.fromEntries(group.map((payload) => [payload, payload])),
    };
    const answer = await mallory.post(`/api/agents/${id}/run`, body);
    expect(answer.body).toEqual({ run_id: expect.any(String) });
    runIds.push(answer.body.run_id);
  }
  for (const runId of runIds) await mallory.finished(runId);
  return runIds;
}

function grouped<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, at * size + size),
  );
}

/** Runs in the page. */
function clickEach(buttons: unknown[]): void {
  for (const button of buttons) (button as { click(): void }).click();
}
