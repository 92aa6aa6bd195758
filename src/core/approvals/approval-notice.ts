import type { Approval } from '#core/approvals/approval';
import { escapeHtml } from '#core/html';
import { type Mail, subjectLine } from '#core/mail/mail';

/** Most characters of the message that the e-mail shows; the page behind the link shows all. */
const MESSAGE_CHARACTERS = 2_000;

/**
 * The e-mail that asks one person to decide. Its link carries the token in the fragment, which
 * browsers send nowhere: what opens the link to look at it (a mail scanner) changes nothing.
 *
 * @param publicUrl without a slash at the end
 */
export function approvalNotice(
  approval: Approval,
  message: string,
  notice: { readonly to: string; readonly token: string; readonly publicUrl: string },
): Mail {
  const link = `${notice.publicUrl}/approve#${notice.token}`;
  const shown =
    message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message;
  const agent = approval.agentName;
  const until = approval.expiresAt.replace('T', ' ').slice(0, 16);
  const then = approval.onTimeout === 'approve' ? 'approved' : 'rejected';
  const closing = `Without a decision by ${until} UTC it counts as ${then}.`;
  const forYouAlone = 'The link is for you alone: whoever has it can decide in your name.';
  return {
    userId: approval.userId,
    to: [notice.to],
    subject: subjectLine(`Approval needed: ${agent}`),
    text: [
      `"${agent}" waits for your approval.`,
      shown,
      `See what will happen, and approve or reject:\n${link}`,
      closing,
      forYouAlone,
    ].join('\n\n'),
    html: [
      `<p><strong>${escapeHtml(agent)}</strong> waits for your approval.</p>`,
      `<blockquote style="white-space:pre-wrap">${escapeHtml(shown)}</blockquote>`,
      `<p><a href="${escapeHtml(link)}">See what will happen, and approve or reject</a></p>`,
      `<p>${closing}</p><p>${forYouAlone}</p>`,
    ].join('\n'),
    idempotencyKey: `${approval.runId}:${approval.stepPath}:${notice.to}`,
  };
}
