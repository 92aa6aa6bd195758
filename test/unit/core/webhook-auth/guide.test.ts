import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { newSecret, verifyDelivery, WEBHOOK_SCHEMES } from '#core/webhook-auth/webhook-auth';
import { sampleFor, samplesIn } from '#dashboard/app/pages/agent/webhook-code.ts';
import { digest, keys } from './signers.ts';

const GUIDE = readFileSync(
  new URL('../../../../docs/guides/webhook-security.md', import.meta.url),
  'utf8',
);
/** How each language of the guide is run from a text, and what must be installed for it. */
const LANGUAGES: Record<string, { readonly run: readonly string[]; readonly needs: string[] }> = {
  bash: { run: ['bash', '-euo', 'pipefail', '-c'], needs: ['bash', 'openssl', 'curl'] },
  js: { run: [process.execPath, '--input-type=module', '-e'], needs: [process.execPath] },
  python: { run: ['python3', '-c'], needs: ['python3'] },
};
const SCHEMES = WEBHOOK_SCHEMES.filter((scheme) => scheme !== 'none');
/** What each language writes in a way of its own. */
const PAYLOAD = { name: `O'Brien "$HOME" \\ é 😀 $&`, paid: true, orders: [{ id: null }, {}] };
// As the dashboard shows them for one agent.
const samples = SCHEMES.flatMap((scheme) =>
  samplesIn(GUIDE, scheme).map((sample) => [scheme, sample.language, sample] as const),
);

describe('the guide to webhook security', () => {
  it('shows every kind of auth in three languages', () => {
    const expected = SCHEMES.flatMap((scheme) => ['bash', 'js', 'python'].map((l) => [scheme, l]));
    expect(samples.map(([scheme, language]) => [scheme, language])).toEqual(expected);
    for (const scheme of WEBHOOK_SCHEMES) expect(GUIDE).toContain(`| \`${scheme}\``);
  });

  it.for(samples)('sends what %s takes, in %s', { timeout: 30_000 }, async (sample, { skip }) => {
    const [scheme, language, shown] = sample;
    const { run, needs } = LANGUAGES[language] ?? { run: [], needs: [] };
    const missing = needs.filter((tool) => !isInstalled(tool));
    if (missing.length > 0) skip(`${missing.join(', ')} is not installed`);
    const secret = newSecret(scheme, randomBytes);

    const { headers, body } = await sentBy(
      run,
      (url) => sampleFor(shown, { url, secret, payload: PAYLOAD }),
      secret,
    );

    const stored = scheme === 'secret' ? [digest(secret)] : keys(scheme, secret);
    const verdict = verifyDelivery(scheme, { headers, query: {}, body }, stored, Date.now());
    expect(verdict.verdict).toBe('genuine');
    if (['secret', 'standard-webhooks'].includes(scheme)) {
      expect(JSON.parse(body.toString())).toEqual(PAYLOAD);
    } else {
      expect(() => JSON.parse(body.toString())).not.toThrow();
    }
    expect(headers['content-type']).toBe('application/json');
  });
});

function isInstalled(tool: string): boolean {
  return spawnSync(tool, [tool.endsWith('openssl') ? 'version' : '--version']).status === 0;
}

/** Runs a sample against a server of this process, and gives the one request that it sent. */
async function sentBy(run: readonly string[], code: (url: string) => string, secret: string) {
  const received: { headers: Record<string, string>; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    response.writeHead(202).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const [file = '', ...rest] = [...run, code(`http://127.0.0.1:${port}/hook`)];
  try {
    await promisify(execFile)(file, rest, {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NO_PROXY: '127.0.0.1',
        WEBHOOK_SECRET: secret,
      },
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
  const [request] = received;
  if (request === undefined) throw new Error('The sample sent nothing.');
  return request;
}
