import * as z from 'zod';

const Status = z.int().min(100).max(599);

/** What the Monitor Agent takes. */
export const MonitorInput = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(8_192)
    .optional()
    .describe('What to look at: an http or https address. Default: the first address in prompt.')
    .meta({ examples: ['https://example.com/health'] }),
  expect_status: z
    .array(Status)
    .min(1)
    .max(20)
    .optional()
    .describe('Which status is fine. Default: 200 to 399.'),
  contains: z.string().min(1).max(500).optional().describe('A text that must be in the answer.'),
  lacks: z.string().min(1).max(500).optional().describe('A text that must not be in the answer.'),
  max_latency_ms: z
    .int()
    .min(1)
    .max(60_000)
    .default(20_000)
    .describe('Milliseconds after which the answer counts as missing.'),
  min_tls_days: z
    .int()
    .min(0)
    .max(365)
    .default(14)
    .describe('Days that the certificate must still be valid.'),
  watch_changes: z
    .boolean()
    .default(true)
    .describe('Whether to compare the readable text with that of the last time.'),
});
export type MonitorInput = z.output<typeof MonitorInput>;

/** What it gives. */
export const MonitorOutput = z.strictObject({
  url: z.string().describe('What was looked at.'),
  ok: z.boolean().describe('Whether all is as it should be; problems says what is not.'),
  problems: z.array(z.string()).describe('What is not as it should be, a sentence each.'),
  status: z.int().nullable().describe('The HTTP status; null when nothing answered.'),
  latency_ms: z.int().nullable().describe('Milliseconds until the answer; null without one.'),
  tls_days_left: z.int().nullable().describe('Days until the certificate ends; null without TLS.'),
  changed: z
    .boolean()
    .nullable()
    .describe(
      'Whether the text differs from the last time; null when there is nothing to compare.',
    ),
  state_changed: z.boolean().describe('Whether ok differs from the last time: for alerts.'),
  previous: z
    .strictObject({ ok: z.boolean(), status: z.int().nullable(), checked_at: z.string() })
    .nullable()
    .describe('The last time; null at the first.'),
  checked_at: z.string().describe('When, ISO 8601.'),
});
export type MonitorOutput = z.input<typeof MonitorOutput>;
