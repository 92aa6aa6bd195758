import * as z from 'zod';
import type { Send } from '#actions/email/message';
import { type ActionContext, defineAction } from '#core/action';
import { SuppressionView } from '#core/api/suppression';
import { ActionRejectedError, type ConfigProblem } from '#core/errors';
import {
  isEmailAddress,
  MAX_RECIPIENTS,
  mailProblem,
  type Sent,
  subjectLine,
} from '#core/mail/mail';
import { withoutSuppressed } from '#core/mail/suppressed-mail';
import { listedAs, type Suppression, suppressionWords } from '#core/mail/suppressions';

/** Loaded when one is used: every function that executes steps starts with this file. */
const PROVIDERS = {
  ses_identity: async () => (await import('#actions/email/ses')).sendBySes,
  resend: async () => (await import('#actions/email/resend')).sendByResend,
  sendgrid: async () => (await import('#actions/email/sendgrid')).sendBySendGrid,
} as const satisfies Record<string, () => Promise<Send>>;
const PROVIDER_KINDS = Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[];

/** Longest time that writing the HTML may take, in milliseconds. */
const HTML_MS = 5_000;

const Recipient = z.string().trim().min(1).max(1_000);

const Config = z.strictObject({
  to: z
    .array(Recipient)
    .min(1)
    .max(MAX_RECIPIENTS)
    .describe('Who gets it: one plain address each.')
    .meta({ examples: [['ada@example.com']] }),
  cc: z
    .array(Recipient)
    .max(MAX_RECIPIENTS)
    .optional()
    .describe('Who gets a copy.')
    .meta({ examples: [['sales@example.com']] }),
  subject: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Shown as one line, however the data is written. Needed unless a template has one.')
    .meta({ examples: ['Thank you, {{trigger.body.name}}'] }),
  body: z
    .string()
    .min(1)
    .max(100_000)
    .optional()
    .describe('The text: plain, or Markdown. HTML in it is shown as it is written.')
    .meta({ examples: ['We have got your **message** and answer within a day.'] }),
  connection_id: z
    .string()
    .optional()
    .describe(
      'Your own Amazon SES, Resend or SendGrid. Left out, this deployment sends by its Amazon SES.',
    ),
  template_id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Instead of a body: a template that is stored with the provider of the connection.')
    .meta({ examples: ['d-0123456789abcdef'] }),
  template_data: z
    .record(z.string(), z.json())
    .optional()
    .describe("The template's variables.")
    .meta({ examples: [{ name: '{{trigger.body.name}}' }] }),
});
type Config = z.output<typeof Config>;

const Output = z.strictObject({
  message_id: z.string().describe("The provider's id of the message."),
  suppressed: z
    .array(SuppressionView)
    .describe('Recipients that were left out, because they are on your suppression list.'),
});

/** Sends an e-mail. */
export const email = defineAction({
  type: 'email',
  title: 'E-mail',
  description: 'Sends an e-mail.',
  config: Config,
  output: Output,
  credits: 1,
  idempotency:
    'Resend sends once for an idempotency key; Amazon SES and SendGrid know none: an e-mail is sent a second time if the machine dies between the call and its record.',
  connections: [{ at: ['connection_id'], kinds: PROVIDER_KINDS }],

  check(config): ConfigProblem[] {
    const written = config as z.input<typeof Config>;
    return [
      ...addressProblems('to', written.to),
      ...addressProblems('cc', written.cc ?? []),
      ...contentProblems(written),
    ];
  },

  async run(context) {
    const { config } = context;
    const [problem] = contentProblems(config);
    if (problem)
      throw new ActionRejectedError(`config.${problem.path.join('.')}: ${problem.message}`);
    const { messageId, suppressed = [] } = config.connection_id
      ? await sendByConnection(config.connection_id, context)
      : await sendByDefault(context);
    for (const one of suppressed) context.log('warn', `${suppressionWords(one)}: left out.`);
    const output = { message_id: messageId, suppressed: [...suppressed] };
    return { output, summary: summaryOf(config, suppressed) };
  },
});

function summaryOf({ to }: Config, suppressed: readonly Suppression[]): string {
  const left = new Set(suppressed.map(({ address }) => address));
  const sent = to.filter((address) => !left.has(listedAs(address)));
  const told = `Sent to ${sent.join(', ')}`;
  return left.size === 0 ? told : `${told}; not to ${[...left].join(', ')} (suppressed)`;
}

async function sendByDefault(context: ActionContext<Config>): Promise<Sent> {
  const { config, mail, run, idempotencyKey } = context;
  const { subject = '', body = '' } = config;
  const html = await htmlOf(body, context);
  const { userId } = run;
  const recipients = distinctRecipients(config);
  return mail.send({ userId, ...recipients, subject, text: body, html, idempotencyKey });
}

async function sendByConnection(id: string, context: ActionContext<Config>): Promise<Sent> {
  const { config, connect, run, suppressions, idempotencyKey, signal } = context;
  const { subject = '', body, template_id = '', template_data = {} } = config;
  const { to, cc } = distinctRecipients(config);
  const text = body ?? '';
  const problem = mailProblem({ to, cc, subject: subject || 'x', text, idempotencyKey });
  if (problem !== undefined) throw new ActionRejectedError(problem);
  const { suppressed, ...left } = await withoutSuppressed({ to, cc }, run.userId, suppressions);
  const connection = await connect(id, PROVIDER_KINDS);
  const send = await PROVIDERS[connection.kind as keyof typeof PROVIDERS]();
  const content =
    body === undefined
      ? { templateId: template_id, data: template_data }
      : { text, html: await htmlOf(text, context) };
  const message = { ...left, subject: subjectLine(subject), content, idempotencyKey };
  return { messageId: await send(message, connection, signal), suppressed };
}

/** Apart from everything else: the body may be anybody's text, and of any shape. */
function htmlOf(body: string, { isolate, signal }: ActionContext<Config>): Promise<string> {
  return isolate<string>('write_mail', body, { timeoutMs: HTML_MS, signal });
}

/** Nobody gets it twice, and providers refuse an address that is named twice. */
function distinctRecipients({ to, cc = [] }: Config) {
  const first = distinct(to, []);
  return { to: first, cc: distinct(cc, first) };
}

function distinct(addresses: readonly string[], others: readonly string[]): string[] {
  const seen = new Set(others.map((address) => address.toLowerCase()));
  return addresses.filter((address) => {
    const name = address.toLowerCase();
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}

function addressProblems(field: string, addresses: unknown): ConfigProblem[] {
  if (!Array.isArray(addresses)) return [];
  return addresses.flatMap((address: string, index) =>
    address.includes('{{') || isEmailAddress(address)
      ? []
      : [{ path: [field, index], message: 'Give one plain e-mail address.' }],
  );
}

function contentProblems(config: z.input<typeof Config>): ConfigProblem[] {
  const { subject, body, template_id, template_data, connection_id } = config;
  const wrong = (path: string, message: string) => [{ path: [path], message }];
  if (template_id === undefined) {
    if (body === undefined) return wrong('body', 'Give a body, or a template_id.');
    if (subject === undefined) return wrong('subject', 'Give a subject.');
    return template_data === undefined
      ? []
      : wrong('template_data', 'Only a template has variables; remove it, or give a template_id.');
  }
  if (body !== undefined) return wrong('body', 'Give either body or template_id, not both.');
  return connection_id === undefined
    ? wrong('template_id', 'Templates are stored with a provider; give its connection_id too.')
    : [];
}
