import { createHash } from 'node:crypto';
import { addressFrom } from '#agents/addresses';
import { look, type Sight } from '#agents/monitor/look';
import type { MonitorInput, MonitorOutput } from '#agents/monitor/schema';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';

/** One look, as it is remembered. */
type Look = {
  readonly ok: boolean;
  readonly status: number | null;
  readonly checkedAt: string;
  readonly fingerprint: string | null;
};

/** The last look and the one before it; `by` tells a repeated attempt from the next run. */
type Looks = { readonly by: string; readonly last: Look; readonly before: Look | null };

/** Runs of one agent at the same time may look at once: then the later one looks again. */
const TRIES = 3;

/** Looks, compares with the last time, and remembers. */
export async function monitor(
  context: AgentContext<MonitorInput>,
): Promise<ActionResult<MonitorOutput>> {
  const url = addressFrom(context.input.url, context.prompt);
  if (!URL.canParse(url)) throw new ActionRejectedError('input.url: This is not a URL.');
  const sight = await look(url, context);
  const checkedAt = new Date(context.clock.now()).toISOString();
  const before = await compare(url, sight, checkedAt, context);
  const output = outputOf(url, sight, checkedAt, before);
  const host = new URL(url).host;
  const told = output.ok ? `is well (${output.status})` : output.problems.join(' ');
  return { output, summary: `${host}: ${told}`.slice(0, 200) };
}

/** Remembers this look and gives the one before it. */
async function compare(
  url: string,
  { problems, status, fingerprint }: Sight,
  checkedAt: string,
  { memory, run, idempotencyKey }: AgentContext<MonitorInput>,
): Promise<Look | null> {
  const { userId, agentId, stepPath } = run;
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const place = { userId, agentId, name: `monitor ${stepPath} ${digest}` };
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const recalled = await memory.recall(place);
    const looks = recalled?.value as Looks | undefined;
    const before = (looks?.by === idempotencyKey ? looks.before : looks?.last) ?? null;
    // A look that could not read the text keeps what the next one is compared with.
    const known = fingerprint ?? before?.fingerprint ?? null;
    const last: Look = { ok: problems.length === 0, status, checkedAt, fingerprint: known };
    const value: Looks = { by: idempotencyKey, last, before };
    if (await memory.remember(place, value, recalled?.revision ?? 0)) return before;
  }
  throw new ActionUnavailableError('Other runs of this agent looked at the same time.');
}

function outputOf(
  url: string,
  sight: Sight,
  checkedAt: string,
  before: Look | null,
): MonitorOutput {
  const { problems, fingerprint } = sight;
  const ok = problems.length === 0;
  const isComparable = fingerprint !== null && before !== null && before.fingerprint !== null;
  return {
    url,
    ok,
    problems: [...problems],
    status: sight.status,
    latency_ms: sight.latencyMs,
    tls_days_left: sight.tlsDaysLeft,
    changed: isComparable ? fingerprint !== before.fingerprint : null,
    state_changed: before !== null && before.ok !== ok,
    previous: before && { ok: before.ok, status: before.status, checked_at: before.checkedAt },
    checked_at: checkedAt,
  };
}
