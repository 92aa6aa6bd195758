/** A webhook's number, as the driver counts them, and what the product answered. */
export type Acknowledged = { readonly n: number; readonly runId: string };

/** An answer to a webhook other than that it is acknowledged, or that the caller should come again. */
export type OddAnswer = {
  readonly n: number;
  readonly status: number;
  readonly body: string;
  readonly at: number;
};

/** A run as the product's API tells it. */
export type SeenRun = {
  readonly id: string;
  /** Number of the webhook that it was started by. */
  readonly n: number;
  readonly status: string;
  /** Why it failed, as `code: message`. */
  readonly error: string | null;
  /** Epoch milliseconds. */
  readonly finishedAt: number | null;
  readonly creditsCharged: number;
};

/** A call that the outside got. */
export type Effect = {
  readonly n: number;
  /** Where the step stands, as it says itself. */
  readonly path: string;
  /** Of the header `Idempotency-Key`. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** One entry of the ledger. */
export type Entry = {
  readonly kind: string;
  readonly amount: number;
  readonly runId: string | null;
  readonly balanceAfter: number;
};

/** All that four parties saw: who called, who was called, the runs' table and the ledger. */
export type Evidence = {
  readonly acknowledged: readonly Acknowledged[];
  readonly oddAnswers: readonly OddAnswer[];
  readonly runs: readonly SeenRun[];
  readonly effects: readonly Effect[];
  readonly ledger: readonly Entry[];
  readonly balance: number;
  /** When processes died, epoch milliseconds; `always` where calls and records fail all the time. */
  readonly deaths: readonly number[] | 'always';
  /** What a webhook's run must come to. */
  expected(n: number): Expected;
  /** Whether runs may be ended from outside, and fail for it. */
  readonly abortsAllowed: boolean;
  /** Whether the product's clock can be compared with the receiver's. */
  readonly clocksAgree: boolean;
  /** Runs whose approval was answered as decided more than once. */
  readonly decidedTwice: readonly string[];
};

/** What one run must come to: how it ends, and the steps that the outside saw, in order. */
export type Expected = { readonly status: string; readonly effects: readonly string[] };

/** What a run's status is once it is over. */
export const FINAL = ['success', 'failed', 'cancelled', 'rejected'];
/** A death is noted a little after it happened, and an effect a little after the call was made. */
const LATE_MS = 2_000;
/** Whoever stops a run from outside does not wait for its worker, whose step in flight goes on. */
const IN_FLIGHT_MS = 15_000;

/** Every promise that was not kept, in words. None is what all campaigns want. */
export function broken(evidence: Evidence): string[] {
  return [
    ...brokenRuns(evidence),
    ...brokenAnswers(evidence),
    ...evidence.runs.flatMap((run) => brokenEffects(run, evidence)),
    ...strangeEffects(evidence),
    ...brokenCharges(evidence),
    ...evidence.decidedTwice.map((runId) => `decided: ${runId} was decided twice`),
  ];
}

/** One run for each acknowledged webhook, at most one for any other, and each ends well. */
function brokenRuns(evidence: Evidence): string[] {
  const { acknowledged, runs, expected } = evidence;
  const byNumber = Map.groupBy(runs, ({ n }) => n);
  const lost = acknowledged.filter(
    ({ n, runId }) => !byNumber.get(n)?.some(({ id }) => id === runId),
  );
  const doubled = [...byNumber].filter(([, same]) => same.length > 1);
  return [
    ...lost.map(
      ({ n, runId }) => `lost: webhook ${n} was acknowledged as ${runId}, which is not there`,
    ),
    ...doubled.map(([n, same]) => `doubled: webhook ${n} has ${same.length} runs`),
    ...runs
      .filter(({ status }) => !FINAL.includes(status))
      .map(({ id, n, status }) => `stuck: ${id} of webhook ${n} is ${status}`),
    ...runs
      .filter((run) => FINAL.includes(run.status) && !wasAborted(run, evidence))
      .filter(({ n, status }) => status !== expected(n).status)
      .map(({ id, n, status, error }) => `ended: ${id} of webhook ${n} is ${status}: ${error}`),
  ];
}

/** A run that was ended from outside has done some of its steps. */
function wasAborted({ status, error }: SeenRun, { abortsAllowed }: Evidence): boolean {
  return abortsAllowed && status === 'failed' && /^workflow_(stopped|ended):/.test(error ?? '');
}

/** Only who dies may answer oddly. */
function brokenAnswers({ oddAnswers, deaths }: Evidence): string[] {
  return oddAnswers
    .filter(({ at }) => !diedBetween(at, at, deaths))
    .map(({ n, status, body }) => `answer: webhook ${n} was answered ${status} ${body}`);
}

/** Each step had its effect, in order, again only over a death, and never once the next step began. */
function brokenEffects(run: SeenRun, evidence: Evidence): string[] {
  const problems: string[] = [];
  const effects = evidence.effects.filter(({ n }) => n === run.n);
  const { effects: paths } = evidence.expected(run.n);
  const grace = wasAborted(run, evidence) ? IN_FLIGHT_MS : LATE_MS;
  const lastAt = evidence.clocksAgree
    ? (run.finishedAt ?? Number.POSITIVE_INFINITY) + grace
    : Number.POSITIVE_INFINITY;
  for (const { path } of effects) {
    if (!paths.includes(path)) problems.push(`strange: ${run.id} did ${path}, which it must not`);
  }
  for (const [place, path] of paths.entries()) {
    const own = effects.filter((effect) => effect.path === path);
    const what = `step ${path} of ${run.id} (webhook ${run.n})`;
    const next = effects.find((effect) => effect.path === paths[place + 1]);
    if (own.length === 0 && (!wasAborted(run, evidence) || next)) {
      problems.push(`missing: ${what} had no effect`);
    }
    if (own.some(({ key }) => key !== `${run.id}:${path}`)) {
      problems.push(`key: ${what} came with ${own.map(({ key }) => key).join(', ')}`);
    }
    const late = own.filter(({ at }) => at > Math.min(next?.at ?? lastAt, lastAt));
    if (late.length > 0) problems.push(`again: ${what} was done after it was finished`);
    for (const [index, repeat] of own.entries()) {
      const before = own[index - 1];
      if (before && !diedBetween(before.at, repeat.at, evidence.deaths)) {
        problems.push(`twice: ${what} was done twice although nothing died in between`);
      }
    }
  }
  return problems;
}

function diedBetween(from: number, to: number, deaths: Evidence['deaths']): boolean {
  if (deaths === 'always') return true;
  return deaths.some((at) => at >= from - LATE_MS && at <= to + LATE_MS);
}

function strangeEffects({ effects, runs }: Evidence): string[] {
  const known = new Map(runs.map((run) => [run.n, run.id]));
  return effects
    .filter(({ n, key }) => known.get(n) !== key.split(':')[0])
    .map(({ n, key }) => `strange: an effect of webhook ${n} has the key ${key}`);
}

/**
 * Each run is reserved for once, and once more for its loop; it is charged what it says, a credit for
 * each step that the outside saw. The balance is the ledger's sum and never negative.
 */
function brokenCharges(evidence: Evidence): string[] {
  const { ledger, runs, balance, effects } = evidence;
  const seen = Map.groupBy(effects, ({ n }) => n);
  const problems: string[] = [];
  const byRun = Map.groupBy(ledger, ({ runId }) => runId);
  for (const run of runs) {
    const { id, n, creditsCharged } = run;
    const entries = byRun.get(id) ?? [];
    const reserved = entries.filter(({ kind }) => kind === 'reserve');
    const sum = entries.reduce((total, { amount }) => total + amount, 0);
    const loops = evidence.expected(n).effects.some((path) => path.includes('[')) ? 1 : 0;
    if (reserved.length < 1 || reserved.length > 1 + loops)
      problems.push(`charge: ${id} was reserved for ${reserved.length} times`);
    const steps = new Set(seen.get(n)?.map(({ path }) => path)).size;
    // What a worker does while its run is taken from it is not charged.
    const least = wasAborted(run, evidence) ? 0 : steps;
    if (creditsCharged < least || creditsCharged > steps)
      problems.push(`charge: ${id} cost ${creditsCharged} for ${steps} steps`);
    if (-sum !== creditsCharged)
      problems.push(`charge: ${id} cost ${-sum}, but says ${creditsCharged}`);
  }
  const known = new Set(runs.map(({ id }) => id));
  for (const runId of byRun.keys()) {
    if (runId !== null && !known.has(runId))
      problems.push(`charge: ${runId} is charged and not there`);
  }
  const sum = ledger.reduce((total, { amount }) => total + amount, 0);
  if (sum !== balance) problems.push(`charge: the ledger's sum is ${sum}, the balance ${balance}`);
  if (ledger.some(({ balanceAfter }) => balanceAfter < 0))
    problems.push('charge: a negative balance');
  return problems;
}
