import type { ExportItem } from '#core/api/account';
import type { AgentView } from '#core/api/agent';
import type { LogLineView, RunView, StepView } from '#core/api/run';
import { apiKey, apiKeyExamples } from '#functions/api/openapi/api-key-examples';
import { approvalExamples } from '#functions/api/openapi/approval-examples';
import { connection, connectionExamples } from '#functions/api/openapi/connection-examples';
import type { OperationExample } from '#functions/api/openapi/example';
import { AGENT_ID, RUN_ID, USER_ID } from '#functions/api/openapi/example-ids';
import { oneTimeExamples } from '#functions/api/openapi/one-time-examples';
import { operatorExamples } from '#functions/api/openapi/operator-examples';
import { suppression, suppressionExamples } from '#functions/api/openapi/suppression-examples';
import { systemExamples } from '#functions/api/openapi/system-examples';
import { templateExamples } from '#functions/api/openapi/template-examples';
import { usageExamples } from '#functions/api/openapi/usage-examples';

const CURSOR = 'WyJ4UWwzYjR0RnNhOTIiLCJhZ3RfMDFrYjdxM3I4czV0MnY5dzR4NnkxejBhM2IiXQ';

const retry = {
  max_attempts: 3,
  initial_delay_seconds: 2,
  backoff_rate: 2,
  max_delay_seconds: 300,
};

const notify = {
  id: 'notify',
  type: 'http',
  config: {
    method: 'POST',
    url: 'https://hooks.example.com/leads',
    body: { text: 'New lead: {{trigger.body.email}}' },
  },
};

const agent: AgentView = {
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

const version = {
  version: 3,
  name: agent.name,
  description: agent.description,
  trigger_config: agent.trigger_config,
  actions: agent.actions,
  settings: agent.settings,
  created_at: '2026-11-21T16:05:12.250Z',
};

const fresh: AgentView = {
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

const run: RunView = {
  id: RUN_ID,
  agent_id: AGENT_ID,
  user_id: USER_ID,
  status: 'success',
  reject_reason: null,
  reject_count: null,
  triggered_by: 'webhook',
  triggered_at: '2026-11-22T09:00:00.000Z',
  late_by_ms: null,
  started_at: '2026-11-22T09:00:00.014Z',
  finished_at: '2026-11-22T09:00:00.258Z',
  duration_ms: 244,
  error_message: null,
  error: null,
  output_summary: 'POST hooks.example.com answered 200',
  waiting_for: null,
  credits_charged: 1,
  cost_usd: 0,
  agent_version: 3,
  replay_of: null,
  replayed_by: null,
};

const trigger = {
  body: { email: 'ada@example.com' },
  headers: { 'content-type': 'application/json', 'user-agent': 'crm/2.1' },
  query: {},
  received_at: '2026-11-22T09:00:00.000Z',
};

const step: StepView = {
  index: 0,
  path: '0',
  id: 'notify',
  type: 'http',
  status: 'success',
  attempts: 1,
  failures: [],
  retry_at: null,
  wait_until: null,
  started_at: '2026-11-22T09:00:00.015Z',
  finished_at: '2026-11-22T09:00:00.255Z',
  duration_ms: 240,
  input: {
    method: 'POST',
    url: 'https://hooks.example.com/leads',
    body: { text: 'New lead: ada@example.com' },
  },
  output: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    json: { ok: true },
  },
  error: null,
  cost_usd: 0,
};

const lines: LogLineView[] = [
  {
    at: '2026-11-22T09:00:00.015Z',
    level: 'info',
    step: null,
    message: 'Run started by webhook.',
  },
  {
    at: '2026-11-22T09:00:00.255Z',
    level: 'info',
    step: '0',
    message: 'POST hooks.example.com answered 200 (240 ms)',
  },
  { at: '2026-11-22T09:00:00.256Z', level: 'info', step: null, message: 'Run succeeded.' },
];

const exported: ExportItem[] = [
  { kind: 'agent', agent },
  { kind: 'agent_version', agent_id: AGENT_ID, version },
  { kind: 'connection', connection },
  { kind: 'api_key', api_key: apiKey },
  { kind: 'suppression', suppression },
  { kind: 'run', run: { ...run, trigger } },
  { kind: 'step', run_id: RUN_ID, step },
  { kind: 'log', run_id: RUN_ID, lines },
];

const ofAgent = { params: { id: AGENT_ID } };
const ofRun = { params: { run_id: RUN_ID } };
const runFilters = { status: 'failed', since: '2026-11-21T00:00:00Z', limit: 50 };

/** An example of every operation, by its id. */
export const examples: Readonly<Record<string, OperationExample>> = {
  ...templateExamples(fresh),
  ...systemExamples,
  ...connectionExamples,
  ...apiKeyExamples,
  ...suppressionExamples,
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
  listAgentRuns: {
    ...ofAgent,
    query: runFilters,
    answers: { 200: { items: [run], next_cursor: null } },
  },
  listRuns: { query: runFilters, answers: { 200: { items: [run], next_cursor: null } } },
  getRun: { ...ofRun, answers: { 200: { ...run, trigger, steps: [step] } } },
  listLoopSteps: {
    ...ofRun,
    answers: { 200: { items: [{ ...step, path: '1[0].0' }], next_cursor: null } },
  },
  cancelRun: { ...ofRun, answers: { 202: { run_id: RUN_ID, status: 'running' } } },
  replayRun: { ...ofRun, body: { from_step: '0' }, answers: { 202: { run_id: RUN_ID } } },
  getRunLog: { ...ofRun, answers: { 200: { items: lines, next_cursor: null } } },
  previewSchedule: {
    query: {
      cron_expression: '0 9 * * 1-5',
      timezone: 'Europe/London',
      count: 2,
      after: '2027-01-01T00:00:00Z',
    },
    answers: {
      200: {
        fires: ['2027-01-01T09:00:00.000Z', '2027-01-04T09:00:00.000Z'],
        description: 'at 09:00 on weekdays (Monday to Friday), London time',
        notes: [],
      },
    },
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
  getStats: {
    query: { window: '24h' },
    answers: {
      200: {
        window: '24h',
        since: '2026-11-21T09:30:00.000Z',
        until: '2026-11-22T09:30:00.000Z',
        runs: 12,
        truncated: false,
        by_status: { success: 11, failed: 1 },
        by_hour: [
          {
            hour: '2026-11-22T09:00:00.000Z',
            runs: 12,
            by_status: { success: 11, failed: 1 },
          },
        ],
        success_rate: 0.9167,
        duration_ms: { p50: 244, p95: 812 },
        start_lag_ms: { p50: 14, p95: 31 },
        failing_agents: [{ agent_id: AGENT_ID, name: 'Lead router', failed: 1, runs: 12 }],
        slow_agents: [
          {
            agent_id: AGENT_ID,
            name: 'Lead router',
            duration_ms: { p50: 244, p95: 812 },
            runs: 12,
          },
        ],
      },
    },
  },
  testStep: {
    body: { action: notify, trigger: { body: { email: 'ada@example.com' } } },
    answers: {
      200: {
        status: 'success',
        input: step.input,
        output: step.output,
        error: null,
        duration_ms: 240,
        log: [lines[1]],
      },
    },
  },
  ...oneTimeExamples(fresh),
  ...approvalExamples,
  ...usageExamples,
  ...operatorExamples,
  exportAccount: { answers: { 200: { items: exported, next_cursor: null } } },
  deleteAccount: { answers: { 202: { status: 'deleting' } } },
  getHealth: {
    query: { deep: '1' },
    answers: {
      200: {
        status: 'ok',
        version: '0.1.0',
        checks: { table: 'ok', run_queue: 'ok' },
        dispatch: 'running',
      },
    },
  },
  runBuiltInAgent: {
    params: { agent_name: 'Scraping Agent' },
    headers: { 'Idempotency-Key': 'order-4711' },
    body: { input: { url: 'https://example.com/pricing', fields: { price: '.price' } } },
    answers: {
      200: {
        run_id: RUN_ID,
        status: 'success',
        output: { title: 'Pricing', markdown: 'From £ 10', fields: { price: '£ 10' } },
        output_summary: 'Read "Pricing" on example.com',
        error: null,
      },
      202: { run_id: RUN_ID },
    },
  },
  getCatalog: {
    answers: {
      200: {
        actions: [
          {
            type: 'http',
            kind: 'action',
            title: 'HTTP request',
            description: 'Sends an HTTP request and gives its answer to later steps.',
            credits: 1,
            idempotency: 'Every attempt carries the same Idempotency-Key header.',
            config_schema: { type: 'object', properties: { url: { type: 'string' } } },
            output_schema: { type: 'object', properties: { status: { type: 'integer' } } },
          },
        ],
        agents: [
          {
            name: 'Scraping Agent',
            title: 'Read a web page',
            description: 'Fetches a page and gives its title, text, links, tables and metadata.',
            credits: 5,
            idempotency: 'Reads only; a repeated call reads the page again.',
            input_schema: { type: 'object', properties: { url: { type: 'string' } } },
            main_field: 'url',
            output_schema: { type: 'object', properties: { markdown: { type: 'string' } } },
            example: { input: { url: 'https://example.com/pricing' } },
          },
        ],
        condition_schema: { type: 'object', properties: { op: { type: 'string' } } },
      },
    },
  },
  getOpenApi: {
    answers: { 200: { openapi: '3.1.1', info: { title: 'CrucibAI Agents', version: '0.1.0' } } },
  },
  getDocs: { answers: { 200: '<!doctype html>…' } },
  deliverWebhook: {
    params: { agent_id: AGENT_ID },
    headers: { 'Idempotency-Key': 'order-4711' },
    body: { email: 'ada@example.com' },
    answers: { 202: { run_id: RUN_ID, duplicate: false } },
  },
};
