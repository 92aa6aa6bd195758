import { expect, it } from 'vitest';
import * as z from 'zod';
import { closestName } from '#core/closest-name';
import { parseRequest } from '#core/field-path';

const names = ['name', 'cron_expression', 'timezone', 'run_at', 'to', 'id'];

it.each([
  ['cronExpression', 'cron_expression'],
  ['cron-expresion', 'cron_expression'],
  ['nmae', undefined],
  ['naem_', undefined],
  ['nam', 'name'],
  ['Name', 'name'],
  ['timezon', 'timezone'],
  ['runAt', 'run_at'],
  ['tt', undefined],
  ['schedule', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%.20s: %s', (written, meant) => {
  expect(closestName(written, names)).toBe(meant);
});

it('is said where a field does not exist, for each of them', () => {
  const schema = z.strictObject({ trigger: z.strictObject({ cron_expression: z.string() }) });
  const body = { trigger: { cron_expression: '', cronexpression: '', other: 1 } };
  const refusal = () => parseRequest(schema, body);

  expect(refusal).toThrow(
    expect.objectContaining({
      details: {
        fields: [
          {
            path: 'trigger.cronexpression',
            message: 'There is no such field here. Did you mean cron_expression?',
          },
          {
            path: 'trigger.other',
            message:
              'There is no such field here; remove it. The fields here are: cron_expression.',
          },
        ],
      },
    }),
  );
});
