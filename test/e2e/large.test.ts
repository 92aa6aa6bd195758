import { describe, expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');

/** JSON of about this size, each part different. */
function large(bytes: number) {
  const rows = Math.ceil(bytes / 32);
  return { rows: Array.from({ length: rows }, (_, row) => `row ${String(row).padStart(24, '0')}`) };
}

function agent(...actions: object[]) {
  return { name: 'Large', trigger_config: { type: 'webhook' }, actions };
}

async function trigger(definition: object, body: unknown) {
  const { webhook_url, trigger_config } = await alice.create(definition);
  const headers = { 'x-webhook-secret': trigger_config.secret };
  const { body: opened } = await send(webhook_url, 'POST', body, { headers });
  return alice.finished(opened.run_id);
}

describe('a large value', () => {
  // One stays in the run, one gets an item of its own, one an object.
  it.each([1_000, 30_000, 300_000])('of %i bytes goes from one step to the next', async (bytes) => {
    const value = large(bytes);
    receiver.answer(({ path }) => ({ body: path === '/make' ? value : { ok: true } }));

    const run = await trigger(
      agent(
        { id: 'make', type: 'http', config: { url: `${receiver.url}/make` } },
        {
          type: 'http',
          config: {
            method: 'POST',
            url: `${receiver.url}/take/${bytes}`,
            body: '{{steps.make.output.json}}',
          },
        },
      ),
      {},
    );

    expect(run.error_message).toBeNull();
    const [taken] = await receiver.got(`/take/${bytes}`);
    expect(taken?.json).toEqual(value);
    expect(run.steps[0].output.json).toEqual(value);
    expect(run.steps[1].input.body).toEqual(value);
  });

  it('of 900 KB comes in by a webhook, goes out, and can be read again', async () => {
    const value = large(900_000);
    receiver.answer(() => ({ body: { ok: true } }));

    const run = await trigger(
      agent({
        type: 'http',
        config: { method: 'POST', url: `${receiver.url}/pass-on`, body: '{{trigger.body}}' },
      }),
      value,
    );

    expect(run.status).toBe('success');
    expect(run.trigger.body).toEqual(value);
    const [passed] = await receiver.got('/pass-on');
    expect(passed?.json).toEqual(value);
  });

  it('by hand, too', async () => {
    const value = large(400_000);
    const { id } = await alice.create({
      ...agent({ type: 'http', config: { url: receiver.url } }),
      trigger_config: { type: 'manual' },
    });

    const { body } = await alice.post(`/api/agents/${id}/run`, value);

    expect((await alice.finished(body.run_id)).trigger.body).toEqual(value);
  });

  it('as an answer is kept up to 1 MiB', async () => {
    receiver.answer(() => ({ body: 'x'.repeat(1_200_000) }));

    const run = await trigger(agent({ type: 'http', config: { url: `${receiver.url}/long` } }), {});

    expect(run.steps[0].output.truncated).toBe(true);
    expect(run.steps[0].output.text).toBe('x'.repeat(1_048_576));
  });

  it('as an answer of more than 10 MiB fails the step', async () => {
    receiver.answer(() => ({ body: 'x'.repeat(11 * 1_048_576) }));

    const run = await trigger(agent({ type: 'http', config: { url: `${receiver.url}/huge` } }), {});

    expect(run).toMatchObject({ status: 'failed', error: { code: 'action_rejected' } });
    expect(run.error_message).toContain('10 MiB');
  });
});

describe('many steps', () => {
  it('leave every line of their log', async () => {
    receiver.answer(() => ({ body: { ok: true } }));
    const steps = Array.from({ length: 100 }, () => ({
      type: 'http',
      config: { url: `${receiver.url}/many` },
    }));

    const run = await trigger(agent(...steps), {});
    const log = await alice.get(`/api/agents/runs/${run.id}/logs?limit=1000`);

    expect(run.status).toBe('success');
    expect(run.steps.map((step: { index: number }) => step.index)).toEqual([...steps.keys()]);
    expect(log.body.items).toHaveLength(102);
    expect(log.body.items.slice(1, -1).map((line: { step: string }) => line.step)).toEqual(
      [...steps.keys()].map(String),
    );
  });
});
