import type { LogLineView, RunView, StepView } from '#core/api/run';
import { notify } from '#functions/api/openapi/agent-examples';
import type { OperationExample } from '#functions/api/openapi/example';
import { AGENT_ID, RUN_ID, USER_ID } from '#functions/api/openapi/example-ids';

/** A run that is over. */
export const run: RunView = {
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

/** What started it. */
export const trigger = {
  body: { email: 'ada@example.com' },
  headers: { 'content-type': 'application/json', 'user-agent': 'crm/2.1' },
  query: {},
  received_at: '2026-11-22T09:00:00.000Z',
};

/** Its step. */
export const step: StepView = {
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

/** Its log. */
export const lines: LogLineView[] = [
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

const ofRun = { params: { run_id: RUN_ID } };
const runFilters = { status: 'failed', since: '2026-11-21T00:00:00Z', limit: 50 };

/** Examples of the operations on runs. */
export const runExamples: Readonly<Record<string, OperationExample>> = {
  listAgentRuns: {
    params: { id: AGENT_ID },
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
};
