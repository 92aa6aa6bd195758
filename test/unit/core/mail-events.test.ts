import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { takeNoteOfMail } from '#core/mail/mail-events';
import { accountTag, taggedAccount } from '#core/mail/mail-tag';
import type { Suppression } from '#core/mail/suppressions';
import { ROOT } from '#test/helpers/assembly';

const sample = JSON.parse(readFileSync(`${ROOT}/events/mail-events.json`, 'utf8'));

/** The sample with another bounce or complaint in it. */
function event(change: object, tags: object = sample.detail.mail.tags) {
  const { bounce: _, ...detail } = sample.detail;
  return { ...sample, detail: { ...detail, ...change, mail: { ...detail.mail, tags } } };
}

async function noted(one: unknown, known = ['alice']) {
  const added: (Suppression & { readonly userId: string })[] = [];
  await takeNoteOfMail(one, {
    suppressions: {
      add: async (userId, suppression) => void added.push({ userId, ...suppression }),
    },
    accounts: { find: async (userId) => (known.includes(userId) ? {} : undefined) },
    log: { info() {}, warn() {}, error() {} },
  });
  return added;
}

const complaint = {
  complainedRecipients: [{ emailAddress: 'Ada <Ada@Example.com>' }],
  complaintFeedbackType: 'abuse',
  timestamp: '2026-11-22T09:00:00Z',
};

describe('what Amazon SES tells of an e-mail', () => {
  it('puts an address on its sender’s list: a bounce for good', async () => {
    expect(await noted(sample)).toEqual([
      {
        userId: 'alice',
        address: 'nobody@example.com',
        reason: 'bounce',
        detail: '550 5.1.1 user unknown',
        since: '2026-11-22T09:00:00.250Z',
      },
    ]);
  });

  it('puts an address on its sender’s list: a complaint', async () => {
    expect(await noted(event({ complaint }))).toMatchObject([
      { address: 'ada@example.com', reason: 'complaint', detail: 'reported as abuse' },
    ]);
  });

  it.each([
    ['a full mailbox', { bounce: { ...sample.detail.bounce, bounceType: 'Transient' } }],
    [
      'a bounce of no known kind',
      { bounce: { ...sample.detail.bounce, bounceType: 'Undetermined' } },
    ],
    [
      'a reader who takes a complaint back',
      { complaint: { ...complaint, complaintFeedbackType: 'not-spam' } },
    ],
    ['a delivery', { delivery: {} }],
    [
      'what is no address',
      { complaint: { ...complaint, complainedRecipients: [{ emailAddress: 'x' }] } },
    ],
  ])('changes nothing: %s', async (_, change) => {
    expect(await noted(event(change))).toEqual([]);
  });

  it.each([
    ['nobody', {}],
    ['somebody who cannot be', { account: [accountTag('a b')] }],
    ['somebody who is gone', { account: [accountTag('bob')] }],
  ])('leaves no trace of e-mail that belongs to %s', async (_, tags) => {
    expect(await noted(event({ complaint }, tags))).toEqual([]);
  });

  it('keeps what a mail server writes short and on one line', async () => {
    const diagnosticCode = `smtp; 550\r\n${'x'.repeat(5_000)}`;
    const bouncedRecipients = [{ emailAddress: 'ada@example.com', diagnosticCode }];

    const [one] = await noted(event({ bounce: { ...sample.detail.bounce, bouncedRecipients } }));

    expect(one?.detail).toMatch(/^550 x{196}$/);
  });

  it('refuses what is no such event', async () => {
    await expect(noted({ detail: {} })).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('the tag of an account', () => {
  it.each(['alice', 'auth0|12345', 'x'.repeat(128), 'ada@example.com'])(
    'carries %.40s',
    (userId) => {
      const tag = accountTag(userId);

      expect(tag).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
      expect(taggedAccount(tag)).toBe(userId);
    },
  );
});
