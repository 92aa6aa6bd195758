import { expect, it } from 'vitest';
import type { Agent } from '#core/agents/agent';
import { openAccount } from '#core/limits/credits';
import type { PlanName } from '#core/limits/plans';
import type { Mail } from '#core/mail/mail';
import { notifier } from '#functions/notifier';
import { handClock, memoryCredits, versionOf } from '#test/helpers/memory-ports';

it.each<[string, PlanName, string | null, number, string]>([
  ['the own address', 'builder', null, 500, 'alice@example.com'],
  ['the one that the agent names', 'builder', 'team@example.com', 500, 'team@example.com'],
  [
    'the own one beyond the e-mails of a day',
    'builder',
    'team@example.com',
    0,
    'alice@example.com',
  ],
  ['the own one on the free plan', 'free', 'team@example.com', 500, 'alice@example.com'],
])('an alert goes to %s', async (_, plan, email, left, to) => {
  const clock = handClock();
  const { store, accounts } = memoryCredits();
  accounts.set('alice', openAccount('alice', plan, clock.now()));
  const sent: Mail[] = [];
  const version = versionOf([]);
  const settings = { ...version.settings, alert: { ...version.settings.alert, email } };
  const agent = { ...version, settings, id: 'agt_1', userId: 'alice' } as Agent;
  const { tell } = notifier({
    mail: {
      async send(mail) {
        sent.push(mail);
        return { messageId: '1' };
      },
    },
    connections: undefined as never,
    profiles: { emailOf: async () => 'alice@example.com' },
    usage: { credits: store, clock },
    rates: { take: async (name) => name === 'mail alice' && left > 0 },
    publicUrl: 'https://agents.example',
  });

  await tell(agent, { kind: 'failing', failures: 3, key: 'failing:run_1' }, 'email');

  expect(sent.map((mail) => mail.to)).toEqual([[to]]);
});
