import type { AgentVersion } from '#core/agents/agent';
import { AlertSettings } from '#core/alerts/settings';
import { ClaimLostError, RunCancelledError } from '#core/errors';
import type { CreditStore } from '#core/limits/credit-store';
import {
  type CreditAccount,
  type LedgerEntry,
  MOST_RECENT,
  openAccount,
} from '#core/limits/credits';
import type { SlotStore } from '#core/limits/slots';
import type { Metrics } from '#core/metrics';
import type { PayloadStore } from '#core/runs/payload-store';
import { type Claim, isFinal, type Run, type RunRef, type StepRecord } from '#core/runs/run';
import type { LogLine } from '#core/runs/run-log';
import type { ClaimOutcome, RunEnding, RunStore } from '#core/runs/run-store';
import { itemOf } from '#core/steps/step-path';

/** A clock that tests move by hand. */
export function handClock(start = Date.parse('2026-11-22T09:00:00.000Z')) {
  let now = start;
  return { now: () => now, advance: (ms: number) => (now += ms) };
}

/** Measurements that a test can look at. */
export function memoryMetrics() {
  const taken: { by: string; value: string; values: Record<string, unknown> }[] = [];
  const metrics: Metrics = {
    record: (by, value, values) => {
      taken.push({ by, value, values });
    },
  };
  return { metrics, taken };
}

/** Payloads that all stay inline. */
export const inlinePayloads: PayloadStore = {
  put: async (_ref, _name, json) => ({ kind: 'inline', json }),
  get: async (_ref, payload) => (payload.kind === 'inline' ? payload.json : 'null'),
  discard: async () => undefined,
};

/** A run store in memory that keeps the port's promises: one claim, fenced writes. */
export function memoryRuns(initial: readonly Run[] = []) {
  const runs = new Map(initial.map((run) => [run.runId, run]));
  const items = new Map<string, Map<string, StepRecord>>();
  const logs = new Map<string, LogLine[]>();
  const writes: string[] = [];
  const held = (claim: Claim): Run => {
    const run = runs.get(claim.runId);
    if (run?.claim?.owner !== claim.owner || run.claim.epoch !== claim.epoch) {
      throw new ClaimLostError('Another worker owns this run now.');
    }
    return run;
  };
  const set = (run: Run, change: Partial<Run>) => runs.set(run.runId, { ...run, ...change });
  const without = ({ claim: _, ...run }: Run): Run => run;
  const mayGoOn = (claim: Claim): Run => {
    const run = held(claim);
    if (run.cancelRequestedAt === undefined) return run;
    throw new RunCancelledError('Somebody asked to cancel this run.');
  };
  const end = (run: Run, ending: RunEnding) => {
    const { records, scattered: _, expiresAt: __, credits, ...kept } = ending;
    const { dueAt: ___, waitingFor: ____, ...rest } = without(run);
    const steps = withStates(run, records);
    runs.set(run.runId, { ...rest, ...kept, steps, creditsCharged: credits.charged });
  };

  const store: RunStore = {
    async create(run) {
      runs.set(run.runId, run);
      return { outcome: 'created' };
    },
    findDuplicate: async () => undefined,
    async createScheduled(run) {
      if (!runs.has(run.runId)) runs.set(run.runId, run);
      return { outcome: 'created' };
    },
    async reject(run) {
      const before = runs.get(run.runId)?.rejection;
      const count = (before?.count ?? 0) + (run.rejection?.count ?? 1);
      runs.set(run.runId, {
        ...run,
        ...(run.rejection && { rejection: { ...run.rejection, count } }),
      });
    },
    find: async (ref) => runs.get(ref.runId),
    list: async () => ({ items: [...runs.values()], next: undefined }),
    newest: async (_userId, _agentId, count) => [...runs.values()].toReversed().slice(0, count),
    async claim(ref, owner, at, lookBy): Promise<ClaimOutcome> {
      const run = runs.get(ref.runId);
      if (run === undefined) return { outcome: 'missing' };
      if (isFinal(run.status)) return { outcome: 'over' };
      if (run.claim !== undefined) return { outcome: 'held' };
      const wait = run.waitingFor;
      const until = wait && 'until' in wait ? wait.until : '';
      if (until > at) return { outcome: 'held', until: Date.parse(until) };
      const epoch = run.epoch + 1;
      const { waitingFor: _, ...rest } = run;
      runs.set(run.runId, {
        ...rest,
        epoch,
        status: 'running',
        claims: run.claims + 1,
        startedAt: run.startedAt ?? at,
        claim: { owner, epoch, beat: 0 },
        ...(run.dueAt !== undefined && { dueAt: run.dueAt < lookBy ? run.dueAt : lookBy }),
      });
      const claimed = runs.get(ref.runId) as Run;
      return { outcome: 'claimed', run: claimed, claim: { ...ref, owner, epoch } };
    },
    async renew(claim, beat) {
      const run = held(claim);
      set(run, { claim: { owner: claim.owner, epoch: claim.epoch, beat } });
    },
    async reserve(claim, admission, itemPath, records) {
      const run = mayGoOn(claim);
      writes.push(`reserve ${admission.credits} ${pathsOf(records)}`);
      set(run, { creditsReserved: run.creditsReserved + admission.credits, claims: 0, faults: 0 });
      if (itemPath !== '') await store.saveItem(claim, itemPath, records);
      else set(held(claim), { steps: withStates(run, records) });
      return { outcome: 'reserved' };
    },
    async checkpoint(claim, records) {
      const run = mayGoOn(claim);
      if (records.length > 0) writes.push(`checkpoint ${pathsOf(records)}`);
      set(run, { steps: withStates(run, records), claims: 0, faults: 0 });
    },
    async saveItem(claim, itemPath, records) {
      writes.push(`item ${pathsOf(records)}`);
      const known = items.get(claim.runId) ?? new Map<string, StepRecord>();
      for (const record of records) {
        if (itemOf(record.path) !== itemPath && record.path !== itemPath)
          throw new Error('misfiled');
        known.set(record.path, record);
      }
      items.set(claim.runId, known);
    },
    async readItems(ref, loopPath, from) {
      const all = [...(items.get(ref.runId)?.values() ?? [])];
      return all.filter(({ path }) => {
        const place = path.startsWith(`${loopPath}[`) && path.slice(loopPath.length + 1);
        return place && Number.parseInt(place, 10) >= from;
      });
    },
    async listItems(ref) {
      return { items: [[...(items.get(ref.runId)?.values() ?? [])]], next: undefined };
    },
    check: async (claim) => void mayGoOn(claim),
    async finish(claim, ending) {
      const run = ending.status === 'cancelled' ? held(claim) : mayGoOn(claim);
      writes.push(`finish ${ending.status}`);
      end(run, ending);
    },
    async close(run, ending) {
      const current = runs.get(run.runId);
      if (current?.epoch !== run.epoch || current.claim?.owner !== run.claim?.owner) return false;
      if (isFinal(current.status)) return false;
      writes.push(`close ${ending.status}`);
      end(current, ending);
      return true;
    },
    async requestCancel(run, at) {
      const current = runs.get(run.runId);
      if (current?.claim === undefined) return false;
      set(current, { cancelRequestedAt: at });
      return true;
    },
    async markReplayed(ref, by) {
      const run = runs.get(ref.runId);
      if (run) set(run, { replayedBy: by });
    },
    async release(claim, { records, workedMs, waitingFor, dueAt, isFault }) {
      const held_ = isFault ? held(claim) : mayGoOn(claim);
      const run = without(held_);
      const steps = withStates(run, records);
      const faults = run.faults + (isFault ? 1 : 0);
      const waiting =
        waitingFor === undefined
          ? {}
          : waitingFor === 'approval'
            ? { status: 'waiting_approval' as const, waits: run.waits + 1 }
            : { status: 'waiting' as const, waitingFor, waits: run.waits + 1 };
      const due = dueAt === undefined ? {} : { dueAt };
      runs.set(claim.runId, { ...run, steps, workedMs, claims: 0, faults, ...waiting, ...due });
    },
    async appendLog(claim, _part, lines) {
      logs.set(claim.runId, [...(logs.get(claim.runId) ?? []), ...lines]);
    },
    readLog: async (run) => ({
      items: [...(logs.get(run.runId) ?? []), ...run.logTail],
      next: undefined,
    }),
    async due(shard, before, { limit }) {
      const open = [...runs.values()].filter((run) => shard === 0 && (run.dueAt ?? '~') <= before);
      const items = open.slice(0, limit).map((run) => ({ kind: 'run' as const, ...refOf(run) }));
      return { items, next: undefined };
    },
    async park(run, waitingFor) {
      const current = runs.get(run.runId);
      if (current?.status === 'queued') set(current, { status: 'waiting', waitingFor });
    },
    async watch(run, dueAt) {
      if (runs.get(run.runId)?.dueAt !== run.dueAt) return false;
      const watched = run.claim && { epoch: run.claim.epoch, beat: run.claim.beat };
      set(run, { dueAt, ...(watched && { watched }) });
      return true;
    },
    async breakClaim(run, dueAt) {
      const current = runs.get(run.runId)?.claim;
      if (current?.epoch !== run.claim?.epoch || current?.beat !== run.claim?.beat) return false;
      runs.set(run.runId, { ...without(run), dueAt });
      return true;
    },
  };
  return {
    store,
    writes,
    get: (runId: string) => runs.get(runId) as Run,
    items: (runId: string) => [...(items.get(runId)?.values() ?? [])],
    set: (run: Run) => runs.set(run.runId, run),
    lines: (runId: string) => [...(logs.get(runId) ?? []), ...(runs.get(runId)?.logTail ?? [])],
  };
}

function withStates(run: Run, records: readonly StepRecord[]): Run['steps'] {
  return { ...run.steps, ...Object.fromEntries(records.map((one) => [one.path, one])) };
}

function pathsOf(records: readonly StepRecord[]): string {
  return records.map(({ path }) => path).join(' ');
}

function refOf(run: Run): RunRef {
  return { userId: run.userId, runId: run.runId };
}

/** Slots for everybody, and what was done with them. */
export function memorySlots() {
  const given: string[] = [];
  const nobody = { holders: [], settled: 0, isSuspended: false };
  const store: SlotStore = {
    take: async () => 'taken',
    async exchange(_gate, { out }) {
      if (out) given.push(out.runId);
      return { isMade: true, state: nobody };
    },
    park: async () => nobody,
    keepToken: async () => false,
    oldest: async () => [],
    unpark: async () => undefined,
    read: async () => nobody,
    hasSlot: async () => false,
    placeOf: async () => 0,
    suspend: async () => [],
  };
  return { store, given };
}

/** Accounts in memory; a user who is not there yet has the largest plan. */
export function memoryCredits() {
  const accounts = new Map<string, CreditAccount>();
  const pages = new Map<string, LedgerEntry[]>();
  const store: CreditStore = {
    async find(userId) {
      const account = accounts.get(userId) ?? openAccount(userId, 'pro', Date.now());
      accounts.set(userId, account);
      return account;
    },
    findClosed: async () => undefined,
    async open(account) {
      if (accounts.has(account.userId)) return false;
      accounts.set(account.userId, account);
      return true;
    },
    findDone: async () => undefined,
    noteLow: async () => undefined,
    async replace(account) {
      if (accounts.get(account.userId)?.version !== account.version) return undefined;
      const stored = { ...account, version: account.version + 1 };
      accounts.set(account.userId, stored);
      return stored;
    },
    async fold({ userId, settled }) {
      const account = accounts.get(userId);
      if (account?.settled !== settled) return;
      const oldest = account.recent.slice(0, MOST_RECENT);
      pages.set(userId, [...(pages.get(userId) ?? []), ...oldest]);
      const recent = account.recent.slice(oldest.length);
      accounts.set(userId, { ...account, recent, settled: settled + oldest.length });
    },
    async paged(userId, before, limit) {
      return (pages.get(userId) ?? []).slice(0, before).toReversed().slice(0, limit);
    },
  };
  return { store, accounts };
}

/** A queued run of a manual agent. */
export function queuedRun(change: Partial<Run> = {}): Run {
  return {
    userId: 'alice',
    runId: 'run_1',
    agentId: 'agt_1',
    agentVersion: 1,
    status: 'queued',
    triggeredBy: 'manual',
    triggeredAt: '2026-11-22T09:00:00.000Z',
    trigger: { kind: 'inline', json: '{"body":{"n":7}}' },
    steps: {},
    retentionDays: 90,
    plan: 'pro',
    depth: 0,
    creditsReserved: 1,
    workedMs: 0,
    claims: 0,
    faults: 0,
    waits: 0,
    epoch: 0,
    dueAt: '2026-11-22T09:01:00.000Z',
    logTail: [],
    ...change,
  };
}

/** A version whose steps are `[id, type, config]`. */
export function versionOf(
  steps: readonly (readonly [string, string, Record<string, unknown>])[],
  maxRunSeconds = 900,
): AgentVersion {
  return {
    version: 1,
    name: 'Test agent',
    description: '',
    trigger: { type: 'manual' },
    actions: steps.map(([id, type, config]) => ({
      id,
      type,
      config,
      timeout_seconds: 120,
      on_error: 'fail',
    })),
    settings: {
      max_run_seconds: maxRunSeconds,
      max_concurrent_runs: null,
      webhook_rate_per_minute: 100,
      catch_up: 'latest',
      retry: { max_attempts: 1, initial_delay_seconds: 2, backoff_rate: 2, max_delay_seconds: 300 },
      dedupe_window_seconds: 86_400,
      log_retention_days: 90,
      alert: AlertSettings.parse({}),
    },
    mostCredits: steps.length,
    createdAt: '2026-11-22T08:00:00.000Z',
  };
}
