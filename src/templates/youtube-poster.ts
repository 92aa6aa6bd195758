import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { connection, SAMPLE_CONNECTION, SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const youtubePoster = defineTemplate({
  slug: 'youtube-poster',
  name: 'YouTube poster',
  summary: 'Uploads a video to your channel when its webhook gets one, and tells Slack.',
  description:
    "Takes the address of a video with a title and some notes, writes the description from the notes, uploads the video to your channel and posts its link to Slack. Needs a connection to your channel's Google account and an incoming webhook of your Slack workspace. Videos are private until you choose otherwise.",
  category: 'Content',
  parameters: z.strictObject({
    connection_id: connection(
      "Your channel's Google account: a connection of the kind google_oauth.",
    ),
    privacy: z
      .enum(['private', 'unlisted', 'public'])
      .default('private')
      .describe('Who may see the video.')
      .meta({ title: 'Visibility' }),
    slack_webhook_url: slackWebhook,
  }),
  sample: {
    parameters: { connection_id: SAMPLE_CONNECTION, slack_webhook_url: SAMPLE_SLACK },
    trigger: {
      video_url: 'https://files.example.com/weekly.mp4',
      title: 'What happened this week',
      notes: 'The harbour opens again in spring. A new line of trams was agreed on.',
    },
  },
  agent: ({ connection_id, privacy, slack_webhook_url }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'describe',
        name: 'Write the description',
        type: 'run_agent',
        config: {
          agent_name: 'Content Agent',
          prompt: 'Write the description of a video from these notes, without angle brackets.',
          input: {
            text: "{{trigger.body.title}}. {{trigger.body.notes | default: ''}}",
            max_words: 150,
          },
        },
      },
      {
        id: 'upload',
        name: 'Upload the video',
        type: 'youtube',
        config: {
          connection_id,
          operation: 'upload_video',
          source_url: '{{trigger.body.video_url}}',
          title: '{{trigger.body.title | truncate: 100}}',
          description: "{{steps.describe.output.text | replace: '<', '' | replace: '>', ''}}",
          privacy,
        },
        timeout_seconds: 600,
      },
      {
        id: 'tell',
        name: 'Post the link to Slack',
        type: 'slack',
        config: {
          webhook_url: slack_webhook_url,
          text: `:clapper: {{trigger.body.title}} is on YouTube (${privacy}): {{steps.upload.output.url}}`,
        },
      },
    ],
  }),
});
