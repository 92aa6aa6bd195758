import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { afterEach, expect, it, vi } from 'vitest';
import { sesMailer } from '#adapters/ses-mailer';
import type { Mail } from '#core/mail/mail';
import { accountTag } from '#core/mail/mail-tag';
import { openJsonClient } from '#local/json-client';
import { createSdkHandler } from '#local/sdk-handler';
import { type SesAccount, startSes } from '#local/services/ses';
import type { MailOutcome } from '#local/services/ses/simulator';
import type { SdkRequestHandler } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { PLACE } from './small-stack.ts';

const FROM = 'agents@example.com';
const asUs = { from: FROM, configurationSet: '' };
const mail: Mail = {
  userId: 'alice',
  to: ['ada@example.org', 'bob@example.org'],
  cc: ['carol@example.org'],
  replyTo: 'sales@example.com',
  subject: 'Grüße & <more>',
  text: 'Line one.\nLine two: 100 % = "all" + ü.',
  html: '<p>Hello</p>',
  idempotencyKey: 'run_1:0',
};

// The adapter keeps one client, whose way to AWS is found where a machine leaves it.
let carrier: SdkRequestHandler;
const passing: SdkRequestHandler = {
  handle: (...call) => carrier.handle(...call),
  destroy: () => undefined,
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
};
Object.assign(globalThis, { [Symbol.for('crucibai.aws-request-handler')]: passing });
vi.stubEnv('AWS_REGION', PLACE.region);

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const mayAsUs = {
  effect: 'Allow' as const,
  actions: ['ses:SendEmail'],
  resources: [
    'arn:aws:ses:us-east-1:000000000000:identity/*',
    'arn:aws:ses:us-east-1:000000000000:configuration-set/ours',
  ],
  conditions: [{ operator: 'StringEquals', key: 'ses:FromAddress', values: [FROM] }],
};

/** An SES, called with a role that may send as `FROM`. */
async function ses(account: Partial<SesAccount> = {}, dataDir = temporaryDirectory()) {
  const running = await startSes({ identities: [FROM], ...account, dataDir, ...PLACE });
  opened.push(running.close);
  const nowhere = 'http://127.0.0.1:1';
  carrier = createSdkHandler({
    functionName: 'Mail-Worker',
    roleArn: 'arn:aws:iam::000000000000:role/mail',
    statements: [mayAsUs],
    region: PLACE.region,
    endpoints: {
      dynamodb: nowhere,
      sqs: nowhere,
      s3: nowhere,
      scheduler: nowhere,
      kms: nowhere,
      states: nowhere,
      ses: running.endpoint,
      events: nowhere,
    },
  });
  const { destroy } = carrier;
  opened.push(destroy);
  return running;
}

it('sends what it is given, as it is given', async () => {
  const { mailbox } = await ses();

  const { messageId } = await sesMailer(asUs).send(mail);

  expect(mailbox.newestFirst()).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      message_id: messageId,
      from: `CrucibAI Agents <${FROM}>`,
      to: mail.to,
      cc: mail.cc,
      reply_to: [mail.replyTo],
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
    },
  ]);
});

it('has one recipient a slot and no header that the data wrote', async () => {
  const { mailbox } = await ses();
  const subject = 'Hi\r\nBcc: eve@example.org\r\n\r\nBody';

  await sesMailer(asUs).send({ ...mail, to: ['ada@example.org'], cc: [], subject });
  for (const to of ['a@example.org, eve@example.org', 'a@example.org\nBcc: eve@example.org']) {
    await expect(sesMailer(asUs).send({ ...mail, to: [to] })).rejects.toMatchObject({
      name: 'ActionRejectedError',
      message: expect.stringContaining('is not one plain e-mail address'),
    });
  }

  expect(mailbox.newestFirst()).toHaveLength(1);
  expect(mailbox.newestFirst()[0]).toMatchObject({
    to: ['ada@example.org'],
    cc: [],
    subject: 'Hi Bcc: eve@example.org Body',
  });
});

it('shows the newest first, survives a restart, and is emptied', async () => {
  const dataDir = temporaryDirectory();
  const first = await ses({}, dataDir);
  for (const subject of ['one', 'two']) await sesMailer(asUs).send({ ...mail, subject });
  opened.splice(opened.indexOf(first.close), 1);
  await first.close();

  const { mailbox } = await ses({}, dataDir);
  await sesMailer(asUs).send({ ...mail, subject: 'three' });

  expect(mailbox.newestFirst().map(({ subject }) => subject)).toEqual(['three', 'two', 'one']);
  mailbox.clear();
  expect(mailbox.newestFirst()).toEqual([]);
});

// https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
it.each([
  {
    when: 'e-mail is not set up',
    from: '',
    account: {},
    name: 'ActionRejectedError',
    message: /not set up here.*MailFrom/,
  },
  {
    when: 'the sender is not verified',
    from: FROM,
    account: { identities: ['example.org'] },
    name: 'ActionRejectedError',
    message: /has not verified the sender agents@example\.com.*MailFrom/,
  },
  {
    when: 'the account is in the sandbox',
    from: FROM,
    account: { isSandbox: true, identities: ['example.com', 'ada@example.org'] },
    name: 'ActionRejectedError',
    message: /sandbox.*: bob@example\.org, carol@example\.org\..*production access/,
  },
  {
    when: 'too much is sent a second',
    from: FROM,
    account: { maxPerSecond: 0 },
    name: 'ActionUnavailableError',
    message: /takes no more e-mails this second/,
  },
])('says what to do when $when', async ({ from, account, name, message }) => {
  const { mailbox } = await ses(account);

  await expect(sesMailer({ ...asUs, from }).send(mail)).rejects.toMatchObject({
    name,
    message: expect.stringMatching(message),
  });

  expect(mailbox.newestFirst()).toEqual([]);
});

it('sends to the mailbox simulator from the sandbox', async () => {
  const { mailbox } = await ses({ isSandbox: true });
  await sesMailer(asUs).send({ ...mail, to: ['success@simulator.amazonses.com'], cc: [] });
  expect(mailbox.newestFirst()).toHaveLength(1);
});

it('is refused as IAM would: another sender than the allowed one', async () => {
  const { mailbox } = await ses({ identities: ['example.com'] });

  await expect(sesMailer({ ...asUs, from: 'boss@example.com' }).send(mail)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringMatching(
      /not authorized to perform: ses:SendEmail on resource: arn:aws:ses:.*identity\/boss@example\.com/,
    ),
  });

  expect(mailbox.newestFirst()).toEqual([]);
});

it("answers as SES what the product's adapter never asks", async () => {
  await ses({ identities: [FROM] });
  const client = new SESClient({
    region: PLACE.region,
    requestHandler: carrier as never,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const send = (Source: string, ToAddresses: string[]) =>
    client.send(
      new SendEmailCommand({
        Source,
        Destination: { ToAddresses },
        Message: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } },
      }),
    );

  await expect(send(FROM, [])).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await expect(send(FROM, ['a@b@c d'])).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: 'Illegal address: a@b@c d.',
  });
  await expect(send(FROM, Array(51).fill('a@example.org'))).rejects.toMatchObject({
    name: 'MessageRejected',
    message: 'Recipient count exceeds 50.',
  });
  expect((await send(`Name <${FROM}>`, ['a@example.org'])).MessageId).toMatch(/^[\w-]+$/);
});

it('tells of bounces and complaints by a configuration set, as SES does', async () => {
  const running = await ses();
  const told: MailOutcome[] = [];
  running.tell((outcome) => told.push(outcome));
  const admin = openJsonClient(running.endpoint);
  opened.push(admin.close);
  await admin.call('SES.CreateConfigurationSet', { ConfigurationSetName: 'ours' });
  const publishing = { ConfigurationSetName: 'ours', MatchingEventTypes: ['bounce'] };
  await admin.call('SES.CreateConfigurationSetEventDestination', publishing);
  const names = ['success', 'bounce', 'complaint', 'ooto', 'suppressionlist+label'];
  const to = names.map((name) => `${name}@simulator.amazonses.com`);

  await sesMailer(asUs).send({ ...mail, to, cc: [] });
  const { messageId } = await sesMailer({ from: FROM, configurationSet: 'ours' }).send({
    ...mail,
    to,
    cc: [],
  });

  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(told[0]?.detail).toMatchObject({
    eventType: 'Bounce',
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [{ emailAddress: 'bounce@simulator.amazonses.com', status: '5.1.1' }],
    },
    mail: {
      messageId,
      tags: { 'ses:configuration-set': ['ours'], account: [accountTag('alice')] },
    },
  });
  expect(told[1]?.detail).toMatchObject({ bounce: { bounceSubType: 'Suppressed' } });
});

it('refuses a configuration set that it does not have, and one that the role may not use', async () => {
  await ses();
  const by = (configurationSet: string) => sesMailer({ from: FROM, configurationSet }).send(mail);

  await expect(by('ours')).rejects.toMatchObject({
    name: 'ActionRejectedError',
    message: expect.stringContaining('must deploy it again'),
  });
  await expect(by('theirs')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('configuration-set/theirs'),
  });
});
