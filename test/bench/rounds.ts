import { cpus } from 'node:os';
import type { Target } from '#test/bench/api';
import { type Accepted, callSteadily, callTogether } from '#test/bench/load';
import { machineCpuMs, processUse, treeUse } from '#test/bench/processes';
import type { Product } from '#test/bench/product';
import type { Receiver, Taken } from '#test/bench/receiver';
import { monotonicMs, type Percentiles, percentiles } from '#test/bench/statistics';

/** What webhooks of one kind of agent experienced. Times are milliseconds. */
export type Latency = {
  /** From sending a webhook to its 202. */
  readonly acknowledge: Percentiles;
  /** From sending a webhook to the arrival of the run's first call at the receiver. */
  readonly firstAction: Percentiles;
};

/** A round under load. */
export type Round = Latency & {
  /** Webhooks, divided by the seconds from the first webhook to the last call's arrival. */
  readonly runsPerSecond: number;
  /** CPU time a run, by program; `driver` and `receiver` are the benchmark's own. */
  readonly cpuMsPerRun: Readonly<Record<string, number>>;
  /** Share of the machine's CPU time that went to neither the product nor the benchmark, 0 to 1. */
  readonly othersShare: number;
};

/** Who takes part. */
export type Scene = { readonly product: Product; readonly receiver: Receiver };

const LIMIT_MS = 60_000;
const LIMIT_MS_PER_CALL = 100;

/**
 * Callers that each send the next webhook when the last one was answered, until the receiver has got all calls.
 *
 * @throws Error when a webhook is refused, or a call does not arrive or arrives twice.
 */
export async function measureRound(
  target: Target,
  load: { readonly webhooks: number; readonly callers: number },
  scene: Scene,
): Promise<Round> {
  const before = useOf(scene);
  const accepted = await callTogether(target, load);
  const arrivals = await allArrived(target, accepted, scene.receiver);
  const after = useOf(scene);
  const firstSent = Math.min(...accepted.map(({ sentAt }) => sentAt));
  const lastArrived = Math.max(...arrivals.values());
  return {
    ...latency(accepted, arrivals),
    runsPerSecond: (accepted.length * 1_000) / (lastArrived - firstSent),
    cpuMsPerRun: Object.fromEntries(
      Object.entries(after.byProgram).map(([name, ms]) => [
        name,
        (ms - (before.byProgram[name] ?? 0)) / load.webhooks,
      ]),
    ),
    othersShare: Math.max(0, after.others - before.others) / (after.available - before.available),
  };
}

/** Webhooks at a steady rate. @throws as {@link measureRound} */
export async function measureSteady(
  target: Target,
  load: { readonly webhooks: number; readonly rate: number },
  { receiver }: Pick<Scene, 'receiver'>,
): Promise<Latency> {
  const accepted = await callSteadily(target, load);
  return latency(accepted, await allArrived(target, accepted, receiver));
}

/**
 * Waits for the calls of all acknowledged webhooks.
 *
 * @returns when each call arrived, by `<run id>:<step path>`.
 * @throws Error that counts what is missing, repeated or unknown.
 */
export async function allArrived(
  { steps, paths }: Target,
  accepted: readonly Accepted[],
  receiver: Receiver,
): Promise<Map<string, number>> {
  const calls = accepted.length * steps;
  await receiver.arrived(calls, LIMIT_MS + calls * LIMIT_MS_PER_CALL);
  const taken = await receiver.take();
  const arrivals = new Map(taken.arrivals);
  const expected = accepted.flatMap(({ runId }) => paths.map((path) => `${runId}:${path}`));
  const missing = expected.filter((key) => !arrivals.has(key));
  complain({ taken, missing: missing.length, unknown: arrivals.size - calls + missing.length });
  return arrivals;
}

function complain(found: { taken: Taken; missing: number; unknown: number }): void {
  const { taken, missing, unknown } = found;
  const { repeated, unnamed } = taken;
  if (missing + unknown + repeated + unnamed === 0) return;
  throw new Error(
    `Acknowledged work went wrong: ${missing} calls missing, ${repeated} repeated, ${unknown} of unknown runs, ${unnamed} without Idempotency-Key.`,
  );
}

function latency(accepted: readonly Accepted[], arrivals: ReadonlyMap<string, number>): Latency {
  return {
    acknowledge: percentiles(accepted.map(({ sentAt, answeredAt }) => answeredAt - sentAt)),
    firstAction: percentiles(
      accepted.map(({ runId, sentAt }) => (arrivals.get(`${runId}:0`) ?? Number.NaN) - sentAt),
    ),
  };
}

/** CPU time so far, in milliseconds: by program, of everybody else, and what the machine had to give. */
function useOf(scene: Scene) {
  const byProgram = cpuByProgram(scene);
  const own = Object.values(byProgram).reduce((sum, ms) => sum + ms, 0);
  return { byProgram, others: machineCpuMs() - own, available: monotonicMs() * cpus().length };
}

function cpuByProgram({ product, receiver }: Scene): Record<string, number> {
  const { user, system } = process.cpuUsage();
  const total: Record<string, number> = {
    driver: (user + system) / 1_000,
    receiver: processUse(receiver.pid)?.cpuMs ?? 0,
  };
  for (const { name, cpuMs } of treeUse(product.pid)) total[name] = (total[name] ?? 0) + cpuMs;
  return total;
}
