import * as z from 'zod';
import { googleKeyProblem } from '#core/connections/google-key';
import { CONNECTION_HEADERS, PUBLIC_HEADERS } from '#core/http';
import { isEmailAddress } from '#core/mail/mail';

/** What a secret may be at least: shorter ones could not be hidden without hiding other words. */
const SHORTEST_SECRET = 8;

const TOO_SHORT = `Secrets of less than ${SHORTEST_SECRET} characters cannot be hidden reliably; use a longer one.`;

/** A secret that stands in a header: printable ASCII without spaces. */
const Token = z
  .string()
  .min(SHORTEST_SECRET, TOO_SHORT)
  .max(3_000)
  .regex(
    /^[!-~]*$/,
    'This has a space, a line break or an unusual character in it; copy it again.',
  );

const Password = z
  .string()
  .min(SHORTEST_SECRET, TOO_SHORT)
  .max(1_000)
  .regex(/^\P{Cc}*$/u, 'This has a control character in it; copy it again.');

const Address = z.string().max(2_000);

const From = z
  .string()
  .min(3)
  .max(320)
  .refine(isSender, 'Give an e-mail address, or Name <address>.')
  .describe('Sender of the messages.')
  .meta({ examples: ['Example <hello@example.com>'] });

function isSender(text: string): boolean {
  const address = /^[^\r\n<>]*<([^<>]*)>$/.exec(text)?.[1] ?? text;
  return isEmailAddress(address);
}

/** Whether a header is the message's own, and stays behind when a redirect leads elsewhere. */
function mayCarry(header: string): boolean {
  const name = header.toLowerCase();
  const isTaken = CONNECTION_HEADERS.has(name) || PUBLIC_HEADERS.has(name) || name === 'cookie';
  return !isTaken && !name.startsWith('proxy-');
}

const TestUrl = Address.optional().describe(
  'An address that answers a GET with 2xx when the credential works; used by the test.',
);

const baseUrl = (standard: string) =>
  Address.default(standard).describe(
    'Where the service is. Change it for another region or proxy.',
  );

const Price = z
  .string()
  .regex(/^\d{1,5}(\.\d{1,6})?$/, 'Give US dollars for a million tokens, such as 0.15.')
  .optional();

const none = z.strictObject({}).prefault({});

/**
 * What each kind of connection holds: settings, which are shown, and the secret, which is not.
 * Kinds with hosts of their own say in `allowed_hosts` where their credential may be sent; the
 * others have them from their settings.
 */
export const connectionKinds = {
  slack_bot: {
    title: 'Slack bot',
    settings: z.strictObject({ base_url: baseUrl('https://slack.com/api') }).prefault({}),
    secret: z.strictObject({ token: Token.describe('Bot token, xoxb-…') }),
    choosesHosts: false,
  },
  slack_webhook: {
    title: 'Slack incoming webhook',
    settings: none,
    secret: z.strictObject({ url: Address.min(8).describe('The address that Slack shows.') }),
    choosesHosts: false,
  },
  ses_identity: {
    title: 'Amazon SES identity',
    settings: z.strictObject({
      from: From,
      region: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Give an AWS region, such as eu-west-1.')
        .meta({ examples: ['eu-west-1'] }),
      access_key_id: z
        .string()
        .regex(/^[A-Z0-9]{16,128}$/, 'Give the access key ID, such as AKIAIOSFODNN7EXAMPLE.')
        .describe('Of an IAM user that may do ses:SendEmail as the sender, and nothing else.'),
      base_url: Address.optional().describe("Instead of the region's own endpoint."),
    }),
    secret: z.strictObject({ secret_access_key: Token }),
    choosesHosts: false,
  },
  resend: {
    title: 'Resend',
    settings: z.strictObject({ from: From, base_url: baseUrl('https://api.resend.com') }),
    secret: z.strictObject({ api_key: Token.describe('API key, re_…') }),
    choosesHosts: false,
  },
  sendgrid: {
    title: 'SendGrid',
    settings: z.strictObject({ from: From, base_url: baseUrl('https://api.sendgrid.com') }),
    secret: z.strictObject({ api_key: Token.describe('API key, SG.…') }),
    choosesHosts: false,
  },
  http_bearer: {
    title: 'HTTP, bearer token',
    settings: z.strictObject({ test_url: TestUrl }).prefault({}),
    secret: z.strictObject({ token: Token.describe('Sent as Authorization: Bearer ….') }),
    choosesHosts: true,
  },
  http_basic: {
    title: 'HTTP, user name and password',
    settings: z.strictObject({
      username: z
        .string()
        .max(256)
        .regex(/^[^:\p{Cc}]*$/u, 'A user name has no colon and no control character.'),
      test_url: TestUrl,
    }),
    secret: z.strictObject({ password: Password.describe('Sent as Authorization: Basic ….') }),
    choosesHosts: true,
  },
  http_header: {
    title: 'HTTP, a header',
    settings: z.strictObject({
      header_name: z
        .string()
        .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'This is not the name of a header.')
        .refine(mayCarry, 'This header cannot carry a credential.')
        .meta({ examples: ['X-Api-Key'] }),
      test_url: TestUrl,
    }),
    secret: z.strictObject({ value: Token.describe('The value of the header.') }),
    choosesHosts: true,
  },
  http_oauth2: {
    title: 'HTTP, OAuth 2 client credentials',
    settings: z.strictObject({
      token_url: Address.min(8).describe('Where access tokens are given.'),
      client_id: z.string().min(1).max(500),
      scope: z.string().max(1_000).optional(),
      audience: z.string().max(1_000).optional(),
      client_auth: z
        .enum(['basic', 'body'])
        .default('basic')
        .describe('Whether the client proves itself in a header or in the body.'),
      test_url: TestUrl,
    }),
    secret: z.strictObject({ client_secret: Password }),
    choosesHosts: true,
  },
  google_service_account: {
    title: 'Google service account',
    settings: z
      .strictObject({
        subject: z
          .email()
          .optional()
          .describe('Whom it acts as, where the domain lets it (domain-wide delegation).'),
        base_url: Address.optional().describe("Instead of Google's own addresses."),
      })
      .prefault({}),
    secret: z.strictObject({
      key: z
        .string()
        .max(3_500)
        .check((context) => {
          const message = googleKeyProblem(context.value);
          if (message) context.issues.push({ code: 'custom', message, input: '' });
        })
        .describe("The service account's key file, JSON as text."),
    }),
    choosesHosts: false,
  },
  google_oauth: {
    title: 'Google account',
    settings: z.strictObject({
      client_id: z.string().min(1).max(500),
      token_url: Address.default('https://oauth2.googleapis.com/token'),
      base_url: Address.optional().describe("Instead of Google's own addresses."),
    }),
    secret: z.strictObject({
      client_secret: Token,
      refresh_token: Token.describe('Given for the scopes that the steps need.'),
    }),
    choosesHosts: false,
  },
  openai_compatible: {
    title: 'Models, OpenAI-compatible',
    settings: z
      .strictObject({
        base_url: baseUrl('https://api.openai.com/v1'),
        model: z.string().min(1).max(200).optional().describe('Used where nothing names a model.'),
        input_price: Price.describe(
          'What a million tokens that a model reads cost there, in US dollars; for budgets and cost_usd.',
        ),
        output_price: Price.describe('The same for tokens that it writes.'),
      })
      .refine(
        (settings) =>
          (settings.input_price === undefined) === (settings.output_price === undefined),
        {
          path: ['output_price'],
          error: 'Give both prices, or neither.',
        },
      ),
    secret: z
      .strictObject({ api_key: Token.optional().describe('Left out where the server asks none.') })
      .prefault({}),
    choosesHosts: false,
  },
} as const;

/** What a connection is for. */
export type ConnectionKind = keyof typeof connectionKinds;

/** The kinds that post to Slack. */
export const SLACK_KINDS = ['slack_bot', 'slack_webhook'] as const satisfies ConnectionKind[];

/** All kinds, in the order in which they are shown. */
export const connectionKindNames = Object.keys(connectionKinds) as ConnectionKind[];

/** What a connection is called. */
export const Name = z.string().trim().min(1).max(100).describe('Shown to people.');

/** Where the credential of a kind that chooses its hosts may be sent. */
export const Hosts = z
  .array(z.string().min(1).max(300))
  .min(1, 'Name at least one host that the credential may be sent to.')
  .max(20)
  .describe(
    'Where the credential may be sent: hosts such as api.example.com, with a port if it is not 443; http://… for what is not encrypted.',
  )
  .meta({ examples: [['api.example.com']] });

function bodyOf<Kind extends ConnectionKind>(kind: Kind) {
  const { title, settings, secret, choosesHosts } = connectionKinds[kind];
  return z
    .strictObject({
      kind: z.literal(kind),
      name: Name,
      settings: settings as (typeof connectionKinds)[Kind]['settings'],
      secret: secret as (typeof connectionKinds)[Kind]['secret'],
      ...(choosesHosts && { allowed_hosts: Hosts }),
    })
    .describe(title);
}

const [first, ...rest] = connectionKindNames.map(bodyOf);

/** A connection whose parts suit its kind; without a secret where that stays as it is. */
export type NewConnection = {
  readonly kind: ConnectionKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly secret?: Readonly<Record<string, string | undefined>>;
  /** Only of kinds that choose their hosts. */
  readonly allowed_hosts?: readonly string[];
};

/** A new connection whose parts suit its kind. */
export type CreateConnection = NewConnection & Required<Pick<NewConnection, 'secret'>>;

/** Body of `POST /api/connections`. The table above says more than the compiler can follow. */
export const CreateConnection = z.discriminatedUnion('kind', [
  first as NonNullable<typeof first>,
  ...rest,
]) as unknown as z.ZodType<CreateConnection>;
