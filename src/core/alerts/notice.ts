import { escapeHtml } from '#core/html';
import { type Mail, subjectLine } from '#core/mail/mail';

/** What an agent's owner is told. */
export type Notice = {
  readonly kind: 'failing' | 'disabled' | 'absent' | 'recovered';
  /** Failures in a row, where it is about those. */
  readonly failures?: number;
  /** Hours without a success, where it is about those. */
  readonly hours?: number;
  /** The run that it is about, and why that failed. */
  readonly runId?: string;
  readonly reason?: string;
  /** Makes a notice unlike every other about the same agent. */
  readonly key: string;
};

/** Which agent a notice is about, and where its pages are. */
type Subject = {
  readonly agentId: string;
  readonly agentName: string;
  /** Without a slash at the end. */
  readonly publicUrl: string;
};

/** Most characters of a failure's reason that are told. */
const REASON_CHARACTERS = 1_000;

/** The e-mail for a notice. */
export function noticeMail(
  notice: Notice,
  subject: Subject,
  { userId, to }: { readonly userId: string; readonly to: string },
): Mail {
  const lines = linesOf(notice, subject);
  return {
    userId,
    to: [to],
    subject: subjectLine(headline(notice, subject.agentName)),
    text: lines.join('\n\n'),
    html: lines.map(asHtml).join('\n'),
    idempotencyKey: `${subject.agentId}:${notice.key}:email`,
  };
}

/** The message for Slack; what users wrote cannot mention anybody. */
export function noticeText(notice: Notice, subject: Subject): string {
  const [, ...rest] = linesOf(notice, subject);
  const text = [`*${headline(notice, subject.agentName)}*`, ...rest].join('\n');
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function headline({ kind }: Notice, name: string): string {
  switch (kind) {
    case 'failing':
      return `Failing: ${name}`;
    case 'disabled':
      return `Switched off after failures: ${name}`;
    case 'absent':
      return `No success: ${name}`;
    case 'recovered':
      return `Works again: ${name}`;
  }
}

function linesOf(notice: Notice, { agentName, agentId, publicUrl }: Subject): string[] {
  const { failures = 0, hours = 0, reason, runId } = notice;
  const agent = `Agent: ${publicUrl}/app/agents/${agentId}`;
  const run = runId === undefined ? [] : [`Run: ${publicUrl}/app/runs/${runId}`];
  const why = reason === undefined ? [] : [`The newest one: ${reason.slice(0, REASON_CHARACTERS)}`];
  const inARow = `the last ${failures === 1 ? 'run' : `${failures} runs`} failed`;
  switch (notice.kind) {
    case 'failing':
      return [
        `"${agentName}" is failing: ${inARow}.`,
        ...why,
        ...run,
        agent,
        'You are told once, and again when it works.',
      ];
    case 'disabled':
      return [
        `"${agentName}" was switched off: ${inARow}.`,
        ...why,
        'Its triggers start nothing until you enable it again, on its page or by POST /api/agents/{id}/enable.',
        ...run,
        agent,
      ];
    case 'absent':
      return [
        `No run of "${agentName}" has succeeded for ${hours === 1 ? 'an hour' : `${hours} hours`}.`,
        'See whether its trigger still comes, and whether it is enabled.',
        agent,
        'You are told once, and again when it works.',
      ];
    case 'recovered':
      return [`"${agentName}" works again: a run has succeeded.`, ...run, agent];
  }
}

function asHtml(line: string): string {
  const [, label, url] = /^(Run|Agent): (https?:\/\/\S+)$/.exec(line) ?? [];
  if (url === undefined) return `<p style="white-space:pre-wrap">${escapeHtml(line)}</p>`;
  return `<p>${label}: <a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`;
}
