/** `npm run bench`: how fast the product is on this machine, and what its runs cost on AWS. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { synthesize } from '#local/assembly';
import { type Api, openApi, type Target } from '#test/bench/api';
import { measureBilling } from '#test/bench/billing';
import { callTogether } from '#test/bench/load';
import { memoryOf, watchMemory } from '#test/bench/memory';
import { type BenchOptions, readOptions, USAGE } from '#test/bench/options';
import { startProduct } from '#test/bench/product';
import { type Receiver, startReceiver } from '#test/bench/receiver';
import { markdown } from '#test/bench/report';
import type { KindResult, Results } from '#test/bench/results';
import {
  allArrived,
  measureRound,
  measureSteady,
  type Round,
  type Scene,
} from '#test/bench/rounds';
import { freePort, measureColdStart, measureStarts, newDirectory } from '#test/bench/starts';
import { medianBy } from '#test/bench/statistics';

const ROOT = join(import.meta.dirname, '../..');
/** However wrong things go, it ends. */
const LIMIT_MS = 60 * 60_000;
/** Longer than functions keep what their start needed. */
const SETTLE_MS = 15_000;
/** Longer than the product keeps what a peak needed. */
const AFTER_LOAD_MS = 15_000;
const FINISH_LIMIT_MS = 60_000;
const STARTS = 3;

setTimeout(() => {
  console.error(`The benchmark was stopped after ${LIMIT_MS / 60_000} minutes.`);
  process.exit(1);
}, LIMIT_MS).unref();
// What was started ends with this process, whichever way it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await run(options);
  else console.log(USAGE);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function run(options: BenchOptions): Promise<void> {
  const results = await measure(options);
  const file =
    options.out ?? join(ROOT, 'bench-results', `${results.at.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${markdown(results)}\n\nAs JSON: ${file}`);
}

async function measure(options: BenchOptions): Promise<Results> {
  const at = new Date().toISOString();
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
  const receiver = await startReceiver();
  try {
    const starts = await measureAllStarts(options, receiver);
    const load = await measureLoad(options, receiver);
    say(`operations of ${options.billed} runs of each kind`);
    const billing = await measureBilling(ROOT, options.billed, receiver);
    return { at, options, machine, starts, ...load, billing };
  } finally {
    receiver.close();
  }
}

async function measureAllStarts(
  { cold }: BenchOptions,
  receiver: Receiver,
): Promise<Results['starts']> {
  const setting = { root: ROOT, receiverPort: receiver.port, times: STARTS };
  if (cold) say('a start that has never been built');
  const coldStart = cold ? await measureColdStart(setting) : undefined;
  await synthesize({ root: ROOT });
  say('starts');
  const starts = await measureStarts(setting);
  await receiver.take();
  return { ...(coldStart && { cold: coldStart }), ...starts };
}

async function measureLoad(
  options: BenchOptions,
  receiver: Receiver,
): Promise<Pick<Results, 'memory' | 'one' | 'three'>> {
  const dataDir = newDirectory();
  const product = startProduct({
    root: ROOT,
    dataDir,
    port: await freePort(),
    receiverPort: receiver.port,
  });
  const scene = { product, receiver };
  try {
    await product.ready();
    await delay(SETTLE_MS);
    const afterStart = memoryOf(product);
    const watch = watchMemory(product);
    const one = await measureKind(1, options, scene);
    const three = await measureKind(3, options, scene);
    const underLoad = watch.stop();
    await delay(AFTER_LOAD_MS);
    return { one, three, memory: { afterStart, underLoad, afterLoad: memoryOf(product) } };
  } finally {
    if (!(await product.stop())) say('the product did not end by itself and was killed');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureKind(
  steps: number,
  { callers, webhooks, steady, rate, warmUp, rounds: count }: BenchOptions,
  scene: Scene,
): Promise<KindResult> {
  say(`runs of ${steps} step(s)`);
  await withAgent(steps, `warm-${steps}`, warmUp, scene, async (target) => {
    const first = await callTogether(target, { webhooks: warmUp, callers });
    await allArrived(target, first, scene.receiver);
  });
  const rounds: Round[] = [];
  for (let index = 0; index < count; index += 1) {
    const user = `round-${steps}-${index}`;
    const round = await withAgent(steps, user, webhooks, scene, (target) =>
      measureRound(target, { webhooks, callers }, scene),
    );
    say(`  round ${index + 1}: ${round.runsPerSecond.toFixed(1)} runs/s`);
    rounds.push(round);
  }
  const atRate = await withAgent(steps, `steady-${steps}`, steady, scene, (target) =>
    measureSteady(target, { webhooks: steady, rate }, scene),
  );
  return { rounds, median: medianBy(rounds, ({ runsPerSecond }) => runsPerSecond), steady: atRate };
}

/** Works with an agent of a user of its own, and looks at what the history says of its runs afterwards. */
async function withAgent<Result>(
  steps: number,
  user: string,
  webhooks: number,
  { product, receiver }: Scene,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  const api = await openApi(product, user);
  const target = await api.createAgent(steps, receiver.port);
  const result = await work(target);
  await expectAllSucceeded(api, target, webhooks);
  return result;
}

/** The history must agree with the receiver: each acknowledged webhook has one run, and it succeeded. */
async function expectAllSucceeded(api: Api, target: Target, accepted: number): Promise<void> {
  const deadline = Date.now() + FINISH_LIMIT_MS;
  for (;;) {
    const { success = 0, ...others } = await api.runsByStatus(target.agentId);
    if (success === accepted && Object.keys(others).length === 0) return;
    if (Date.now() > deadline) {
      const found = JSON.stringify({ success, ...others });
      throw new Error(`${accepted} webhooks were acknowledged, but the history holds ${found}.`);
    }
    await delay(1_000);
  }
}

function say(text: string): void {
  console.error(text);
}
