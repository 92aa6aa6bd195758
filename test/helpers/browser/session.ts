import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import { ROOT } from '#test/helpers/assembly';
import { findChromium } from '#test/helpers/browser/chromium';
import type { Product } from '#test/helpers/product';

/** A page of the dashboard, somebody signed in, and what went wrong in it. */
export type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Goes to a path and waits until its content is there. */
  open(path: string): Promise<void>;
};

type VisitOptions = {
  readonly user?: string;
  readonly role?: 'user' | 'admin';
  /** Nobody is signed in, whatever `user` says. */
  readonly isSignedOut?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
};

/** What a page reported: refusals by the content security policy, errors of its scripts, executed payloads. */
const reports: string[] = [];
const contexts: BrowserContext[] = [];
let browser: Browser | undefined;

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPictures();
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  expect(reports.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  browser = undefined;
});

/**
 * Opens a browser window with somebody signed in. When the test ends the window is closed, and the test
 * fails if a page broke the content security policy, threw an error or executed a payload.
 */
export async function visit(product: Product, options: VisitOptions = {}): Promise<Visit> {
  const { user = 'alice', role = 'user', width = 1440, height = 900 } = options;
  const context = await (await theBrowser()).newContext({
    viewport: { width, height },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: 'reduce',
    baseURL: product.url,
  });
  contexts.push(context);
  context.setDefaultTimeout(10_000);
  const token = options.isSignedOut ? undefined : await product.token(user, { role });
  await context.addInitScript(watch, token);
  await context.exposeFunction('reportToTest', (text: string) => reports.push(text));
  const page = await context.newPage();
  page.on('pageerror', (error) => reports.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    reports.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    context,
    async open(path) {
      await page.goto(path);
      await page.locator('h1').first().waitFor();
    },
  };
}

/** Runs in the page, before anything of it. */
function watch(token: string | undefined): void {
  if (token !== undefined) sessionStorage.setItem('access_token', token);
  const report = (text: string) =>
    (globalThis as unknown as { reportToTest(text: string): void }).reportToTest(text);
  const target = globalThis as unknown as EventTarget;
  target.addEventListener('securitypolicyviolation', (event) => {
    const { violatedDirective, blockedURI } = event as unknown as Record<string, string>;
    report(`policy: ${violatedDirective} ${blockedURI}`);
  });
  Object.assign(globalThis, { executed: () => report('executed a payload') });
}

/** What the failed test saw, for whoever looks into it. */
async function keepPictures(): Promise<void> {
  const pages = contexts.flatMap((context) => context.pages());
  for (const [place, page] of pages.entries()) {
    const path = join(ROOT, '.cache', 'browser-failures', `${Date.now()}-${place}.png`);
    await page.screenshot({ path, fullPage: true }).catch(() => undefined);
    console.log(`The page when the test failed: ${path}`);
  }
}

async function theBrowser(): Promise<Browser> {
  if (browser) return browser;
  const { executablePath, args, env } = await findChromium();
  browser = await chromium.launch({
    executablePath,
    args: [...args],
    env: { ...process.env, ...env } as Record<string, string>,
  });
  return browser;
}
