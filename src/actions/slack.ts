import * as z from 'zod';
import { embedInMessage } from '#actions/slack/embed';
import { channelProblem, postToConnection, postToWebhook, SlackPosted } from '#actions/slack/post';
import { defineAction } from '#core/action';
import type { ChosenConnection } from '#core/connections/connection-field';
import { SLACK_KINDS } from '#core/connections/kinds';
import { judgeUrl } from '#core/egress/egress';
import type { ConfigProblem } from '#core/errors';

const Config = z.strictObject({
  webhook_url: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .describe(
      "The address of one of your workspace's incoming webhooks. Who sees the agent sees it: a connection keeps it secret.",
    )
    .meta({ examples: ['https://hooks.slack.com/services/T000/B000/XXXX'] }),
  connection_id: z.string().optional().describe('Instead: your Slack connection.'),
  channel: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'With a bot, which needs one: the channel, by its id or as #name; or the id of a person, for a direct message.',
    )
    .meta({ examples: ['C0123456789'] }),
  text: z
    .string()
    .min(1)
    .max(40_000)
    .describe(
      "The message, in Slack's own formatting. Data that is put in is shown as it is: it cannot mention anybody.",
    )
    .meta({ examples: ['New lead: *{{trigger.body.email}}*'] }),
  blocks: z
    .array(z.record(z.string(), z.json()))
    .min(1)
    .max(50)
    .optional()
    .describe('Block Kit blocks, shown instead of the text; the text is then the notification.')
    .meta({ examples: [[{ type: 'divider' }]] }),
});

/** Posts a message to Slack. */
export const slack = defineAction({
  type: 'slack',
  title: 'Slack message',
  description: 'Posts a message to a Slack channel, or to a person.',
  config: Config,
  output: SlackPosted,
  credits: 1,
  idempotency:
    'Slack knows no idempotency key: a message is posted a second time if the machine dies between the call and its record.',
  connections: [{ at: ['connection_id'], kinds: SLACK_KINDS, check: channelOf }],
  embed: embedInMessage,

  check(config, policy): ConfigProblem[] {
    const written = config as z.input<typeof Config>;
    const { webhook_url = '{{' } = written;
    const problem = placeProblem(written);
    if (problem || webhook_url.includes('{{')) return problem ? [problem] : [];
    const verdict = judgeUrl(webhook_url, policy);
    if (verdict.verdict === 'allowed') return [];
    return [{ path: ['webhook_url'], message: verdict.reason }];
  },

  async run({ config, connect, http, signal }) {
    const { webhook_url, connection_id } = config;
    const output =
      connection_id === undefined
        ? await postToWebhook(webhook_url ?? '', config, http, signal)
        : await postToConnection(await connect(connection_id, SLACK_KINDS), config, signal);
    return { output, summary: 'Posted to Slack' };
  },
});

/** Whether a channel is needed depends on what posts. */
function channelOf({ kind }: ChosenConnection, config: unknown): ConfigProblem | undefined {
  const message = channelProblem(kind, (config as z.input<typeof Config>).channel);
  return message === undefined ? undefined : { path: ['channel'], message };
}

/** Where to post must be said once. */
function placeProblem(config: z.input<typeof Config>): ConfigProblem | undefined {
  const { webhook_url, connection_id, channel } = config;
  if (webhook_url === undefined && connection_id === undefined) {
    return { path: ['webhook_url'], message: 'Give a webhook_url, or a connection_id.' };
  }
  if (webhook_url === undefined) return undefined;
  if (connection_id !== undefined) {
    return { path: ['connection_id'], message: 'Give either webhook_url or connection_id.' };
  }
  return channel === undefined
    ? undefined
    : { path: ['channel'], message: 'An incoming webhook has a channel of its own; remove it.' };
}
