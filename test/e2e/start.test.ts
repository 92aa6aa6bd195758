import { spawn } from 'node:child_process';
import { globSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ROOT } from '#test/helpers/assembly';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { failToStart, type Product, startProduct } from '#test/helpers/product';

const PUBLIC_HOST = 'hooks.example.test';
const product = await startProduct({ env: { PUBLIC_URL: `https://${PUBLIC_HOST}` } });
const alice = await product.api('alice');
const hook = await alice.create({
  name: 'Public',
  trigger_config: { type: 'webhook', secret: 'a-secret-of-sixteen' },
  actions: [{ type: 'http', config: { url: 'https://example.com' } }],
});

/** A request with headers that `fetch` would not send. */
function ask(
  target: Product,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port: target.port, path, method, headers },
      async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}

/** Ports at 127.0.0.1 on which a product's processes listen, from the kernel's tables. */
function portsOf({ dataDir }: Product): number[] {
  const own = globSync('/proc/[0-9]*/environ').filter((file) => {
    try {
      return readFileSync(file, 'utf8').split('\0').includes(`DATA_DIR=${dataDir}`);
    } catch {
      return false;
    }
  });
  const files = own.flatMap((file) => globSync(file.replace('environ', 'fd/*')));
  const sockets = new Set(files.map(linkOf));
  const LISTENING = '0A';
  const LOOPBACK = '0100007F';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state, , , , , , inode]) => {
      return local?.startsWith(LOOPBACK) && state === LISTENING && sockets.has(`socket:[${inode}]`);
    })
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
}

/** What a file of /proc stands for; it may be gone. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

describe('a start', () => {
  it('is quick once the app has been synthesized', async () => {
    const second = await startProduct({ dataDir: temporaryDirectory() });

    console.log(`ready after ${(second.readyMs / 1_000).toFixed(2)} s`);
    expect(second.readyMs).toBeLessThan(15_000);
    await second.stop();
  });

  it('says what it does, how long it took, and how to make a first agent', () => {
    const output = product.output();

    expect(output).toMatch(/\(\d+\.\d\d s\)/);
    expect(output).toMatch(/^Ready after \d+\.\d s$/m);
    expect(output).toContain(`${product.url}/api`);
    expect(output).toContain(PUBLIC_HOST);
    expect(output).toContain('curl');
    expect(output).not.toContain('! ');
  });

  it('prints a first agent that works when it is pasted', async () => {
    const fresh = await startProduct();
    await eventually(() => expect(fresh.output()).toContain('Ctrl-C stops it.'));
    const from = fresh.output().indexOf('  field()');
    const script = fresh.output().slice(from).split('\n\n')[0] ?? '';

    const output = await shell(script);

    expect(JSON.parse(output)).toMatchObject({ status: 'success' });
    const { body } = await (await fresh.api('alice')).get('/local/slack');
    expect(body.items[0].payload.text).toBe('Hello from Ada');
    await fresh.stop();
  });

  it('on a busy port says so, and ends with 1', async () => {
    const { exitCode, output } = await failToStart({ port: product.port });

    expect(exitCode).toBe(1);
    expect(output).toContain(`Port ${product.port} is in use`);
  });

  it('in a data directory that is in use says so, and ends with 1', async () => {
    const { exitCode, output } = await failToStart({ dataDir: product.dataDir });

    expect(exitCode).toBe(1);
    expect(output).toContain(product.dataDir);
    expect(output).toContain('in use');
    expect((await alice.get(`/api/agents/${hook.id}`)).status).toBe(200);
  });

  it.each([
    ['PORT', '99999'],
    ['PORT', 'http'],
    ['PUBLIC_URL', 'not a url'],
    ['PUBLIC_URL', 'https://example.com/path'],
    ['HOST', '127.0.0.1'],
  ])('with %s=%s says what is wrong, and ends with 1', async (name, value) => {
    const { exitCode, output } = await failToStart({ env: { [name]: value } });

    expect(exitCode).toBe(1);
    expect(output).toContain(value);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it.each(['http://', '10.0.0.0/99'])(
    'with EGRESS_ALLOW=%s says so, and ends with 1',
    async (value) => {
      const { exitCode, output } = await failToStart({ env: { EGRESS_ALLOW: value } });

      expect(exitCode).toBe(1);
      expect(output).toContain(`Cannot read the allowed address "${value}"`);
    },
  );
});

describe('Ctrl-C', () => {
  it('ends with 0 and frees the port and the data directory', async () => {
    const dataDir = temporaryDirectory();
    const first = await startProduct({ dataDir });

    expect(await first.stop()).toBe(0);
    expect(await isFree(first.port)).toBe(true);
    const again = await startProduct({ dataDir, port: first.port });
    expect(await again.stop()).toBe(0);
  });

  it('in the middle of a start ends it', async () => {
    const child = spawn(process.execPath, ['local/start.ts'], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0', DATA_DIR: temporaryDirectory() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');

    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
  });
});

describe('who may talk to it', () => {
  it('is only this machine, at its one address', async () => {
    const elsewhere = fetch(`http://127.0.0.2:${product.port}/api/health`);

    await expect(elsewhere).rejects.toThrow();
  });

  it.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1',
    'localhost:1',
  ])('is not who names another host: %s', async (host) => {
    for (const path of ['/api/health', '/local/.well-known/jwks.json', '/']) {
      expect((await ask(product, path, { host })).status).toBe(421);
    }
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('may name it %s', async (name) => {
    const { status } = await ask(product, '/api/health', { host: `${name}:${product.port}` });

    expect(status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['origin', { origin: 'https://evil.example' }],
    ['opaque origin', { origin: 'null' }],
    ['port of this machine', { origin: 'http://localhost:1' }],
    ['page, by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
  ])('is no page of another %s', async (_, headers) => {
    const host = `localhost:${product.port}`;
    for (const path of ['/local/token', '/api/agents']) {
      const { status } = await ask(product, path, { host, ...headers }, 'POST');
      expect(status).toBe(403);
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'is no page, at any port that a page can try: the services behind it refuse them, or are not there',
    async () => {
      const ports = portsOf(product);
      expect(ports).toContain(product.port);
      expect(ports.length).toBeGreaterThan(5);
      const target = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
      const authorization =
        'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, SignedHeaders=host;x-amz-date, Signature=local';
      const call = { ...target, authorization, 'x-amz-date': '20250101T000000Z' };

      for (const port of ports) {
        const here = { ...product, port };
        const page = { host: `localhost:${port}`, origin: 'https://evil.example' };
        const rebound = { host: `evil.example:${port}` };
        for (const headers of [page, rebound]) {
          const { status } = await ask(here, '/', { ...call, ...headers }, 'POST');
          expect([403, 421], `port ${port}`).toContain(status);
        }
      }
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip'])(
    'is nobody whose request a tunnel passed on as its own (%s), but for the public doors',
    async (name) => {
      const headers = { host: `localhost:${product.port}`, [name]: '203.0.113.9' };
      const secret = { 'x-webhook-secret': 'a-secret-of-sixteen' };

      expect(await ask(product, '/local/token', headers, 'POST')).toMatchObject({ status: 404 });
      expect(await ask(product, '/api/agents', headers)).toMatchObject({ status: 404 });
      expect(
        await ask(product, `/api/agents/webhook/${hook.id}`, { ...headers, ...secret }, 'POST'),
      ).toMatchObject({ status: 202 });
    },
  );

  it('is its own page', async () => {
    const host = `localhost:${product.port}`;
    const { status } = await ask(product, '/api/health', { host, origin: `http://${host}` });

    expect(status).toBe(200);
  });
});

describe('the public address', () => {
  it('is what webhook links are made of', () => {
    expect(hook.webhook_url).toBe(`https://${PUBLIC_HOST}/api/agents/webhook/${hook.id}`);
  });

  it('leads to webhooks', async () => {
    const path = `/api/agents/webhook/${hook.id}`;
    const secret = { 'x-webhook-secret': 'a-secret-of-sixteen' };

    const good = await ask(product, path, { host: PUBLIC_HOST, ...secret }, 'POST');
    const bad = await ask(product, path, { host: PUBLIC_HOST, 'x-webhook-secret': 'x' }, 'POST');

    expect([good.status, bad.status]).toEqual([202, 401]);
  });

  it('leads to nothing else', async () => {
    const token = await product.token('alice');
    const headers = { host: PUBLIC_HOST, authorization: `Bearer ${token}` };

    for (const path of [
      '/api/health',
      '/api/agents',
      `/api/agents/${hook.id}`,
      '/api/agents/runs',
      '/local/token',
      '/local/slack',
      '/local/.well-known/jwks.json',
      '/',
    ]) {
      for (const method of ['GET', 'POST']) {
        expect((await ask(product, path, headers, method)).status, path).toBe(404);
      }
    }
  });
});

function shell(script: string): Promise<string> {
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return new Promise((resolve) => child.once('close', () => resolve(output)));
}
