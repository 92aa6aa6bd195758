import { expect, it } from 'vitest';
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
    const response = await fetch(`${product.url}/local/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const metrics = await response.text();
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
