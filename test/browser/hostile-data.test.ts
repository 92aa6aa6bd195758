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
