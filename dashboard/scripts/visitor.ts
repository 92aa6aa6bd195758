import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '#test/helpers/browser/chromium';

type Role = 'user' | 'admin';

/** A browser to take pictures with. */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, args, env } = await findChromium();
  return chromium.launch({
    executablePath,
    args: [...args],
    env: { ...process.env, ...env } as Record<string, string>,
  });
}

/** A page of the dashboard at `base`, with somebody signed in. */
export async function visit(
  browser: Browser,
  visitor: {
    readonly base: string;
    readonly user: string;
    readonly role: Role;
    readonly width: number;
    readonly height: number;
    readonly colorScheme: 'light' | 'dark';
  },
): Promise<Page> {
  const { base, user, role, width, height, colorScheme } = visitor;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    baseURL: base,
    reducedMotion: 'reduce',
  });
  const token = await tokenOf(base, user, role);
  await context.addInitScript(`sessionStorage.setItem('access_token', ${JSON.stringify(token)})`);
  return context.newPage();
}

/** Waits until nothing is loaded any more. */
export async function ready(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'hidden' });
  await page.locator('[class*=bone]').first().waitFor({ state: 'hidden' });
  await page.waitForLoadState('networkidle', { timeout: 800 }).catch(() => {});
}

/** Sends requests for a user. */
export async function apiOf(base: string, user: string, role: Role) {
  const token = await tokenOf(base, user, role);
  return (path: string, body: unknown) =>
    post(`${base}${path}`, body, { authorization: `Bearer ${token}` });
}

async function tokenOf(base: string, user: string, role: Role): Promise<string> {
  const answer = await post(`${base}/local/token`, { user, role });
  return String(answer['access_token']);
}

async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}
