import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreateAgent } from '#core/agents/agent';
import { conditionProblems } from '#core/conditions/conditions';
import { decodeCursor } from '#core/cursor';
import { judgeUrl, parseEgressAllow } from '#core/egress/egress';
import { RequestError } from '#core/errors';
import { isNestedTooDeeply } from '#core/json-depth';
import { isEmailAddress, subjectLine } from '#core/mail/mail';
import { cronProblem, runAtProblem, timezoneProblem } from '#core/schedules/schedules';
import { templateProblems } from '#core/templates/templates';
import { verifyDelivery, WEBHOOK_SCHEMES } from '#core/webhook-auth/webhook-auth';
import { quickestMs } from '#test/helpers/quickest';

const KILOBYTES = 100;
const LIMIT_MS = 50;
const LONG = KILOBYTES * 1_024;
const policy = parseEgressAllow('');
const NOW = Date.parse('2026-11-22T09:00:00Z');
const key = { kind: 'key', key: Buffer.alloc(32, 1) } as const;
const digest = { kind: 'digest', sha256: 'a'.repeat(64) } as const;

/** What each pattern finds hardest: long runs that nearly match. */
const worst = {
  'one letter': 'a'.repeat(LONG),
  blanks: ' '.repeat(LONG),
  'open placeholders': '{{ '.repeat(LONG / 3),
  'a placeholder of blanks': `{{${' '.repeat(LONG)}x`,
  'nested brackets': '['.repeat(LONG),
  dots: 'a.'.repeat(LONG / 2),
  'an address that nearly ends': `${'a'.repeat(64)}@${'a.'.repeat(LONG / 2)}`,
  'list of numbers': '1,'.repeat(LONG / 2),
  'steps of steps': '*/2-'.repeat(LONG / 4),
  signatures: 'v1=00,'.repeat(LONG / 6),
  quotes: '\\"'.repeat(LONG / 2),
  'percent signs': '%25'.repeat(LONG / 3),
  colons: ':'.repeat(LONG),
  lines: '\n'.repeat(LONG),
  digits: '9'.repeat(LONG),
  emoji: '🙂'.repeat(LONG / 4),
};

/** Everything that reads text of a stranger. */
const readers: Record<string, (text: string) => unknown> = {
  'a template': (text) => templateProblems(text, 'config', { roots: new Set(['trigger']) }),
  'a cron expression': cronProblem,
  'a time zone': timezoneProblem,
  'a time': runAtProblem,
  'a URL': (text) => judgeUrl(text, policy),
  'a URL with such a host': (text) => judgeUrl(`http://${text}/`, policy),
  'an e-mail address': isEmailAddress,
  'a subject': subjectLine,
  'a cursor': (text) => caught(() => decodeCursor('runs', text)),
  'JSON before it is parsed': isNestedTooDeeply,
  'a condition': (text) => conditionProblems({ left: text, op: 'equals', right: text }, 'when'),
  'an agent': (text) =>
    CreateAgent.safeParse({
      name: text,
      trigger_config: { type: 'webhook', secret: text },
      actions: [{ id: text, type: text, config: { [text]: text } }],
    }),
  ...Object.fromEntries(
    WEBHOOK_SCHEMES.map((scheme) => [
      `a delivery signed as ${scheme}`,
      (text: string) => verify(scheme, text),
    ]),
  ),
};

function verify(scheme: (typeof WEBHOOK_SCHEMES)[number], text: string) {
  const names = [
    'x-webhook-secret',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'x-hub-signature-256',
    'stripe-signature',
    'x-slack-signature',
    'x-slack-request-timestamp',
  ];
  const headers = Object.fromEntries(names.map((name) => [name, text]));
  const delivery = { headers, query: { secret: text }, body: Buffer.from(text) };
  return verifyDelivery(scheme, delivery, [key, digest], NOW);
}

/** Refusals that are told to the caller are an answer like any other. */
function caught(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof RequestError || error instanceof Error) return error.message;
    throw error;
  }
}

describe.each(Object.entries(readers))('%s', (_, read) => {
  it.each(Object.entries(worst))(
    `of ${KILOBYTES} KB of %s is read within ${LIMIT_MS} ms`,
    (__, text) => {
      expect(quickestMs(() => read(text))).toBeLessThan(LIMIT_MS);
    },
  );

  it('of any text is judged, never crashed on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(() => read(text)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
