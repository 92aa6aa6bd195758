import * as z from 'zod';

/** A channel's incoming webhook. */
export const slackWebhook = z
  .string()
  .min(1)
  .max(2_048)
  .describe("Where to post: the address of one of your Slack workspace's incoming webhooks.")
  .meta({
    title: 'Slack webhook URL',
    examples: ['https://hooks.slack.com/services/T000/B000/XXXX'],
  });

/** Who gets an e-mail. */
export const recipients = z
  .array(z.email('Give a plain e-mail address.').max(254))
  .min(1)
  .max(20)
  .describe('Who gets the e-mail.')
  .meta({ title: 'Recipients', examples: [['you@example.com']] });

/** Who decides on an approval. */
export const approvers = z
  .array(z.email('Give a plain e-mail address.').max(254))
  .max(10)
  .default([])
  .describe('Who decides, by a link in an e-mail. Left empty: you, in the inbox.')
  .meta({ title: 'Approvers', examples: [['finance@example.com']] });

/** What an approval is configured with for the parameter {@link approvers}. */
export function decidedBy(people: readonly string[]) {
  return people.length > 0 ? { approvers: [...people] } : {};
}

/** An address that is read or called. @param title a few words for forms @param what it is for, in a sentence */
export function address(title: string, what: string, example: string) {
  return z
    .url('Give an absolute http or https address.')
    .max(2_048)
    .describe(what)
    .meta({ title, examples: [example] });
}

/** When it runs. @param cron five fields. */
export function schedule(cron: string) {
  return {
    cron_expression: z
      .string()
      .default(cron)
      .describe('When it runs: minute, hour, day of month, month, day of week.')
      .meta({ title: 'Schedule' }),
    timezone: z
      .string()
      .default('UTC')
      .describe('Time zone of the schedule, such as Europe/London.')
      .meta({ title: 'Time zone' }),
  };
}

/** The trigger that the parameters of {@link schedule} lead to. */
export function onSchedule(parameters: { cron_expression: string; timezone: string }) {
  const { cron_expression, timezone } = parameters;
  return { type: 'schedule', cron_expression, timezone } as const;
}

/** One of the user's connections. @param what which one, in words. */
export function connection(what: string) {
  return z.string().min(1).max(64).describe(what).meta({ title: 'Connection' });
}

/** Sample values: tests send what goes there to a receiver of their own. */
export const SAMPLE_SLACK = 'https://hooks.slack.com/services/T000/B000/XXXX';
export const SAMPLE_PEOPLE = ['ada@example.com'];
export const SAMPLE_CONNECTION = 'con_01kb7q2a6b9c3d7e0f4g8h1j5k';
