import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Certified, newAuthority } from '#test/helpers/certificates';
import { temporaryDirectory } from '#test/helpers/directories';
import { startProduct } from '#test/helpers/product';

const authority = newAuthority();
const trusted = join(temporaryDirectory(), 'authority.pem');
writeFileSync(trusted, authority.cert);

/** Starts a server that shows this certificate; it ends with the test file. */
async function serve(certified: Certified): Promise<{ url: string; port: number }> {
  const server = createServer(certified, (_, response) => response.end('Well.'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}/`, port };
}

// Half a day more, so that whole days do not depend on how long the test takes.
const fresh = await serve(authority.certify('localhost', 90.5));
const ending = await serve(authority.certify('localhost', 5.5));
const expired = await serve(authority.certify('localhost', -3));
const elsewhere = await serve(authority.certify('shop.example', 90));
const stranger = await serve(newAuthority('Somebody else').certify('localhost', 90));

const servers = [fresh, ending, expired, elsewhere, stranger];
const product = await startProduct({
  env: {
    NODE_EXTRA_CA_CERTS: trusted,
    EGRESS_ALLOW: servers.map(({ port }) => `localhost:${port}`).join(','),
  },
});
const alice = await product.api('alice');

async function look(input: object) {
  const { status, body } = await alice.post('/api/agents/run/monitor', { input });
  expect({ status, run: body.status }, JSON.stringify(body)).toEqual({
    status: 200,
    run: 'success',
  });
  return body.output;
}

describe('the Monitor Agent, at a server with TLS', () => {
  it('says how many days its certificate has left', async () => {
    expect(await look({ url: fresh.url })).toMatchObject({
      ok: true,
      status: 200,
      tls_days_left: 90,
      problems: [],
    });
  });

  it('warns before the certificate ends, as early as it is told', async () => {
    expect(await look({ url: ending.url })).toMatchObject({
      ok: false,
      status: 200,
      tls_days_left: 5,
      problems: ['Its certificate is valid for 5 more days only.'],
    });
    expect(await look({ url: ending.url, min_tls_days: 5 })).toMatchObject({ ok: true });
  });

  it.each([
    ['has expired', expired, 'has expired'],
    ['is for another host', elsewhere, 'is for another host'],
    ['was signed by a stranger', stranger, 'is not signed by an authority that is trusted'],
  ])('takes a certificate for a result that %s', async (_, { url, port }, told) => {
    expect(await look({ url })).toMatchObject({
      ok: false,
      status: null,
      tls_days_left: null,
      problems: [
        expect.stringMatching(new RegExp(`^The certificate of localhost:${port} ${told}`)),
      ],
    });
  });
});

it('an HTTP step sends nothing to a server whose certificate is not valid', async () => {
  const step = (url: string) => ({ action: { type: 'http', config: { url } } });

  const [good, bad] = await Promise.all(
    [fresh, elsewhere].map(({ url }) => alice.post('/api/agents/test-step', step(url))),
  );

  expect(good?.body).toMatchObject({ status: 'success', output: { text: 'Well.' } });
  expect(bad?.body).toMatchObject({
    status: 'failed',
    error: { code: 'action_rejected', message: expect.stringContaining('is for another host') },
  });
});
