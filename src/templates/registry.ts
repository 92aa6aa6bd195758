import type { AgentTemplate } from '#core/agents/agent-template';
import { contactForm } from '#templates/contact-form';
import { contentCalendar } from '#templates/content-calendar';
import { csvExport } from '#templates/csv-export';
import { dailyDigest } from '#templates/daily-digest';
import { failedPayment } from '#templates/failed-payment';
import { feedToSlack } from '#templates/feed-to-slack';
import { formToSheet } from '#templates/form-to-sheet';
import { githubIssueTriage } from '#templates/github-issue-triage';
import { inboxSummarizer } from '#templates/inbox-summarizer';
import { invoiceApproval } from '#templates/invoice-approval';
import { leadFinder } from '#templates/lead-finder';
import { onCallEscalation } from '#templates/on-call-escalation';
import { priceWatch } from '#templates/price-watch';
import { refundApproval } from '#templates/refund-approval';
import { releaseAnnouncement } from '#templates/release-announcement';
import { statusPageChecker } from '#templates/status-page-checker';
import { uptimeWatch } from '#templates/uptime-watch';
import { webhookRelay } from '#templates/webhook-relay';
import { weeklyReport } from '#templates/weekly-report';
import { welcomeSequence } from '#templates/welcome-sequence';
import { youtubePoster } from '#templates/youtube-poster';

/** Every template, in the gallery's order: adding one is one file and one line here. */
export const agentTemplates = [
  dailyDigest,
  youtubePoster,
  leadFinder,
  inboxSummarizer,
  statusPageChecker,
  uptimeWatch,
  feedToSlack,
  contentCalendar,
  contactForm,
  formToSheet,
  welcomeSequence,
  invoiceApproval,
  refundApproval,
  failedPayment,
  releaseAnnouncement,
  onCallEscalation,
  githubIssueTriage,
  weeklyReport,
  csvExport,
  priceWatch,
  webhookRelay,
] as readonly unknown[] as readonly AgentTemplate[];

const bySlug = new Map(agentTemplates.map((template) => [template.slug, template]));

/** The template of this name. */
export function findTemplate(slug: string): AgentTemplate | undefined {
  return bySlug.get(slug);
}
