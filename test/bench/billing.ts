import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { loadAssembly, synthesize } from '#local/assembly';
import { type Api, openApi, type Target } from '#test/bench/api';
import { type BillLine, bill, type FunctionFacts, idleBill, standingBill } from '#test/bench/bill';
import { approveAll } from '#test/bench/decisions';
import { callTogether } from '#test/bench/load';
import {
  type Counts,
  invocations,
  LAG_MS,
  minus,
  readCounts,
  readSettledCounts,
  times,
} from '#test/bench/operations';
import { type Product, startProduct } from '#test/bench/product';
import type { Receiver } from '#test/bench/receiver';
import { allArrived } from '#test/bench/rounds';
import { freePort, newDirectory } from '#test/bench/starts';

/** What one kind of run uses and costs. */
export type Billed = {
  /** Counted use of one run (averages), what runs by itself taken out. */
  readonly counts: Counts;
  readonly lines: readonly BillLine[];
};

/** What a deployment is that enters Step Functions at one time or the other. */
type BilledKinds = {
  readonly one: Billed;
  readonly three: Billed;
  /** A step, an approval by e-mail, a step; the e-mail itself is not priced. */
  readonly approval: Billed;
};

/** Bills by kind of run, and of a stack that does nothing. */
export type Billing = BilledKinds & {
  /** One step, and the caller sends an `Idempotency-Key`. */
  readonly keyed: Billed;
  /** The same where runs enter Step Functions only to wait. */
  readonly waitsOnly: BilledKinds;
  readonly idle: ReturnType<typeof idleBill>;
};

const IDLE_WINDOW_MS = 10_000;
/** One after the other: what runs that are in each other's way use says nothing about a run. */
const CALLERS = 1;
const WARM_UP = 10;

/** Counts the operations of a few runs of each kind on products that count them, and prices them. */
export async function measureBilling(
  root: string,
  runs: number,
  receiver: Receiver,
): Promise<Billing> {
  const { functions, standing } = await deployedFacts(root);
  const meter = { root, runs, receiver, functions };
  const always = await withMeter(
    { ...meter, parameters: 'UsageEvents=off' },
    async ({ api, count, sweep }) => ({
      ...(await billKinds(api, receiver, count)),
      keyed: await count(await api.createAgent(1, receiver.port), {
        headers: () => ({ 'idempotency-key': crypto.randomUUID() }),
      }),
      idle: [...idleBill(sweep, functions), ...standing],
    }),
  );
  const parameters = 'EnterStepFunctions=waits-only';
  const waitsOnly = await withMeter({ ...meter, parameters }, ({ api, count }) =>
    billKinds(api, receiver, count),
  );
  return { ...always, waitsOnly };
}

async function billKinds(api: Api, { port }: Receiver, count: Count): Promise<BilledKinds> {
  return {
    one: await count(await api.createAgent(1, port)),
    three: await count(await api.createAgent(3, port)),
    approval: await count(await api.createApproval(port), { isApproved: true }),
  };
}

/** How runs of a kind are made. */
type Manner = {
  readonly headers?: () => Record<string, string>;
  /** Whether somebody approves them. */
  readonly isApproved?: boolean;
};

/** Counts and prices runs of one agent. */
type Count = (target: Target, manner?: Manner) => Promise<Billed>;

type MeterSetting = {
  readonly root: string;
  readonly runs: number;
  readonly receiver: Receiver;
  readonly functions: ReadonlyMap<string, FunctionFacts>;
  readonly parameters: string;
};

/** Starts a product that counts what it uses, for a while. */
async function withMeter<Result>(
  { root, runs, receiver, functions, parameters }: MeterSetting,
  work: (meter: { api: Api; count: Count; sweep: Counts }) => Promise<Result>,
): Promise<Result> {
  const dataDir = newDirectory();
  const product = startProduct({
    root,
    dataDir,
    port: await freePort(),
    receiverPort: receiver.port,
    countOperations: true,
    parameters,
  });
  try {
    await product.ready();
    const api = await openApi(product);
    const sweep = await measureBackground(product, dataDir);
    const count: Count = async (target, manner = {}) => {
      const some = (webhooks: number) => run({ target, webhooks, receiver, product }, manner);
      await some(WARM_UP);
      const counts = await countRuns({ product, dataDir, sweep }, () => some(runs), runs);
      return { counts, lines: bill(counts, target.steps, functions) };
    };
    return await work({ api, count, sweep });
  } finally {
    await product.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function run(
  {
    target,
    webhooks,
    receiver,
    product,
  }: { target: Target; webhooks: number; receiver: Receiver; product: Product },
  { headers, isApproved }: Manner,
): Promise<void> {
  const accepted = await callTogether(target, { webhooks, callers: CALLERS }, headers);
  if (isApproved) await approveAll(product, webhooks);
  await allArrived(target, accepted, receiver);
}

type Counted = {
  readonly product: Product;
  readonly dataDir: string;
  /** What one sweep uses. */
  readonly sweep: Counts;
};

/** What one scheduled invocation uses, from a while in which there is nothing else. */
async function measureBackground(product: Product, dataDir: string): Promise<Counts> {
  await delay(LAG_MS);
  const before = await readCounts(product, dataDir);
  await delay(IDLE_WINDOW_MS);
  const used = minus(await readCounts(product, dataDir), before);
  const sweeps = invocations(used).reduce((sum, [, count]) => sum + count, 0);
  if (sweeps === 0) throw new Error('Nothing runs by itself, so an idle stack cannot be priced.');
  return times(used, 1 / sweeps);
}

async function countRuns(
  { product, dataDir, sweep }: Counted,
  work: () => Promise<void>,
  runs: number,
): Promise<Counts> {
  const background = invocations(sweep).map(([name]) => name);
  const before = await readSettledCounts(product, dataDir, background);
  await work();
  const used = minus(await readSettledCounts(product, dataDir, background), before);
  const sweeps = background.reduce((sum, name) => sum + (used[`invocations ${name}`] ?? 0), 0);
  return times(withoutDust(minus(used, times(sweep, sweeps))), 1 / runs);
}

/** The difference of averages leaves crumbs where there is nothing. */
function withoutDust(counts: Counts): Counts {
  return Object.fromEntries(
    Object.entries(counts).map(([name, value]) => [name, Math.abs(value) < 1e-6 ? 0 : value]),
  );
}

/** Functions of the template by their names on one machine, and what stands there at a price. */
async function deployedFacts(root: string) {
  const { cdkOut } = await synthesize({ root });
  const { stackName, template } = loadAssembly(cdkOut);
  const all = (type: string) =>
    JSON.stringify(Object.values(template.Resources).filter(({ Type }) => Type === type));
  const mapped = all('AWS::Lambda::EventSourceMapping');
  const carried = all('AWS::StepFunctions::StateMachine');
  const functions: ReadonlyMap<string, FunctionFacts> = new Map(
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .map(([logicalId, { Properties }]) => [
        `${stackName}-${logicalId}`,
        {
          memoryMb: Number(Properties?.['MemorySize'] ?? 128),
          isDispatch: mapped.includes(`"${logicalId}"`),
          isExecuting: [mapped, carried].some((one) => one.includes(`"${logicalId}"`)),
        },
      ]),
  );
  return { functions, standing: standingBill(template.Resources) };
}
