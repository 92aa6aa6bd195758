import * as z from 'zod';
import { GOOGLE_KINDS, googleBase } from '#actions/google/kinds';
import { defineAction } from '#core/action';
import { judgeUrl } from '#core/egress/egress';
import { ActionRejectedError, type ConfigProblem } from '#core/errors';

const SCOPES = ['https://www.googleapis.com/auth/youtube.upload'];

/** YouTube takes neither of these in titles and descriptions. */
const NO_ANGLES = /^[^<>]*$/;

const Config = z.strictObject({
  connection_id: z
    .string()
    .describe('Your Google connection; of a channel it is one of the kind google_oauth.'),
  operation: z.literal('upload_video').describe('What to do.'),
  source_url: z
    .string()
    .min(1)
    .max(8_192)
    .describe('Where the video is: an address that gives ranges, or at most 10 MiB.')
    .meta({ examples: ['https://files.example.com/weekly.mp4'] }),
  title: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(NO_ANGLES, 'YouTube takes no < and > here.')
    .describe('At most 100 characters.')
    .meta({ examples: ['Week {{trigger.body.week}}'] }),
  description: z
    .string()
    .max(5_000)
    .regex(NO_ANGLES, 'YouTube takes no < and > here.')
    .optional()
    .describe('At most 5,000 characters.')
    .meta({ examples: ['What happened this week.'] }),
  privacy: z.enum(['private', 'unlisted', 'public']).describe('Who may see it.'),
  publish_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When a private video becomes public, ISO 8601 with its zone.')
    .meta({ examples: ['2027-01-08T09:00:00Z'] }),
});

const Output = z.strictObject({
  video_id: z.string().describe("YouTube's id of the video."),
  url: z.string().describe('Where it can be watched, by whoever may.'),
});

/** Uploads videos to YouTube. */
export const youtube = defineAction({
  type: 'youtube',
  title: 'YouTube',
  description: 'Uploads a video to YouTube, at once or to be published at a time.',
  config: Config,
  output: Output,
  credits: 1,
  idempotency:
    'An upload that breaks off leaves no video; one that was finished is made a second time if the machine dies before its record.',
  connections: [{ at: ['connection_id'], kinds: GOOGLE_KINDS }],

  check(config, policy): ConfigProblem[] {
    const written = config as z.input<typeof Config>;
    const problem = scheduleProblem(written);
    if (problem !== undefined) return [problem];
    if (written.source_url.includes('{{')) return [];
    const verdict = judgeUrl(written.source_url, policy);
    return verdict.verdict === 'allowed' ? [] : [{ path: ['source_url'], message: verdict.reason }];
  },

  async run({ config, connect, http, signal }) {
    const { connection_id, source_url, title, description, privacy, publish_at } = config;
    const problem = scheduleProblem(config);
    if (problem) throw new ActionRejectedError(`config.publish_at: ${problem.message}`);
    if (!URL.canParse(source_url)) {
      throw new ActionRejectedError('config.source_url: This is not a URL.');
    }
    const connection = await connect(connection_id, GOOGLE_KINDS, SCOPES);
    const base = googleBase(connection.settings, 'https://www.googleapis.com');
    const resource = {
      snippet: { title, ...(description !== undefined && { description }) },
      status: {
        privacyStatus: privacy,
        ...(publish_at !== undefined && { publishAt: publish_at }),
      },
    };
    // Every function that executes steps starts with this file, and few upload videos.
    const [{ videoSource }, { uploadVideo }] = await Promise.all([
      import('#actions/youtube/source'),
      import('#actions/youtube/upload'),
    ]);
    const source = videoSource(source_url, http, signal);
    const id = await uploadVideo(base, resource, source, connection.http, signal);
    const url = `https://www.youtube.com/watch?v=${encodeURIComponent(id)}`;
    return { output: { video_id: id, url }, summary: `Uploaded ${id}` };
  },
});

function scheduleProblem(config: z.input<typeof Config>): ConfigProblem | undefined {
  const { privacy, publish_at } = config;
  const isFine = publish_at === undefined || privacy === 'private' || privacy.includes('{{');
  if (isFine) return undefined;
  const message = 'Only a private video is published at a time; set privacy to private.';
  return { path: ['publish_at'], message };
}
