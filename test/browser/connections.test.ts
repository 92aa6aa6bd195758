import { expect, it } from 'vitest';
import { visit } from '#test/helpers/browser/session';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const SECRET = 'a-token-that-nobody-sees';
const service = await startReceiver();
service.answer(({ headers }) =>
  headers.authorization === `Bearer ${SECRET}` ? { body: { ok: true } } : { status: 401 },
);
const product = await startProduct({ receivers: [service] });

it('makes a connection, tests it, uses it in a step, and deletes it', async () => {
  const { page, open } = await visit(product, { user: 'connector' });
  await open('/app/connections');
  await page.getByText('No connections yet').waitFor();
  await page.getByRole('button', { name: 'New connection' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New connection' });
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('http_bearer');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.locator('[aria-invalid=true]').first().waitFor();

  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Our CRM');
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
