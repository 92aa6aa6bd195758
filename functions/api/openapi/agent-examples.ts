import type { AgentView } from '#core/api/agent';
import type { OperationExample } from '#functions/api/openapi/example';
import { AGENT_ID, RUN_ID, USER_ID } from '#functions/api/openapi/example-ids';

const CURSOR = 'WyJ4UWwzYjR0RnNhOTIiLCJhZ3RfMDFrYjdxM3I4czV0MnY5dzR4NnkxejBhM2IiXQ';

const retry = {
  max_attempts: 3,
  initial_delay_seconds: 2,
  backoff_rate: 2,
  max_delay_seconds: 300,
};

/** A step of the agent, as it is given. */
export const notify = {
  id: 'notify',
  type: 'http',
  config: {
    method: 'POST',
    url: 'https://hooks.example.com/leads',
    body: { text: 'New lead: {{trigger.body.email}}' },
  },
};

/** An agent that has run. */
export const agent: AgentView = {
  id: AGENT_ID,
  user_id: USER_ID,
  name: 'Lead router',
  description: 'Tells the team about new leads.',
  enabled: true,
  version: 3,
  trigger_config: { type: 'webhook', auth: 'secret', secret: '****x9Qw' },
  actions: [{ ...notify, timeout_seconds: 120, on_error: 'fail' }],
  settings: {
    max_run_seconds: 900,
    max_concurrent_runs: null,
    retry,
    webhook_rate_per_minute: 100,
    catch_up: 'latest',
    dedupe_window_seconds: 86_400,
    log_retention_days: 90,
    alert: {
      after_consecutive_failures: 3,
      absence_hours: null,
      email: null,
      slack_connection_id: null,
      slack_channel: null,
    },
  },
  webhook_url: `https://api.example.com/api/agents/webhook/${AGENT_ID}`,
  next_run_at: null,
  last_run: { id: RUN_ID, status: 'success', triggered_at: '2026-11-22T09:00:00.000Z' },
  run_counts: { success: 18, failed: 1, cancelled: 0 },
  created_at: '2026-11-20T08:30:00.000Z',
  updated_at: '2026-11-21T16:05:12.250Z',
};

/** Its version. */
export const version = {
  version: 3,
  name: agent.name,
  description: agent.description,
  trigger_config: agent.trigger_config,
  actions: agent.actions,
  settings: agent.settings,
  created_at: '2026-11-21T16:05:12.250Z',
};

/** The same when it was just made. */
export const fresh: AgentView = {
  ...agent,
  version: 1,
  trigger_config: {
    type: 'webhook',
    auth: 'secret',
    secret: 'whsec_3nV0dGhpcyBpcyBub3QgYSByZWFsIHNlY3JldC4x9Qw',
  },
  last_run: null,
  run_counts: { success: 0, failed: 0, cancelled: 0 },
  updated_at: agent.created_at,
};

const ofAgent = { params: { id: AGENT_ID } };

/** Examples of the operations on agents, their versions and their webhooks. */
export const agentExamples: Readonly<Record<string, OperationExample>> = {
  createAgent: {
    body: {
      name: 'Lead router',
      description: 'Tells the team about new leads.',
      trigger_config: { type: 'webhook' },
      actions: [notify],
    },
    answers: { 201: fresh },
  },
  listAgents: {
    query: { enabled: 'true', q: 'lead', limit: 25 },
    answers: { 200: { items: [agent], next_cursor: CURSOR } },
  },
  getAgent: { ...ofAgent, answers: { 200: agent } },
  updateAgent: {
    ...ofAgent,
    headers: { 'If-Match': '"2"' },
    body: { name: 'Lead router', settings: { log_retention_days: 90 } },
    answers: { 200: agent },
  },
  deleteAgent: { ...ofAgent, answers: {} },
  enableAgent: { ...ofAgent, answers: { 200: agent } },
  disableAgent: { ...ofAgent, answers: { 200: { ...agent, enabled: false } } },
  rotateWebhookSecret: {
    ...ofAgent,
    body: { revoke_old: false },
    answers: { 200: { ...agent, trigger_config: fresh.trigger_config } },
  },
  runAgent: {
    ...ofAgent,
    headers: { 'Idempotency-Key': 'order-4711' },
    body: { email: 'ada@example.com' },
    answers: { 202: { run_id: RUN_ID } },
  },
  listAgentVersions: { ...ofAgent, answers: { 200: { items: [version], next_cursor: null } } },
  restoreAgentVersion: {
    params: { id: AGENT_ID, n: '2' },
    answers: { 200: { ...agent, version: 4 } },
  },
  listDeliveries: {
    ...ofAgent,
    answers: {
      200: {
        items: [
          {
            at: '2026-11-22T08:59:58.120Z',
            status: 401,
            reason: 'The secret is missing or wrong.',
            count: 3,
          },
        ],
        next_cursor: null,
      },
    },
  },
  deliverWebhook: {
    params: { agent_id: AGENT_ID },
    headers: { 'Idempotency-Key': 'order-4711' },
    body: { email: 'ada@example.com' },
    answers: { 202: { run_id: RUN_ID, duplicate: false } },
  },
};
