import { describe, expect, it } from 'vitest';
import { EmailAddress, type Mail, mailProblem, subjectLine } from '#core/mail/mail';

const mail: Mail = {
  userId: 'alice',
  to: ['ada@example.com'],
  subject: 'Hello',
  text: 'Hello.',
  idempotencyKey: 'run_1:0',
};

describe('EmailAddress', () => {
  it.each([
    'ada@example.com',
    'ada.l+agents@sub.example.co.uk',
    'me@localhost',
    "o'neil@example.org",
  ])('takes %s', (address) => {
    expect(EmailAddress.safeParse(address).success).toBe(true);
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada@example.com, eve@example.com',
    'ada@example.com;eve@example.com',
    'Ada <ada@example.com>',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\n',
    'a b@example.com',
    '"a b"@example.com',
    'ada@exa mple.com',
    'ada@-example.com',
    'ada@example..com',
    'ada\u010A@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(200)}com`,
  ])('refuses %j', (address) => {
    expect(EmailAddress.safeParse(address).success).toBe(false);
  });

  it('is quick to refuse hostile text', () => {
    const startedAt = performance.now();
    for (const text of ['a@', 'a.', '-', 'a@a.', 'a@a-']) {
      EmailAddress.safeParse(`x@${text.repeat(100_000)}`);
      EmailAddress.safeParse(text.repeat(120));
    }
    expect(performance.now() - startedAt).toBeLessThan(250);
  });
});

describe('mailProblem', () => {
  it.each([
    [{ to: [] }, 'The e-mail has no recipient.'],
    [{ to: ['a@example.com,b@example.com'] }, 'is not one plain e-mail address.'],
    [{ cc: ['a@example.com\nBcc: b@example.com'] }, 'is not one plain e-mail address.'],
    [{ replyTo: 'Ada <a@example.com>' }, 'is not one plain e-mail address.'],
    [{ to: Array(51).fill('a@example.com') }, 'at most 50 recipients; this one has 51.'],
    [{ subject: ' \r\n ' }, 'The e-mail has no subject.'],
  ])('says what is wrong: %j', (change, problem) => {
    expect(mailProblem({ ...mail, ...change })).toContain(problem);
  });

  it('finds nothing wrong with a usual one', () => {
    expect(
      mailProblem({ ...mail, cc: ['bob@example.com'], replyTo: 'eve@example.com' }),
    ).toBeUndefined();
  });
});

describe('subjectLine', () => {
  it('is one line, whatever the data had', () => {
    expect(subjectLine('Hi\r\nBcc: eve@example.com\u2028\u0000x\t y ')).toBe(
      'Hi Bcc: eve@example.com x y',
    );
  });

  it('is not longer than mail programs show', () => {
    expect(subjectLine('x'.repeat(1_000))).toHaveLength(250);
  });
});
