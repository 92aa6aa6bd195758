import { catalog } from '#actions/registry';
import { MAX_STEPS } from '#core/agents/agent';
import { type Plan, planNames, plans, USD_PER_CREDIT } from '#core/limits/plans';
import { MAX_DEPTH } from '#core/runs/depth';
import { MAX_WEBHOOK_BYTES } from '#core/runs/webhook-trigger';

const rows: readonly (readonly [string, (plan: Plan) => string])[] = [
  ['Credits a month', ({ creditsPerMonth }) => count(creditsPerMonth)],
  ['Runs a month', ({ runsPerMonth }) => count(runsPerMonth)],
  ['Runs an hour', ({ runsPerHour }) => count(runsPerHour)],
  ['Runs at once', ({ runsAtOnce }) => count(runsAtOnce)],
  [
    'Shortest schedule interval',
    ({ shortestIntervalMinutes: minutes }) => (minutes === 1 ? '1 minute' : `${minutes} minutes`),
  ],
  [
    'Webhook calls a minute for each agent, at most',
    ({ webhookRatePerMinute }) => count(webhookRatePerMinute),
  ],
  [
    'API calls: at once, then a second',
    ({ apiBurst, apiPerSecond }) => `${count(apiBurst)}, then ${apiPerSecond}`,
  ],
  ['Steps tried a minute, and connections', ({ triesPerMinute }) => count(triesPerMinute)],
  [
    'Outgoing requests a minute to one host',
    ({ requestsPerHostPerMinute }) => count(requestsPerHostPerMinute),
  ],
  ['E-mails a day', ({ mailsPerDay }) => count(mailsPerDay)],
  [
    'E-mail goes to',
    ({ mailsOwnAddressOnly }) => (mailsOwnAddressOnly ? 'your verified address' : 'anybody'),
  ],
];

/** The page of plans, prices and limits, made from the data that the product works with. */
export function limitsDocument(): string {
  const prices = catalog.actions.map(({ type, credits }) => `| \`${type}\` | ${credits} |`);
  const sections = [
    '# Limits and pricing',
    'What each plan includes, what steps cost, and where the limits are. Made from the plan data; a test keeps it current.',
    '## Plans',
    [
      `| | ${planNames.join(' | ')} |`,
      `| --- |${planNames.map(() => ' --- |').join('')}`,
      ...rows.map(
        ([name, of]) => `| ${name} | ${planNames.map((one) => of(plans[one])).join(' | ')} |`,
      ),
    ].join('\n'),
    '## What a step costs',
    ['| Step | Credits |', '| --- | --- |', ...prices].join('\n'),
    ...TEXTS,
  ];
  return `${sections.join('\n\n')}\n`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

const TEXTS = [
  'Approvals, delays, branches and loops are free; what they run is not. Another attempt at a step is free, too.',
  `A built-in agent that asks the deployment's own language model costs one credit more for each begun ${USD_PER_CREDIT} USD of tokens, and reserves its \`max_cost\` before. A model behind one of your connections is billed to you by its provider, and costs no credits. Trying a step is free but for the model.`,
  '## How credits are counted',
  'A run reserves what it may cost at most when it is accepted: the sum of its steps, of branches the dearest. How many items a loop has is only known when it begins: it reserves for all of them then, before the first one. Where too little is left the step fails with `insufficient_credits`, and what was done stays charged. When the run ends it is charged for the steps that were executed, and the rest comes back. A run that never started costs nothing. A replay is charged for the steps that it runs.',
  '`GET /api/usage` says what is left; `GET /api/usage/ledger` lists every change, and the sum of its amounts is the balance; `GET /api/usage/days` adds up what runs took on each of the last fourteen days. With the first run or call of a calendar month (UTC) the balance is topped up to the plan: what the plan gave and you did not use does not add up, what you bought stays. Changing the plan moves the balance by the difference of the two.',
  "You are told by e-mail when 80 % of a month's credits are used, and when all are, once each; the usage page and `hint` of `GET /api/usage` say so, too.",
  '## When nothing is left',
  '| What started the run | Without credits | Over the quota |\n| --- | --- | --- |\n| a webhook | 402 `insufficient_credits`, and a `rejected` run in the history | 429 `quota_exceeded` with `Retry-After`, and a `rejected` run |\n| by hand | 402 | 429 |\n| a schedule | a `rejected` run | a `rejected` run |',
  'Rejected runs of one agent, reason and minute are one row with a count.',
  '## Other limits',
  `- An agent has at most ${MAX_STEPS} actions, nested ones included. A webhook body has at most ${MAX_WEBHOOK_BYTES / 1_048_576} MiB.\n- \`settings.max_run_seconds\` bounds the time that a run works; waiting does not count.\n- Agents that start each other, by webhooks or over the API, are stopped at the ${MAX_DEPTH}th call in a row.\n- Too many calls are answered with 429, \`Retry-After\` and the headers \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\`.\n- A step that asks one host too often in a minute waits for the next one; an e-mail beyond the day's is refused.`,
];
