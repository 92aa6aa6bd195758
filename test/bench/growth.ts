/** `npm run bench:growth`: whether runs and lists become slower or dearer with the runs that are stored. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '#local/assembly';
import { call, openApi, type Target } from '#test/bench/api';
import { callTogether } from '#test/bench/load';
import { memoryOf } from '#test/bench/memory';
import { type Product, startProduct } from '#test/bench/product';
import { type Receiver, startReceiver } from '#test/bench/receiver';
import { allArrived, measureRound, measureSteady } from '#test/bench/rounds';
import { freePort, newDirectory } from '#test/bench/starts';
import { medianBy, monotonicMs, type Percentiles, percentiles } from '#test/bench/statistics';
import { storeCopies } from '#test/bench/stored-runs';

const ROOT = join(import.meta.dirname, '../..');
/** However wrong things go, it ends. */
const LIMIT_MS = 60 * 60_000;
const SIZES = [1_000, 10_000, 100_000];
const CALLERS = 10;
const WARM_UP = 200;
const ROUND = 500;
const ROUNDS = 3;
const STEADY = { webhooks: 100, rate: 10 };
const LISTS = 50;
const USER = 'bench';

/** What was measured with so many stored runs. Times are milliseconds. */
type Size = {
  readonly stored: number;
  readonly readyMs: number;
  readonly runsPerSecond: number;
  readonly cpuMsPerRun: number;
  readonly firstAction: Percentiles;
  readonly listNewest: Percentiles;
  readonly listFailed: Percentiles;
  readonly memoryMb: number;
};

setTimeout(() => process.exit(1), LIMIT_MS).unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}

const receiver = await startReceiver();
const dataDir = newDirectory();
try {
  await synthesize({ root: ROOT });
  const { target, runId } = await begin(receiver);
  const sizes: Size[] = [];
  let copies = 0;
  for (const stored of SIZES) {
    console.error(`${stored} stored runs`);
    await storeCopies(dataDir, { userId: USER, runId }, { from: copies, to: stored });
    copies = stored;
    sizes.push(await measure(stored, target, receiver));
  }
  const at = new Date().toISOString();
  const file = join(ROOT, 'bench-results', `growth-${at.replaceAll(':', '-')}.json`);
  mkdirSync(join(ROOT, 'bench-results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, sizes }, null, 2)}\n`);
  console.log(`${table(sizes)}\n\nAs JSON: ${file}`);
} finally {
  receiver.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** An agent and a run of it, of which copies are made. */
async function begin({ port }: Receiver): Promise<{ target: Target; runId: string }> {
  return running(async (product) => {
    const target = await (await openApi(product)).createAgent(1, port);
    const accepted = await callTogether(target, { webhooks: 1, callers: 1 });
    await allArrived(target, accepted, receiver);
    const runId = accepted[0]?.runId ?? '';
    const token = await tokenOf(product);
    while ((await call('GET', runAddress(product, runId), { token }))['finished_at'] === null);
    return { target, runId };
  });
}

async function measure(stored: number, made: Target, scene: Receiver): Promise<Size> {
  return running(async (product, readyMs) => {
    const target = { ...made, webhookUrl: made.webhookUrl.replace(/^http:\/\/[^/]+/, product.url) };
    const first = await callTogether(target, { webhooks: WARM_UP, callers: CALLERS });
    await allArrived(target, first, scene);
    const rounds = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      const load = { webhooks: ROUND, callers: CALLERS };
      rounds.push(await measureRound(target, load, { product, receiver: scene }));
    }
    const round = medianBy(rounds, ({ runsPerSecond }) => runsPerSecond);
    const { node = 0, dynoxide = 0 } = round.cpuMsPerRun;
    const { firstAction } = await measureSteady(target, STEADY, { receiver: scene });
    const runs = `${product.url}/api/agents/${target.agentId}/runs?limit=25`;
    return {
      stored,
      readyMs,
      runsPerSecond: round.runsPerSecond,
      cpuMsPerRun: node + dynoxide,
      firstAction,
      listNewest: await timesOf(runs, product),
      listFailed: await timesOf(`${runs}&status=failed&since=${new Date().toISOString()}`, product),
      memoryMb: memoryOf(product).pssMb,
    };
  });
}

/** Starts the product on the data directory, and stops it afterwards. */
async function running<Result>(
  work: (product: Product, readyMs: number) => Promise<Result>,
): Promise<Result> {
  const port = await freePort();
  const product = startProduct({ root: ROOT, dataDir, port, receiverPort: receiver.port });
  try {
    return await work(product, await product.ready());
  } finally {
    await product.stop();
  }
}

async function timesOf(address: string, product: Product): Promise<Percentiles> {
  const token = await tokenOf(product);
  const times: number[] = [];
  for (let index = 0; index < LISTS; index += 1) {
    const sentAt = monotonicMs();
    await call('GET', address, { token });
    times.push(monotonicMs() - sentAt);
  }
  return percentiles(times);
}

async function tokenOf({ url }: Product): Promise<string> {
  return String(
    (await call('POST', `${url}/local/token`, { body: { user: USER } }))['access_token'],
  );
}

function runAddress({ url }: Product, runId: string): string {
  return `${url}/api/agents/runs/${runId}`;
}

function table(sizes: readonly Size[]): string {
  const line = (name: string, figure: (size: Size) => string) =>
    `| ${[name, ...sizes.map(figure)].join(' | ')} |`;
  const points = ({ p50, p99 }: Percentiles) => `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
  return [
    line('stored runs of one agent', ({ stored }) => stored.toLocaleString('en')),
    line('---', () => '---'),
    line(`runs/s, median of ${ROUNDS}`, ({ runsPerSecond }) => runsPerSecond.toFixed(0)),
    line('CPU a run, ms', ({ cpuMsPerRun }) => cpuMsPerRun.toFixed(1)),
    line('trigger → action, ms: p50 / p99', ({ firstAction }) => points(firstAction)),
    line('list of the newest 25, ms', ({ listNewest }) => points(listNewest)),
    line('list of those that failed since now, ms', ({ listFailed }) => points(listFailed)),
    line('memory, MB', ({ memoryMb }) => memoryMb.toFixed(0)),
    line('ready after, s', ({ readyMs }) => (readyMs / 1_000).toFixed(1)),
  ].join('\n');
}
