import { expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
receiver.answer(({ path }) => {
  if (path === '/refuses') return { status: 422 };
  const attempts = receiver.requests.filter((request) => request.path === path).length;
  return path === '/flaky' && attempts === 1 ? { status: 503 } : {};
});

async function measurements(): Promise<string> {
  const response = await fetch(`${product.url}/local/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return response.text();
}

/** Starts a run of one HTTP step and waits for its end. */
async function run(path: string): Promise<string> {
  const { id } = await alice.create({
    name: 'Measured',
    trigger_config: { type: 'manual' },
    settings: { retry: { max_attempts: 2, initial_delay_seconds: 0 } },
    actions: [{ type: 'http', config: { method: 'GET', url: `${receiver.url}${path}` } }],
  });
  const { body } = await alice.post(`/api/agents/${id}/run`, {});
  return (await alice.finished(body.run_id)).status;
}

it('shows what the functions measured, in the format that Prometheus reads', async () => {
  expect(await run('/fine')).toBe('success');
  expect(await run('/flaky')).toBe('success');
  expect(await run('/refuses')).toBe('failed');

  const text = await eventually(async () => {
    const metrics = await measurements();
    expect(metrics).toContain('runs_failed_total{service="agents",trigger="manual"} 1\n');
    return metrics;
  });
  expect(text).toContain('runs_started_total{service="agents",trigger="manual"} 3\n');
  expect(text).toContain('runs_succeeded_total{service="agents",trigger="manual"} 2\n');
  expect(text).toContain('credits_charged_total{service="agents",trigger="manual"} 3\n');
  expect(text).toContain('step_retries_total{service="agents",action="http"} 1\n');
  expect(text).toContain('step_duration_milliseconds_count{service="agents",action="http"} 3\n');
  expect(text).toMatch(
    /start_lag_milliseconds\{service="agents",trigger="manual",quantile="0.95"\} \d+\n/,
  );
});

it('counts what was refused by its trigger, and by why', async () => {
  const poor = await (await accountsOf(product)).user('poor', 'pro', 0);
  const step = { type: 'http', config: { method: 'GET', url: `${receiver.url}/fine` } };
  const agent = { name: 'Refused', actions: [step] };
  const secret = 'a-secret-of-sixteen';
  const hooked = { ...agent, trigger_config: { type: 'webhook', secret } };
  const { id, webhook_url } = await poor.create(hooked);
  const deliver = () => send(webhook_url, 'POST', {}, { headers: { 'x-webhook-secret': secret } });

  const statuses = [await deliver(), await deliver(), await poor.post(`/api/agents/${id}/run`, {})];

  expect(statuses.map(({ status }) => status)).toEqual([402, 402, 402]);
  await eventually(async () => {
    const text = await measurements();
    expect(text).toContain('runs_rejected_total{service="agents",trigger="webhook"} 2\n');
    expect(text).toContain('runs_rejected_total{service="agents",trigger="manual"} 1\n');
    expect(text).toContain('rejections_total{service="agents",reason="credits"} 3\n');
  });
});
