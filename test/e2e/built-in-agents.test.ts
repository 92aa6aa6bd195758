import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { apiClient } from '#test/helpers/api-client';
import { ROOT } from '#test/helpers/assembly';
import { startProduct } from '#test/helpers/product';
import { startSite } from '#test/helpers/site';

const saved = (name: string) => readFileSync(`${ROOT}/test/pages/${name}.html`, 'utf8');
const site = await startSite({
  '/article': { body: saved('article') },
  '/shop': { body: saved('shop') },
  '/french': {
    type: 'text/html',
    body: Buffer.from('<meta charset=iso-8859-1><p>Cr\xe8me', 'latin1'),
  },
  '/old': { status: 302, headers: { location: '/article' }, body: '' },
  '/picture': { type: 'image/png', body: Buffer.from([0x89, 0x50]) },
  '/limited': { status: 429, headers: { 'retry-after': '0' }, body: 'too many' },
  '/busy': { status: 503, headers: { 'retry-after': '0' }, body: 'later' },
  '/large': { body: `<p>${'x'.repeat(10 * 1_024 * 1_024)}` },
  '/bomb': {
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(200 * 1_024 * 1_024)),
  },
  '/deep': { body: '<div>'.repeat(200_000) },
  '/hard-to-read': { body: '<'.repeat(2_000_000) },
  '/endless': (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    const timer = setInterval(() => response.write('<p>and on</p>'), 50);
    response.on('close', () => clearInterval(timer));
  },
});
const strict = await startSite({
  '/robots.txt': {
    type: 'text/plain',
    body: 'User-agent: *\nDisallow: /private\n\nUser-agent: CrucibAI-Agents\nDisallow: /ours\n',
  },
  '/private': { body: '<p>private</p>' },
  '/moved': { status: 301, headers: { location: '/ours' }, body: '' },
  '/ours': { body: '<p>ours</p>' },
});
const unsure = await startSite({ '/robots.txt': { status: 500, body: 'oops' } });
const tiresome = await startSite({
  '/robots.txt': {
    type: 'text/plain',
    body: `${'User-agent: *\n'.repeat(15_000)}${'Disallow: /x\n'.repeat(20_000)}`,
  },
  '/page': { body: '<p>x' },
});
site.put('/away', { status: 302, headers: { location: `${strict.url}/ours` }, body: '' });
const product = await startProduct({ receivers: [site, strict, unsure, tiresome] });
const alice = await product.api('alice');

type Step = { readonly config: Record<string, unknown>; readonly timeout_seconds?: number };

/** Runs one built-in agent in a run of its own, without a second attempt. */
async function runOf(config: Record<string, unknown>, more: Omit<Step, 'config'> = {}, body = {}) {
  const { id } = await alice.create({
    name: 'One built-in agent',
    trigger_config: { type: 'manual' },
    settings: { retry: { max_attempts: 1 } },
    actions: [{ type: 'run_agent', config, ...more }],
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id);
}

const scrape = (path: string, more: Omit<Step, 'config'> = {}) =>
  runOf({ agent_name: 'Scraping Agent', input: { url: `${site.url}${path}` } }, more);

describe('the Scraping Agent', () => {
  it('reads a page and takes fields from it', async () => {
    const run = await runOf({
      agent_name: 'Scraping Agent',
      prompt: `Read ${site.url}/shop, please.`,
      input: {
        fields: { price: '.price .now', features: { selector: '.features li', all: true } },
      },
    });

    expect(run).toMatchObject({
      status: 'success',
      output_summary: expect.stringContaining('Copper kettle'),
    });
    expect(run.steps[0].output).toMatchObject({
      title: 'Copper kettle, 1.5 l – Kettle & Co',
      fields: {
        price: '£ 89.50',
        features: ['Hammered by hand', 'Whistles at 100 °C', 'Five years of guarantee'],
      },
    });
    expect(run.steps[0].output.markdown).toContain('In stock: 12');
  });

  it('decodes what is not UTF-8, and follows redirects', async () => {
    const [french, moved] = await Promise.all([scrape('/french'), scrape('/old')]);

    expect(french.steps[0].output.markdown).toBe('Crème');
    expect(moved.steps[0].output).toMatchObject({
      url: `${site.url}/article`,
      title: 'The harbour that the sea took back',
    });
  });

  it.each([
    ['a missing page', '/nothing', 'answered 404. Check the address.'],
    ['a picture', '/picture', 'image/png, which is not a page of text'],
    ['a page of 10 MB', '/large', 'more than'],
    ['a zip bomb', '/bomb', 'more than 10 MiB'],
    ['a page that is nested without end', '/deep', 'nested too deeply'],
  ])('ends with an error for %s', async (_, path, message) => {
    const run = await scrape(path);

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error.message).toContain(message);
  });

  it('ends at its limits with pages that never end or take all memory, while other runs go on', async () => {
    const hostile = [scrape('/endless', { timeout_seconds: 3 }), scrape('/hard-to-read')];
    const other = await scrape('/article');

    expect(other).toMatchObject({ status: 'success' });
    const [endless, hard] = await Promise.all(hostile);
    expect(endless).toMatchObject({ status: 'failed' });
    expect(endless.error.message).toContain('longer than its 3 s');
    expect(endless.duration_ms).toBeLessThan(10_000);
    // V8 cannot always stop a thread that takes too much, and then ends the whole process.
    expect(hard).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(hard.error.message).toMatch(/more than 192 MB of memory|longer than 20 s/);
  });

  it.each([
    ['/busy', 'answered 503'],
    ['/limited', 'answered 429'],
  ])('will come back to a page that cannot be had now: %s', async (path, told) => {
    const run = await scrape(path);

    expect(run.error).toEqual({
      code: 'action_unavailable',
      message: expect.stringContaining(told),
    });
  });

  it('reads what robots.txt leaves open, and nothing else', async () => {
    const url = (path: string) => ({ agent_name: 'Scraping Agent', input: `${strict.url}${path}` });
    const [open, ours, inside, away, unknown, endless] = await Promise.all([
      runOf(url('/private')),
      runOf(url('/ours')),
      runOf(url('/moved')),
      scrape('/away'),
      runOf({ agent_name: 'Scraping Agent', input: { url: `${unsure.url}/page` } }),
      runOf({ agent_name: 'Scraping Agent', input: { url: `${tiresome.url}/page` } }),
    ]);

    expect(open).toMatchObject({ status: 'success', steps: [{ output: { markdown: 'private' } }] });
    for (const run of [ours, inside, away]) {
      expect(run.error.message).toContain(
        'does not allow robots to read this page (robots.txt, line 5)',
      );
    }
    expect(unknown.error.message).toContain('its robots.txt answered 500');
    expect(strict.asked).not.toContain('/ours');
    expect(unsure.asked).toEqual(['/robots.txt']);
    expect(endless.status).toBe('success');
  });

  it('goes through the same guard as every other request', async () => {
    const run = await runOf(
      { agent_name: 'Scraping Agent', input: { url: '{{trigger.body.url}}' } },
      {},
      { url: 'http://169.254.169.254/latest/meta-data/' },
    );

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error.message).toContain('EGRESS_ALLOW');
  });
});

describe('agents of texts, without a model', () => {
  it('take sentences, data and labels from the text, and say so', async () => {
    const text = 'Order 17\nTotal: 89.50 GBP\nI want my money back, the kettle arrived broken.';
    const { id } = await alice.create({
      name: 'Complaints',
      trigger_config: { type: 'manual' },
      actions: [
        {
          id: 'write',
          type: 'run_agent',
          config: {
            agent_name: 'Content Agent',
            prompt: 'Summarise.',
            input: '{{trigger.body.text}}',
          },
        },
        {
          id: 'read',
          type: 'run_agent',
          config: {
            agent_name: 'Extraction Agent',
            input: {
              text: '{{trigger.body.text}}',
              schema: {
                type: 'object',
                properties: { total: { type: 'number' } },
                required: ['total'],
              },
            },
          },
        },
        {
          id: 'sort',
          type: 'run_agent',
          config: {
            agent_name: 'Classifier Agent',
            input: {
              text: '{{steps.write.output.text}}',
              labels: [{ name: 'refund', keywords: ['money back'] }, 'praise'],
            },
          },
        },
      ],
    });
    const { body } = await alice.post(`/api/agents/${id}/run`, { text });
    const run = await alice.finished(body.run_id);

    expect(run).toMatchObject({ status: 'success' });
    expect(run.steps.map((step: { output: unknown }) => step.output)).toMatchObject([
      { engine: 'extractive', model: null, text: expect.stringContaining('money back') },
      { engine: 'extractive', data: { total: 89.5 }, is_complete: true, missing: [] },
      { engine: 'extractive', label: 'refund', reason: 'The text has "money back".' },
    ]);
  });

  it.each([
    [
      'nothing to write from',
      { agent_name: 'Content Agent', prompt: 'Write a poem.' },
      'no language model here',
    ],
    [
      'a text without what is required',
      {
        agent_name: 'Extraction Agent',
        input: {
          text: 'Nothing of it.',
          schema: {
            type: 'object',
            properties: { total: { type: 'number' } },
            required: ['total'],
          },
        },
      },
      'requires: total.',
    ],
    [
      'a text that points nowhere',
      { agent_name: 'Classifier Agent', input: { text: 'Hm.', labels: ['refund', 'praise'] } },
      'Give them keywords',
    ],
  ])('fail rather than invent: %s', async (_, config, message) => {
    const run = await runOf(config);

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error.message).toContain(message);
  });
});

describe('running one built-in agent', () => {
  const run = (name: string, body: object, headers = {}) =>
    alice.post(`/api/agents/run/${encodeURIComponent(name)}`, body, { headers });

  it('answers with what it gave, and leaves a run but no agent', async () => {
    const before = await alice.get('/api/agents');
    const { status, body } = await run('Scraping Agent', { prompt: `${site.url}/shop` });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'success',
      error: null,
      output: { description: expect.any(String) },
    });
    const stored = await alice.get(`/api/agents/runs/${body.run_id}`);
    expect(stored.body).toMatchObject({ triggered_by: 'manual', credits_charged: 5 });
    expect((await alice.get('/api/agents/runs')).body.items[0].id).toBe(body.run_id);
    expect((await alice.get(`/api/agents/${stored.body.agent_id}`)).status).toBe(404);
    expect((await alice.get('/api/agents')).body).toEqual(before.body);
  });

  it('takes braces in a text as they are', async () => {
    const { body } = await run('content', { input: 'A text with {{trigger.body.prompt}} in it.' });

    expect(body.output.text).toBe('A text with {{trigger.body.prompt}} in it.');
  });

  it('says with 200 why it failed', async () => {
    const { status, body } = await run('scraping_agent', { input: { url: `${site.url}/nothing` } });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'failed',
      output: null,
      error: { code: 'action_rejected' },
    });
  });

  it('answers 202 when it takes longer than 25 seconds', async () => {
    const { status, body } = await run('scraping', { input: { url: `${site.url}/endless` } });

    expect(status).toBe(202);
    expect(Object.keys(body)).toEqual(['run_id']);
  });

  it('is the same run when the request is repeated with its key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await run('content', { input: 'One sentence.' }, headers);
    const second = await run('content', { input: 'One sentence.' }, headers);

    expect(second.body).toEqual(first.body);
  });

  it('refuses what no run could do', async () => {
    const unknown = await run('Magic Agent', {});
    const wrong = await run('classifier', { input: { text: 'x' } });
    const inside = await run('scraping', { input: 'http://10.0.0.1/' });

    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(unknown.body.error.message).toContain('Scraping Agent');
    expect(wrong.body.error.details.fields[0]).toMatchObject({ path: 'input.labels' });
    expect(inside.body.error.details.fields[0]).toMatchObject({ path: 'input.url' });
  });

  it('costs credits, and is refused without them', async () => {
    const poor = await product.api('poor');
    const admin = apiClient(product.url, await product.token('root', { role: 'admin' }));
    const { body: usage } = await poor.get('/api/usage');
    const amount = 4 - usage.credits.balance;
    await admin.post('/api/admin/credits', { user_id: 'poor', amount, reason: 'a test' });
    const { status, body } = await poor.post('/api/agents/run/content', { input: 'A b.' });

    expect(status).toBe(402);
    expect(body.error.code).toBe('insufficient_credits');
  });
});

describe('an agent that runs a built-in agent', () => {
  it.each([
    ['another name', { agent_name: 'Magic Agent' }, 'agent_name', 'Scraping Agent'],
    [
      'a field that there is not',
      { agent_name: 'Scraping Agent', input: { uri: 'x' } },
      'input.uri',
      'no such field',
    ],
    [
      'a value that does not fit',
      { agent_name: 'Content Agent', input: { text: '{{trigger.body.text}}', max_words: 1 } },
      'input.max_words',
      'at least 10',
    ],
    [
      'a private address',
      { agent_name: 'Scraping Agent', input: { url: 'http://10.0.0.1/' } },
      'input.url',
      'EGRESS_ALLOW',
    ],
    [
      'a schema that cannot be used',
      { agent_name: 'Extraction Agent', input: { text: 'x', schema: { type: 'string' } } },
      'input.schema',
      'must describe an object',
    ],
  ])('is not saved with %s', async (_, config, path, message) => {
    const { status, body } = await alice.post('/api/agents', {
      name: 'Wrong',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'run_agent', config }],
    });

    expect(status).toBe(400);
    expect(body.error.details.fields[0].path).toBe(`actions[0].config.${path}`);
    expect(body.error.details.fields[0].message).toContain(message);
  });

  it('finds every built-in agent in the catalogue, with what it takes and gives', async () => {
    const { body } = await alice.get('/api/agents/catalog');

    expect(body.agents.length).toBeGreaterThanOrEqual(4);
    for (const agent of body.agents) {
      expect(agent).toMatchObject({
        input_schema: { type: 'object' },
        output_schema: { type: 'object' },
      });
      expect(Object.keys(agent.input_schema.properties)).toContain(agent.main_field);
      expect(agent.credits).toBeGreaterThan(0);
    }
  });
});
