import { summarize } from '#core/api/template';
import { planNames, plans } from '#core/limits/plans';
import { type Assets, escapeHtml, renderPage } from '#dashboard/site/page.ts';
import { agentTemplates } from '#templates/registry';

/** Each leads to the template that does it. */
const useCases: readonly {
  readonly title: string;
  readonly text: string;
  readonly slug: string;
}[] = [
  {
    title: 'Create a YouTube poster',
    text: 'A finished video calls a webhook. The agent writes the description, uploads it to your channel and posts the link to Slack.',
    slug: 'youtube-poster',
  },
  {
    title: 'Find leads automatically',
    text: 'Every weekday the agent reads a directory or job board, keeps what matches your keyword, and tells your team of each find.',
    slug: 'lead-finder',
  },
  {
    title: 'Daily digest in your inbox',
    text: 'At nine the agent reads the pages that matter to you, sums them up in a few sentences, and mails them with the link.',
    slug: 'daily-digest',
  },
  {
    title: 'Know before your customers do',
    text: 'Pages, APIs and certificates are checked on your schedule. Slack hears of what broke, with the reason, and when it is over.',
    slug: 'uptime-watch',
  },
  {
    title: 'No refund without a second look',
    text: 'Steps that cost money wait for a person, for hours or for weeks. One click in the inbox or the e-mail, and the run goes on.',
    slug: 'refund-approval',
  },
  {
    title: 'Sort what comes in',
    text: 'New GitHub issues are read, labelled as bug, feature or question, and land in the right channel within seconds.',
    slug: 'github-issue-triage',
  },
];

const features: readonly (readonly [title: string, text: string])[] = [
  [
    'Triggers',
    'Cron in any time zone, right through clock changes. Webhooks signed as GitHub, Stripe, Slack or Standard Webhooks sign. Or one click.',
  ],
  [
    'Actions',
    'HTTP, e-mail, Slack, Google Sheets, YouTube, and our own agents that read, write, extract, sort and export. Data flows from one to the next.',
  ],
  [
    'Workflows',
    'Conditions, branches, loops, delays, and approvals with a deadline. A run that waits costs nothing and survives everything.',
  ],
  [
    'Observability',
    'Each run with its input, output, attempts, timing, log and cost. Replay it from any step. Hear of failures before somebody else does.',
  ],
  [
    'Nothing gets lost',
    'A trigger that was acknowledged becomes exactly one run, whatever crashes in between. Failed steps are tried again with growing waits.',
  ],
  [
    'Yours to host',
    'One command runs all of it on one machine. The same code deploys to your own AWS account, where it costs about seven dollars a month while idle.',
  ],
];

/** The page at `/`. */
export function landingPage(assets: Assets): string {
  return renderPage(
    {
      title: 'CrucibAI Agents',
      description:
        'Build apps agentically. Run agents on your schedule and triggers: post, scrape, notify, integrate, with people in the loop and nothing lost.',
      main: `<main id="main" class="landing">${hero()}${cases()}${featureList()}${templates()}${pricing()}${end()}</main>`,
    },
    assets,
  );
}

function hero(): string {
  return `<section class="hero">
<h1>Build apps agentically. Run agents on your schedule and triggers.</h1>
<p class="lead">Say what starts it and what it does: post, scrape, notify, integrate. It runs, waits for people where you want it to, and shows you every step.</p>
<p class="actions"><a class="button large" href="/app/agents">Create an agent</a> <a class="button quiet large" href="/docs/first-agent">Read how in two minutes</a></p>
${picture()}
</section>`;
}

/** A run as the app shows it; text, so that it is sharp, small and read aloud. */
function picture(): string {
  const steps = [
    ['Webhook', 'POST /api/agents/webhook/… from your form', 'start', ''],
    ['Read the company’s page', 'run_agent · Scraping Agent', 'success', '640 ms'],
    ['Score the lead', 'run_agent · Classifier Agent', 'success', '210 ms'],
    ['Approve the offer', 'approval · decided by ada@example.com', 'success', '3 min'],
    ['Tell the team', 'slack · #sales', 'success', '180 ms'],
  ];
  const items = steps.map(
    ([title, text, status, time]) =>
      `<li class="${status}"><strong>${title}</strong><span>${text}</span><time>${time}</time></li>`,
  );
  return `<figure class="run" aria-label="A run of five steps that all succeeded"><figcaption><strong>Lead router</strong> <span class="badge">success</span></figcaption><ol>${items.join('')}</ol></figure>`;
}

function cases(): string {
  const cards = useCases.map(
    ({ title, text, slug }) =>
      `<li><h3><a href="/app/templates/${slug}">${title}</a></h3><p>${text}</p></li>`,
  );
  return `<section aria-labelledby="cases"><h2 id="cases">What agents do for people</h2><ul class="columns">${cards.join('')}</ul></section>`;
}

function featureList(): string {
  const items = features.map(([title, text]) => `<li><h3>${title}</h3><p>${text}</p></li>`);
  return `<section aria-labelledby="features"><h2 id="features">Automations and agents</h2><p class="lead">A trigger starts it, steps do the work, and you see all of it.</p><ul class="columns">${items.join('')}</ul></section>`;
}

function templates(): string {
  const cards = agentTemplates
    .map(summarize)
    .map(
      ({ slug, name, summary, category, trigger_type }) =>
        `<li><a href="/app/templates/${slug}"><strong>${escapeHtml(name)}</strong><span>${escapeHtml(summary)}</span><em>${category} · ${trigger_type}</em></a></li>`,
    );
  return `<section aria-labelledby="templates"><h2 id="templates">Start from a template</h2><p class="lead">Fill in a few fields, and it runs. Change whatever you like afterwards.</p><ul class="cards">${cards.join('')}</ul></section>`;
}

function pricing(): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const columns = planNames.map((name) => {
    const plan = plans[name];
    const minutes = plan.shortestIntervalMinutes;
    return `<li><h3>${name.charAt(0).toUpperCase()}${name.slice(1)}</h3>
<p class="figure"><strong>${count(plan.runsPerMonth)}</strong> runs a month</p>
<ul>
<li>${count(plan.creditsPerMonth)} credits a month</li>
<li>${count(plan.runsPerHour)} runs an hour, ${plan.runsAtOnce} at once</li>
<li>schedules down to every ${minutes === 1 ? 'minute' : `${minutes} minutes`}</li>
<li>${count(plan.webhookRatePerMinute)} webhook calls a minute per agent</li>
</ul>
</li>`;
  });
  return `<section aria-labelledby="pricing"><h2 id="pricing">Plans</h2><p class="lead">Most steps cost one credit, steps of built-in agents five. Waiting, retries and runs that never started cost nothing. Everybody starts on the free plan. <a href="/docs/limits-and-pricing">All limits</a></p><ul class="plans">${columns.join('')}</ul></section>`;
}

function end(): string {
  return `<section class="end"><h2>Your first agent is two minutes away</h2><p class="actions"><a class="button large" href="/app/agents">Create an agent</a> <a class="button quiet large" href="/docs/first-agent">Read the guide</a></p></section>`;
}
