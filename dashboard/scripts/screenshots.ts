/**
 * `npm run screenshots [address] [folder]`, while a fresh product runs there: images of every page of the dashboard, 1440 and 390 pixels wide, for somebody
 * with nothing, with one of each thing, and with a thousand; to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { apiOf, ready, startBrowser, visit } from './visitor.ts';

const base = process.argv[2] ?? 'http://localhost:3000';
const folder = process.argv[3] ?? join(import.meta.dirname, '../../.cache/screenshots');
const LONG =
  'An agent with a name as long as names may be, because people write whole sentences into it, so…';

const paths = (agentId: string, runId: string): Record<string, string> => ({
  agents: '/app/agents',
  'agent-new': '/app/agents/new',
  approvals: '/app/approvals',
  runs: '/app/runs',
  templates: '/app/templates',
  connections: '/app/connections',
  'api-keys': '/app/keys',
  usage: '/app/usage',
  observability: '/app/observability',
  admin: '/app/admin',
  'use-template': '/app/templates/invoice-approval',
  mailbox: '/app/mailbox',
  slack: '/app/slack',
  ...(agentId !== '' && {
    agent: `/app/agents/${agentId}`,
    'agent-steps': `/app/agents/${agentId}?tab=steps`,
    'agent-settings': `/app/agents/${agentId}?tab=settings`,
    'agent-edit': `/app/agents/${agentId}/edit`,
    run: `/app/runs/${runId}`,
  }),
});

const browser = await startBrowser();
try {
  for (const [user, count] of [
    ['zero', 0],
    ['one', 1],
    ['thousand', 1_000],
  ] as const) {
    const { agentId, runId } = await fill(user, count);
    for (const width of [1_440, 390]) {
      for (const colorScheme of count === 1 ? (['light', 'dark'] as const) : (['light'] as const)) {
        await take(browser, { user, width, colorScheme, paths: paths(agentId, runId) });
      }
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(`${folder}\n`);

async function take(
  from: Browser,
  shot: {
    readonly user: string;
    readonly width: number;
    readonly colorScheme: 'light' | 'dark';
    readonly paths: Record<string, string>;
  },
): Promise<void> {
  const { user, width, colorScheme } = shot;
  const height = width < 500 ? 844 : 900;
  const page = await visit(from, { base, user, role: 'admin', width, height, colorScheme });
  mkdirSync(join(folder, user), { recursive: true });
  for (const [name, path] of Object.entries(shot.paths)) {
    await page.goto(path);
    await ready(page);
    if (name === 'agent-edit')
      await page
        .getByRole('article')
        .first()
        .getByRole('button', { expanded: false })
        .first()
        .click();
    const file = `${name}-${width}${colorScheme === 'dark' ? '-dark' : ''}.png`;
    await page.screenshot({ path: join(folder, user, file), fullPage: user !== 'thousand' });
  }
  await page.context().close();
}

/** Agents, runs, messages and an approval for a user. */
async function fill(user: string, count: number): Promise<{ agentId: string; runId: string }> {
  const api = await apiOf(base, user, 'admin');
  const hook = `${base}/local/slack/${user}`;
  let agentId = '';
  let runId = '';
  const agents = count === 1_000 ? 120 : count;
  for (let number = 0; number < agents; number += 1) {
    const agent = await api('/api/agents', {
      name: count === 1 ? 'Lead router' : number % 7 === 0 ? LONG : `Agent number ${number}`,
      description:
        'Sends new leads to the channel of the sales team, and asks before it writes to them.',
      trigger_config:
        number % 3 === 1
          ? { type: 'schedule', cron_expression: '0 9 * * 1-5', timezone: 'Europe/London' }
          : { type: 'webhook', secret: 'a-secret-of-sixteen' },
      actions: [
        {
          id: 'tell',
          name: 'Tell sales',
          type: 'slack',
          config: {
            webhook_url: hook,
            text: 'New lead: {{trigger.body.email | default: "unknown"}}',
          },
        },
        {
          id: 'large',
          name: 'Is it a large one?',
          type: 'branch',
          config: {
            branches: [
              {
                when: {
                  left: '{{trigger.body.amount | default: 0}}',
                  op: 'greater_than',
                  right: 1000,
                },
                actions: [
                  {
                    id: 'ask',
                    type: 'approval',
                    config: {
                      message: 'Write to {{trigger.body.email}} about {{trigger.body.amount}}?',
                    },
                  },
                ],
              },
            ],
          },
        },
      ],
    });
    agentId ||= String(agent['id']);
  }
  for (let number = 0; number < Math.min(count, 40); number += 1) {
    await api('/api/connections', {
      kind: 'http_bearer',
      name: number % 7 === 1 ? LONG : `API of service ${number}`,
      secret: { token: `token-number-${number}` },
      allowed_hosts: [`api${number}.example.com`],
    });
  }
  for (let number = 0; number < count; number += 1) {
    const body = { email: 'ada@example.com', amount: number === 0 ? 5_000 : 10 };
    const answer = await api(`/api/agents/${agentId}/run`, body);
    runId ||= String(answer['run_id']);
  }
  return { agentId, runId };
}
