import * as z from 'zod';
import { ActionStep, AgentSettings, type AgentVersion } from '#core/agents/agent';
import { checkAction, type DefinitionRules } from '#core/agents/agent-definition';
import { checkConnections, type ReferenceDeps } from '#core/connections/references';
import { newId, type RandomBytes } from '#core/ids';
import { posted } from '#core/limits/credits';
import type { PlanName } from '#core/limits/plans';
import { giveBack } from '#core/limits/usage';
import type { Payload } from '#core/payload';
import { type EngineDeps, newExecution } from '#core/runs/execution';
import type { PayloadStore } from '#core/runs/payload-store';
import type { Run, StepRecord } from '#core/runs/run';
import type { LogLine } from '#core/runs/run-log';
import { attemptStep } from '#core/steps/attempt-step';

/** Longest time that a tried step may take, in seconds: an answer must come within API Gateway's 30. */
const MAX_SECONDS = 25;

/** Body of `POST /api/agents/test-step`. */
export const TestStep = z.strictObject({
  action: ActionStep.describe('The action to try. It really acts: an HTTP request is really sent.'),
  trigger: z
    .strictObject({
      body: z.unknown(),
      headers: z.record(z.string(), z.string()),
      query: z.record(z.string(), z.string()),
      received_at: z.iso.datetime(),
      scheduled_at: z.iso.datetime(),
    })
    .partial()
    .default({})
    .describe('What its placeholders find under trigger.'),
  steps: z
    .record(
      z.string().regex(/^([a-z][a-z0-9_-]{0,39}|\d{1,2})$/, 'Name a step by its id or its place.'),
      z.strictObject({ output: z.unknown() }),
    )
    .default({})
    .describe('Outputs of earlier steps, by id or place.'),
  item: z
    .unknown()
    .optional()
    .describe(
      'For a step inside a loop: the item that it is tried with, as the first of the list.',
    ),
});
export type TestStep = z.infer<typeof TestStep>;

/** What trying a step works with: the engine without its stores. */
export type TestStepDeps = DefinitionRules &
  ReferenceDeps &
  Pick<EngineDeps, 'world' | 'rates' | 'credits' | 'clock' | 'random' | 'log'> & {
    /** Of the user who tries it. */
    readonly plan: PlanName;
    readonly randomBytes: RandomBytes;
  };

/** A step's result, its payloads as JSON texts. */
export type TestStepResult = {
  readonly record: StepRecord;
  readonly input: string;
  readonly output: string;
  readonly log: readonly LogLine[];
};

/**
 * Executes one action once, as the engine would, with the given trigger and earlier outputs.
 * Nothing is saved, and it is not tried again. It is free, but for what the deployment's own language
 * model costs.
 *
 * @throws RequestError `invalid_request` for an action that could not be saved either
 */
export async function testStep(
  userId: string,
  body: TestStep,
  deps: TestStepDeps,
): Promise<TestStepResult> {
  const isInLoop = body.item !== undefined;
  const place = { path: 'action', earlier: Object.keys(body.steps), isInLoop };
  const { timeout_seconds, ...action } = checkAction(body.action, place, deps);
  await checkConnections(userId, action, 'action', deps);
  const step: ActionStep = {
    ...action,
    timeout_seconds: Math.min(timeout_seconds, MAX_SECONDS),
    retry: { max_attempts: 1, initial_delay_seconds: 0, backoff_rate: 1, max_delay_seconds: 1 },
  };
  const execution = imaginedExecution(userId, step, body, deps);
  const loop = isInLoop && { item: { item: body.item, index: 0 } };
  const frame = { prefix: '', isHalted: () => false, ...loop };
  let record: StepRecord | undefined;
  try {
    record = await attemptStep(step, '0', 0, frame, execution);
  } finally {
    const unused = execution.creditsReserved - (record?.credits ?? 0);
    if (unused > 0) await giveBack(userId, unused, TRYING, deps);
  }
  return {
    record,
    input: textOf(record.input),
    output: textOf(record.output),
    log: execution.log.take(),
  };
}

/** A run that is nowhere but here. */
function imaginedExecution(userId: string, step: ActionStep, body: TestStep, deps: TestStepDeps) {
  const now = deps.clock.now();
  const at = new Date(now).toISOString();
  const run: Run = {
    userId,
    runId: newId('run', now, deps.randomBytes),
    agentId: newId('agt', now, deps.randomBytes),
    agentVersion: 1,
    status: 'running',
    triggeredBy: 'manual',
    triggeredAt: at,
    trigger: inline({ body: null, headers: {}, query: {}, received_at: at, ...body.trigger }),
    steps: {},
    retentionDays: 1,
    plan: deps.plan,
    depth: 0,
    creditsReserved: 0,
    workedMs: 0,
    claims: 1,
    faults: 0,
    waits: 0,
    epoch: 0,
    logTail: [],
  };
  const version: AgentVersion = {
    version: 1,
    name: 'Test',
    description: '',
    trigger: { type: 'manual' },
    actions: [step],
    settings: AgentSettings.parse({}),
    mostCredits: 0,
    createdAt: at,
  };
  const claim = { userId, runId: run.runId, owner: 'test-step', epoch: 1 };
  const execution = newExecution(
    { claim, run, at: now },
    version,
    {
      ...deps,
      ...withoutStores,
      runs: noRun(deps),
      beatEveryMs: MAX_SECONDS * 1_000,
      pausesFor: ({ until }) => until,
    },
    new AbortController().signal,
    () => MAX_SECONDS * 1_000,
  );
  for (const [name, { output }] of Object.entries(body.steps)) {
    const path = `given:${name}`;
    execution.records.set(path, givenRecord(path, at));
    execution.outputs.set(path, output ?? null);
  }
  return Object.assign(execution, { find: (name: string) => `given:${name}` });
}

/** Why a ledger has an entry without a run. */
const TRYING = 'trying a step';

/** All that an attempt asks of the store of runs: credits for the deployment's own model. */
function noRun({ credits }: TestStepDeps): EngineDeps['runs'] {
  const reserve: EngineDeps['runs']['reserve'] = async (_claim, admission, _item, _records, at) => {
    const amount = -admission.credits;
    const entry = { at, kind: 'reserve', amount, reason: TRYING } as const;
    const stored = await credits.replace(posted(admission.account, entry));
    return { outcome: stored === undefined ? 'outdated' : 'reserved' };
  };
  return { reserve } as EngineDeps['runs'];
}

/** An earlier step, whose output is known without being read. */
function givenRecord(path: string, at: string): StepRecord {
  return {
    path,
    index: 0,
    id: path,
    type: 'given',
    status: 'success',
    attempts: 1,
    startedAt: at,
    finishedAt: at,
    output: inline(null),
  };
}

const memory: PayloadStore = {
  put: async (_ref, _name, json) => ({ kind: 'inline', json }),
  get: async (_ref, payload) => textOf(payload),
  discard: async () => undefined,
};

/** One attempt at a step touches no store but that of payloads. */
const withoutStores = {
  payloads: memory,
  agents: {} as EngineDeps['agents'],
  approvals: {} as EngineDeps['approvals'],
  audit: {} as EngineDeps['audit'],
  metrics: { record: () => undefined },
};

function inline(value: unknown): Payload {
  return { kind: 'inline', json: JSON.stringify(value) };
}

function textOf(payload: Payload | undefined): string {
  return payload?.kind === 'inline' ? payload.json : 'null';
}
