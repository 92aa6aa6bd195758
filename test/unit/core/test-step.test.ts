import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { catalog } from '#actions/registry';
import { parseEgressAllow } from '#core/egress/egress';
import { ActionUnavailableError } from '#core/errors';
import { parseRequest } from '#core/field-path';
import type { Http } from '#core/http';
import { TestStep, testStep } from '#core/steps/test-step';
import { memoryCredits } from '#test/helpers/memory-ports';
import { worldWith } from '#test/helpers/world';

const answering = (body: unknown) =>
  vi.fn<Http['send']>(async ({ url }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
    url,
  }));

function tryStep(body: unknown, send: Http['send'] = answering({ ok: true })) {
  const quiet = { info() {}, warn() {}, error() {} };
  return testStep('alice', parseRequest(TestStep, body), {
    catalog,
    egress: parseEgressAllow(''),
    world: worldWith({ http: { send } }),
    connections: { find: async () => undefined },
    plan: 'pro' as const,
    rates: { take: async () => true },
    credits: memoryCredits().store,
    clock: { now: Date.now },
    random: () => 0,
    log: quiet,
    randomBytes,
  });
}

const http = (config: Record<string, unknown>, more = {}) => ({
  type: 'http',
  config: { url: 'https://example.com/x', method: 'POST', ...config },
  ...more,
});

describe('a tried step', () => {
  it('sees the item of the loop around it, when one is given', async () => {
    const send = answering({ ok: true });
    const action = http({ body: { who: '{{item.name}}', at: '{{index}}' } });

    const result = await tryStep({ action, item: { name: 'Ada' } }, send);

    expect(JSON.parse(result.input).body).toEqual({ who: 'Ada', at: 0 });
    await expect(tryStep({ action }, send)).rejects.toMatchObject({
      fields: [{ path: 'action.config.body.who' }, { path: 'action.config.body.at' }],
    });
  });

  it('sees the given trigger and the given outputs, by id and by place', async () => {
    const send = answering({ id: 7 });

    const result = await tryStep(
      {
        action: http({
          body: {
            who: '{{trigger.body.name}}',
            from: '{{trigger.headers.from}}',
            one: '{{steps.fetch.output.json.n}}',
            two: '{{steps.1.output}}',
          },
        }),
        trigger: { body: { name: 'Ada' }, headers: { from: 'crm' } },
        steps: { fetch: { output: { json: { n: 1 } } }, 1: { output: [2] } },
      },
      send,
    );

    expect(JSON.parse(String(send.mock.calls[0]?.[0].body))).toEqual({
      who: 'Ada',
      from: 'crm',
      one: 1,
      two: [2],
    });
    expect(result.record).toMatchObject({ status: 'success', attempts: 1 });
    expect(JSON.parse(result.output)).toMatchObject({ status: 200, json: { id: 7 } });
    expect(JSON.parse(result.input)).toMatchObject({ body: { who: 'Ada' } });
    expect(result.log.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^POST example\.com answered 200/),
    ]);
  });

  it('is not tried again, whatever its retry says', async () => {
    const send = vi.fn<Http['send']>(() => Promise.reject(new ActionUnavailableError('Busy.')));

    const result = await tryStep({ action: http({}, { retry: { max_attempts: 9 } }) }, send);

    expect(send).toHaveBeenCalledTimes(1);
    expect(result.record).toMatchObject({
      status: 'failed',
      error: { code: 'action_unavailable', message: 'Busy.' },
    });
  });

  it('says which placeholder finds nothing', async () => {
    const result = await tryStep({ action: http({ body: '{{trigger.body.nobody}}' }) });

    expect(result.record.status).toBe('failed');
    expect(result.record.error?.message).toContain('trigger.body.nobody');
  });

  it('ends after 25 seconds, however long the action may take', async () => {
    vi.useFakeTimers();
    const never = vi.fn<Http['send']>(() => new Promise(() => undefined));

    const trying = tryStep({ action: http({}, { timeout_seconds: 600 }) }, never);
    await vi.advanceTimersByTimeAsync(25_000);
    const result = await trying;
    vi.useRealTimers();

    expect(result.record.error?.message).toContain('25 s');
  });

  it.each([
    ['an unknown type', { action: { type: 'nonsense', config: {} } }, 'action.type'],
    ['a bad config', { action: http({ method: 'SING' }) }, 'action.config.method'],
    ['an address of ours', { action: http({ url: 'http://127.0.0.1/' }) }, 'action.config.url'],
    [
      'a step that was not given',
      { action: http({ body: '{{steps.fetch.output}}' }) },
      'action.config.body',
    ],
    ['an unknown field', { action: http({}), save: true }, 'save'],
    ['a step by a strange name', { action: http({}), steps: { 'A B': {} } }, 'steps["A B"]'],
  ])('is refused because of %s', async (_, body, path) => {
    const refused = Promise.resolve().then(() => tryStep(body));
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_request',
      details: { fields: [expect.objectContaining({ path })] },
    });
  });
});
