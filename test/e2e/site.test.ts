import { describe, expect, it } from 'vitest';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${product.url}${path}`, { redirect: 'manual', headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('the site', () => {
  it.each([
    ['/', 'Build apps agentically'],
    ['/docs', 'Data in steps'],
    ['/docs/data-in-steps', 'What can be reached'],
    ['/docs/webhook-security', 'X-Webhook-Secret'],
    ['/docs/actions', 'value_input'],
    ['/docs/changelog', 'Agents and automations'],
    ['/docs/roadmap', 'comes next'],
    ['/app', '<div id="root">'],
    ['/app/agents/agt_x/runs', '<div id="root">'],
    ['/approve', '<div id="root">'],
    ['/docs/api', 'Create an agent'],
  ])('serves %s', async (path, text) => {
    const page = await get(path);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain(text);
  });

  it('says 404 where there is no page, with a way back', async () => {
    for (const path of ['/nothing', '/docs/nothing', '/index.html', '/constructor']) {
      const page = await get(path);
      expect(page.status, path).toBe(404);
      expect(page.text).toContain('href="/docs"');
    }
  });

  it('has one address for a page', async () => {
    const page = await get('/docs/');

    expect(page.status).toBe(301);
    expect(page.headers.get('location')).toBe('/docs');
  });

  it('lets pages run nothing but our own files, and has nothing inline', async () => {
    for (const path of ['/', '/docs/data-in-steps', '/app']) {
      const page = await get(path);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle="|\son[a-z]+="/);
    }
  });

  it('has every file that its pages name, kept for ever when its name says what is in it', async () => {
    for (const path of ['/', '/docs', '/app', '/nothing']) {
      const { text } = await get(path);
      const files = [...text.matchAll(/(?:src|href)="(\/[^"]+\.\w+)"/g)].map(
        ([, file]) => file ?? '',
      );
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) {
        const { status, headers } = await get(file);
        expect(status, file).toBe(200);
        expect(headers.get('cache-control')).toBe(
          file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      }
    }
  });

  it('tells the app how people sign in here', async () => {
    const { headers, text } = await get('/app-config.json');

    expect(JSON.parse(text)).toEqual({ auth: { kind: 'local' } });
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  it('has no link that leads nowhere', async () => {
    const seen = new Set<string>();
    const waiting = ['/'];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const page = await get(path);
      expect(page.status, path).toBe(200);
      if (path === '/docs/api' || path.startsWith('/app')) continue;
      for (const [, id] of page.text.matchAll(/href="#([^"]+)"/g)) {
        expect(page.text, `${path}#${id}`).toContain(`id="${id}"`);
      }
      const links = [...page.text.matchAll(/<a [^>]*href="(\/[^"#]*)/g)].map(
        ([, link]) => link ?? '',
      );
      waiting.push(...links);
    }
    expect(seen.size).toBeGreaterThan(4);
  });
});
