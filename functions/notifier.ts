import { postToConnection } from '#actions/slack/post';
import type { Agent } from '#core/agents/agent';
import { type Notice, noticeMail, noticeText } from '#core/alerts/notice';
import type { Notifier } from '#core/alerts/tend-health';
import type { Connections } from '#core/connections/connection';
import { SLACK_KINDS } from '#core/connections/kinds';
import { ActionRejectedError } from '#core/errors';
import { type PlanName, plans } from '#core/limits/plans';
import { mailRateName, type Rates } from '#core/limits/rates';
import { currentAccount, type UsageDeps } from '#core/limits/usage';
import type { Mailer } from '#core/mail/mail';
import { mayWriteToOthers } from '#core/mail/plan-mailer';
import type { Profiles } from '#core/mail/profiles';

/** What telling owners works with. */
type NotifierDeps = {
  readonly mail: Mailer;
  readonly connections: Connections;
  readonly profiles: Profiles;
  readonly usage: UsageDeps;
  readonly rates: Rates;
  /** Without a slash at the end. */
  readonly publicUrl: string;
};

/** Longest time that Slack gets, in milliseconds. */
const SLACK_MS = 10_000;

/** Tells the owners of agents by e-mail, and by their own connections. */
export function notifier({
  mail,
  connections,
  profiles,
  usage,
  rates,
  publicUrl,
}: NotifierDeps): Notifier {
  const subjectOf = ({ id, name }: Agent) => ({ agentId: id, agentName: name, publicUrl });

  /** The address that an agent names, as far as the plan's e-mails to others go; after that its owner is told. */
  async function addressNamed({ userId, settings }: Agent, plan: PlanName) {
    const { email } = settings.alert;
    if (email === null || !mayWriteToOthers({ userId, plan })) return undefined;
    const perDay = { limit: plans[plan].mailsPerDay, windowSeconds: 86_400 };
    const isLeft = await rates.take(mailRateName(userId), perDay, usage.clock.now());
    return isLeft ? email : undefined;
  }

  async function byMail(agent: Agent, notice: Notice): Promise<void> {
    const { userId } = agent;
    const { plan } = await currentAccount(userId, usage);
    const to = (await addressNamed(agent, plan)) ?? (await profiles.emailOf(userId));
    if (to === undefined) {
      throw new ActionRejectedError('The owner has no verified address to be told at.');
    }
    await mail.send(noticeMail(notice, subjectOf(agent), { userId, to }));
  }

  async function bySlack(agent: Agent, notice: Notice): Promise<void> {
    const { slack_connection_id: id, slack_channel: channel } = agent.settings.alert;
    const connection = await connections.open(agent.userId, id ?? '', SLACK_KINDS, {
      // Nothing of what is sent is kept anywhere.
      onSecret: () => undefined,
    });
    const text = noticeText(notice, subjectOf(agent));
    const message =
      connection.kind === 'slack_bot' ? { text, channel: channel ?? undefined } : { text };
    await postToConnection(connection, message, AbortSignal.timeout(SLACK_MS));
  }

  return {
    tell: (agent, notice, channel) =>
      channel === 'email' ? byMail(agent, notice) : bySlack(agent, notice),
  };
}
