import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
let alice: ApiClient;

beforeAll(async () => {
  const product = await startProduct({ receivers: [receiver] });
  alice = await product.api('alice');
});

/** More than fits into the run, or into an item beside it: it is kept in S3. */
const large = Array.from({ length: 300_000 / 30 }, (_, row) => `row ${String(row).padStart(24)}`);
const made = { number: 42, object: { yes: true, none: null }, list: ['first', 'second'], large };

/** One step makes something, the second passes on what a placeholder gives, the third that again. */
async function passOn(placeholder: string) {
  const passed: unknown[] = [];
  receiver.answer(({ path, json }) => {
    if (path === '/make') return { body: made };
    passed.push((json as { value: unknown }).value);
    return { body: json as object };
  });
  const call = (id: string, value?: string) => ({
    id,
    type: 'http',
    config: {
      method: 'POST',
      url: `${receiver.url}/${id}`,
      ...(value !== undefined && { body: { value } }),
    },
  });
  const agent = await alice.create({
    name: 'Chain',
    trigger_config: { type: 'manual' },
    actions: [
      call('make'),
      call('pass', placeholder),
      call('again', '{{steps.pass.output.json.value}}'),
    ],
  });
  const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
  return { run: await alice.finished(body.run_id), passed };
}

describe('R-WF-3: what a step gives, handed on twice', () => {
  it.each([
    { what: 'a number', placeholder: '{{steps.make.output.json.number}}', value: made.number },
    { what: 'an object', placeholder: '{{steps.make.output.json.object}}', value: made.object },
    { what: 'a list', placeholder: '{{steps.make.output.json.list}}', value: made.list },
    { what: 'an item', placeholder: '{{steps.make.output.json.list[1]}}', value: 'second' },
    { what: '300 KB', placeholder: '{{steps.make.output.json.large}}', value: large },
    {
      what: 'a default in place of what is not there',
      placeholder: '{{steps.make.output.json.nothing | default: "none"}}',
      value: 'none',
    },
    {
      what: 'a number in a text',
      placeholder: 'no. {{steps.make.output.json.number}}',
      value: 'no. 42',
    },
  ])('is $what, as it was', async ({ placeholder, value }) => {
    const { run, passed } = await passOn(placeholder);

    expect(run.status, run.error_message).toBe('success');
    expect(passed).toEqual([value, value]);
    expect(run.steps[2].input.body).toEqual({ value });
  });

  it.each(['{{steps.make.output.json.nothing}}', '{{steps.make.output.json.list[7]}}'])(
    '%s, which is not there, fails the step, and the message says what there is',
    async (placeholder) => {
      const { run, passed } = await passOn(placeholder);

      expect(run).toMatchObject({
        status: 'failed',
        error: { code: 'action_rejected' },
        steps: [{ status: 'success' }, { id: 'pass', status: 'failed' }],
      });
      expect(run.error_message).toMatch(/nothing|list/);
      expect(passed).toEqual([]);
    },
  );
});
