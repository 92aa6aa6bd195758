import type { ExportItem } from '#core/api/account';
import { agent, agentExamples, fresh, version } from '#functions/api/openapi/agent-examples';
import { apiKey, apiKeyExamples } from '#functions/api/openapi/api-key-examples';
import { approvalExamples } from '#functions/api/openapi/approval-examples';
import { connection, connectionExamples } from '#functions/api/openapi/connection-examples';
import type { OperationExample } from '#functions/api/openapi/example';
import { AGENT_ID, RUN_ID } from '#functions/api/openapi/example-ids';
import { oneTimeExamples } from '#functions/api/openapi/one-time-examples';
import { operatorExamples } from '#functions/api/openapi/operator-examples';
import { lines, run, runExamples, step, trigger } from '#functions/api/openapi/run-examples';
import { suppression, suppressionExamples } from '#functions/api/openapi/suppression-examples';
import { systemExamples } from '#functions/api/openapi/system-examples';
import { templateExamples } from '#functions/api/openapi/template-examples';
import { usageExamples } from '#functions/api/openapi/usage-examples';

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

/** An example of every operation, by its id. */
export const examples: Readonly<Record<string, OperationExample>> = {
  ...agentExamples,
  ...runExamples,
  ...templateExamples(fresh),
  ...systemExamples,
  ...connectionExamples,
  ...apiKeyExamples,
  ...suppressionExamples,
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
};
