import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { chance, type Faults } from '#local/faults/faults';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { type Product, tryStart } from '#test/helpers/product';
import { type Receiver, startReceiver } from '#test/helpers/receiver';
import { startApprover } from './approver.ts';
import {
  type Acknowledged,
  broken,
  type Effect,
  type Evidence,
  type Expected,
  FINAL,
  type OddAnswer,
} from './judge.ts';
import { allItems, inTurns, patiently } from './patient-reading.ts';
import { bodyOf, CHAINS, type Workload } from './workloads.ts';

/** One user's agents under load, whose product dies and comes back on one data directory. */
export type Campaign = {
  readonly receiver: Receiver;
  /** Numbers from 0 to below 1 that follow from the seed. */
  random(): number;
  /** Starts the product, in the place of one that has died. @returns false when it died at once. */
  start(faults?: Partial<Faults>): Promise<boolean>;
  /** Sends so many webhooks more, each again and again until it is acknowledged or the product has died. */
  drive(count: number): Promise<void>;
  /** Waits until so many webhooks more have been acknowledged. */
  acknowledge(count: number): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Waits until the product has killed itself. @returns whether it did within the time. */
  died(seconds: number): Promise<boolean>;
  /** Begins and ends what the faults do by chance. */
  faultsOn(on: boolean): void;
  /** Sets the clocks wrong by so many milliseconds, while all runs. */
  setClock(offsetMs: number): Promise<void>;
  /** The points that the product has passed, and how often one thread did, up to three times. */
  points(): Map<string, number>;
  /**
   * Waits until no run is open, and compares what all saw. While nothing happens, the clocks are set
   * forward, so that nobody sits out what the sweeper does after a minute.
   *
   * @param minutes how many of them may pass before runs are given up.
   * @returns the broken promises.
   */
  judge(minutes?: number): Promise<string[]>;
  /** How many runs have failed, as the last judgement saw them. */
  failed(): number;
  /** For a failure's message: how to do the same again. */
  readonly recipe: string;
  readonly acknowledged: readonly Acknowledged[];
};

/** Since when the clocks are wrong, in real epoch milliseconds, and by how many milliseconds. */
type Offset = { readonly since: number; readonly offsetMs: number };

const NO_OFFSET: Offset = { since: 0, offsetMs: 0 };

const SECRET = 'a-secret-of-sixteen';
const CALLERS = 8;
const COME_AGAIN = [429, 503];
const AGAIN_MS = 50;
const ACKNOWLEDGE_LIMIT_MS = 30_000;
const MINUTE_MS = 60_000;
/**
 * Nothing works on a run for so long: what is open waits for its time, or for somebody who has died.
 * On a machine that is slow to answer, it is as many answers.
 */
const QUIET_MS = 4_000;
const QUIET_ANSWERS = 20;
const LOOK_EVERY_MS = 250;

/** A seed that a failed campaign printed, or a new one. */
export function seedOf(): number {
  return Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 1_000_000));
}

/** How much of a campaign to do: a bounded part, unless the variable asks for more. */
export function amount(variable: string, bounded: number): number {
  return Number(process.env[variable] ?? bounded);
}

/**
 * @param options.root another build of the product than this repository's.
 * @param options.anyDeath parts of the product die all the time: as `repeats`, and callers may get a 500.
 * @param options.repeats what a step did may fail to be recorded: it is done again.
 */
export async function openCampaign(
  name: string,
  options: {
    readonly seed: number;
    readonly root?: string;
    readonly anyDeath?: boolean;
    readonly repeats?: boolean;
    /** The product's clocks are wrong. */
    readonly wrongClocks?: boolean;
    /** Executions are stopped from outside. */
    readonly aborts?: boolean;
    /** Agents, which get webhooks in turn. @default chains of one and of three steps */
    readonly workloads?: readonly Workload[];
  },
): Promise<Campaign> {
  const { seed, anyDeath = false, repeats = anyDeath, workloads = CHAINS } = options;
  const random = chance(seed, name);
  const receiver = await startReceiver();
  const dataDir = temporaryDirectory();
  const onFile = join(dataDir, 'faults-on');
  const clockFile = join(dataDir, 'clock');
  const pointsFile = join(dataDir, 'fault-points');
  const acknowledged: Acknowledged[] = [];
  const oddAnswers: OddAnswer[] = [];
  const deaths: number[] = [];
  const offsets: Offset[] = [];
  let product: Product | undefined;
  const approver = startApprover(() => product && apiClient(product.url, token));
  onTestFinished(() => approver.stop());
  let port: number | undefined;
  let token = '';
  let webhooks: string[] = [];
  let agents: string[] = [];
  let sent = 0;
  let starts = 0;
  let failedRuns = 0;

  async function start(faults?: Partial<Faults>): Promise<boolean> {
    starts += 1;
    const env = {
      FAULTS: JSON.stringify({ seed, whileFile: onFile, pointsFile, clockFile, ...faults }),
    };
    const started = await tryStart({
      dataDir,
      receivers: [receiver],
      env,
      ...(options.root && { root: options.root }),
      ...(port !== undefined && { port }),
    });
    if ('exitCode' in started) {
      if (started.exitCode !== null) throw new Error(started.output);
      deaths.push(Date.now());
      return false;
    }
    product = started;
    void started.exited.then(() => deaths.push(Date.now()));
    if (port === undefined) await createAgents(started);
    port = started.port;
    return true;
  }

  async function createAgents(on: Product): Promise<void> {
    token = await on.token('alice');
    const api = apiClient(on.url, token);
    const created = await Promise.all(
      workloads.map((workload) => api.create(agent(receiver, workload))),
    );
    webhooks = created.map(({ webhook_url }) => webhook_url);
    agents = created.map(({ id }) => id);
  }

  /** Until it is acknowledged: a caller that got no answer calls again, with the same key. */
  async function deliver(n: number, isOver: () => boolean): Promise<void> {
    const url = webhooks[n % webhooks.length] ?? '';
    const headers = { 'x-webhook-secret': SECRET, 'idempotency-key': `webhook-${n}` };
    while (!isOver()) {
      const reply = await send(url, 'POST', bodyOf(n), { headers }).catch(() => undefined);
      if (reply?.status === 202) {
        acknowledged.push({ n, runId: reply.body.run_id });
        return;
      }
      if (reply && !COME_AGAIN.includes(reply.status)) {
        oddAnswers.push({
          n,
          status: reply.status,
          body: JSON.stringify(reply.body),
          at: Date.now(),
        });
      }
      await delay(AGAIN_MS);
    }
  }

  async function drive(count: number): Promise<void> {
    let over = false;
    const exited = (product as Product).exited.then(() => {
      over = true;
    });
    const last = sent + count;
    const caller = async () => {
      while (sent < last && !over) {
        const n = sent;
        sent += 1;
        await deliver(n, () => over);
      }
    };
    await Promise.race([exited, Promise.all(Array.from({ length: CALLERS }, caller))]);
  }

  async function setClock(offsetMs: number): Promise<void> {
    offsets.push({ since: Date.now(), offsetMs });
    writeFileSync(clockFile, String(offsetMs));
    // Threads look at the file every 25 ms.
    await delay(100);
  }

  /** The real time of what the product did, which may have been told another. */
  function realTime(time: number): number {
    const { offsetMs } = offsets.findLast((set) => set.since + set.offsetMs <= time) ?? NO_OFFSET;
    return time - offsetMs;
  }

  /**
   * Waits until no run is open, and lets minutes pass in no time when nothing happens.
   *
   * @returns how many
   */
  async function drain(api: ApiClient, minutes: number): Promise<number> {
    let passed = 0;
    let last = '';
    let lastChange = Date.now();
    for (;;) {
      const askedAt = Date.now();
      const open = (await allRuns(api)).filter(({ status }) => !FINAL.includes(status));
      if (open.length === 0) return passed;
      const quietMs = Math.max(QUIET_MS, (Date.now() - askedAt) * QUIET_ANSWERS);
      const now = JSON.stringify([
        receiver.requests.length,
        open.map(({ id, status }) => [id, status]),
      ]);
      if (now !== last) lastChange = Date.now();
      last = now;
      if (Date.now() > lastChange + quietMs) {
        if (passed === minutes) return passed;
        passed += 1;
        await setClock((offsets.at(-1) ?? NO_OFFSET).offsetMs + MINUTE_MS);
        lastChange = Date.now();
      }
      await delay(LOOK_EVERY_MS + open.length);
    }
  }

  async function allRuns(api: ApiClient) {
    const lists = agents.map((id) => allItems(api, `/api/agents/${id}/runs`));
    return (await Promise.all(lists)).flat();
  }

  function expected(n: number): Expected {
    const workload = workloads[n % workloads.length];
    return { status: workload?.status(n) ?? '', effects: workload?.effects(n) ?? [] };
  }

  async function evidence(api: ApiClient): Promise<Evidence> {
    const details = await inTurns(CALLERS, await allRuns(api), ({ id }) =>
      patiently(api, `/api/agents/runs/${id}`),
    );
    const ledger = await allItems(api, '/api/usage/ledger');
    const usage = await patiently(api, '/api/usage');
    return {
      acknowledged,
      oddAnswers: anyDeath ? [] : oddAnswers,
      deaths: repeats ? 'always' : deaths,
      balance: usage.credits.balance,
      ledger: ledger.map(({ kind, amount: change, run_id, balance_after }) => ({
        kind,
        amount: change,
        runId: run_id,
        balanceAfter: balance_after,
      })),
      runs: details.map((run) => ({
        id: run.id,
        n: run.trigger.body.n,
        status: run.status,
        error: run.error && `${run.error.code}: ${run.error.message}`,
        finishedAt: run.finished_at && realTime(Date.parse(run.finished_at)),
        creditsCharged: run.credits_charged,
      })),
      effects: receiver.requests.map(
        ({ json, headers, at }): Effect => ({
          n: json.n,
          path: json.path,
          key: String(headers['idempotency-key']),
          at,
        }),
      ),
      expected,
      clocksAgree: options.wrongClocks !== true,
      abortsAllowed: options.aborts === true,
      decidedTwice: approver.decided.filter((id, place) => approver.decided.indexOf(id) !== place),
    };
  }

  return {
    receiver,
    random,
    start,
    drive,
    acknowledged,
    async acknowledge(count) {
      const wanted = acknowledged.length + count;
      const deadline = Date.now() + ACKNOWLEDGE_LIMIT_MS;
      while (acknowledged.length < wanted && Date.now() < deadline) await delay(5);
    },
    async kill() {
      deaths.push(Date.now());
      await product?.kill();
    },
    async died(seconds) {
      const limit = delay(seconds * 1_000, false, { ref: false });
      return Promise.race([limit, (product as Product).exited.then(() => true)]);
    },
    faultsOn(on) {
      if (on) writeFileSync(onFile, '');
      else rmSync(onFile, { force: true });
    },
    setClock,
    points: () => (existsSync(pointsFile) ? readPoints(pointsFile) : new Map()),
    async judge(minutes = 10) {
      const api = apiClient((product as Product).url, token);
      const passed = await drain(api, minutes);
      const seen = await evidence(api);
      const { effects, runs } = seen;
      failedRuns = runs.filter(({ status }) => status === 'failed').length;
      const repeated = effects.length - new Set(effects.map(({ key }) => key)).size;
      console.log(
        `${name}: seed ${seed}, ${acknowledged.length} acknowledged, ${runs.length} runs, ` +
          `${approver.decided.length} decisions, ${starts} starts, ` +
          `${repeated} of ${effects.length} effects repeated, over after ${passed} minutes`,
      );
      const problems = broken(seen);
      if (problems.length > 0) console.log(errorsIn(join(dataDir, 'logs')));
      return problems;
    },
    failed: () => failedRuns,
    recipe: `again with FAULTS_SEED=${seed}`,
  };
}

function readPoints(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [count, ...point] = line.split(' ');
    const name = point.join(' ');
    counts.set(name, Math.max(counts.get(name) ?? 0, Number(count)));
  }
  return counts;
}

/** The first errors that the functions logged: the directory goes with the test. */
function errorsIn(logs: string): string {
  const lines = readdirSync(logs)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
  return lines
    .filter((line) => line.includes('"ERROR"'))
    .slice(0, 10)
    .join('\n');
}

function agent(receiver: Receiver, workload: Workload) {
  return {
    name: workload.name,
    trigger_config: { type: 'webhook', secret: SECRET },
    settings: { webhook_rate_per_minute: 60_000 },
    actions: workload.actions(receiver),
  };
}
