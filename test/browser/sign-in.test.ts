import { expect, it } from 'vitest';
import { startHostedSignIn } from '#test/helpers/browser/hosted-sign-in';
import { visit } from '#test/helpers/browser/session';
import { startProduct } from '#test/helpers/product';

// As a deployment signs people in: by the pages of its user pool.
const product = await startProduct({ env: { STACK_PARAMETERS: 'SignIn=' } });
const { auth } = (await (await fetch(`${product.url}/app-config.json`)).json()) as {
  auth: { kind: string; domain: string; clientId: string };
};
let expiresIn = 3_600;
const pages = await startHostedSignIn({
  clientId: auth.clientId,
  site: product.url,
  token: () => product.token('cognito-user', { email: 'ada@example.com' }),
  expiresIn: () => expiresIn,
});

/** A browser in which nobody is signed in yet. */
async function stranger() {
  const visitor = await visit(product, { isSignedOut: true });
  await pages.answerFor(auth.domain, visitor.context);
  return visitor;
}

it('signs in by the code flow with PKCE, goes on to the page that was asked for, and signs out', async () => {
  const owner = await product.api('cognito-user');
  await owner.create({
    name: 'Mine alone',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'wait', type: 'delay', config: { seconds: 1 } }],
  });
  const { page, open } = await stranger();
  await open('/app/agents?q=mine');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Mine alone' }).waitFor();
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/app/agents?q=mine');
  await page.reload();
  await page.getByRole('link', { name: 'Mine alone' }).waitFor();
  expect(await page.getByRole('link', { name: 'Mailbox' }).count()).toBe(0);

  await page.getByRole('button', { name: 'Account: ada@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(`${product.url}/`);
  expect(pages.requests).toEqual([
    'GET /oauth2/authorize',
    'POST /oauth2/token',
    'POST /oauth2/revoke',
    'GET /logout',
  ]);
  await open('/app/agents');
  await page.getByRole('button', { name: 'Continue' }).waitFor();
});

it('renews a session that is about to end, again and again, until the pool ends it', async () => {
  const { page, open } = await stranger();
  expiresIn = 30;
  const renewals = () => pages.requests.filter((one) => one === 'POST /oauth2/token').length;
  await open('/app/agents');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Mine alone' }).waitFor();
  const before = renewals();
  await page.reload();
  await page.getByRole('link', { name: 'Mine alone' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Mine alone' }).waitFor();
  expect(renewals()).toBeGreaterThanOrEqual(before + 2);
  pages.endSessions();
  await page.reload();
  await page.getByRole('button', { name: 'Continue' }).waitFor();
});

it('says so when a sign-in cannot be completed, and lets people try again', async () => {
  const { page } = await stranger();
  await page.goto('/app/signed-in?code=stolen&state=unknown');
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Continue' }).waitFor();
});
