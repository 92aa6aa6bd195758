import type { Agent } from '#core/agents/agent';
import { type SwitchDeps, switchAgent } from '#core/agents/agents';
import type { AgentHealth, AgentRef, Channel, HealthState, HealthStore } from '#core/alerts/health';
import { HOUR_MS, judgeHealth, type Seen } from '#core/alerts/judge-health';
import { lookBack } from '#core/alerts/look-back';
import type { Notice } from '#core/alerts/notice';
import type { AlertSettings } from '#core/alerts/settings';
import { type AuditDeps, writeDown } from '#core/audit';
import { ActionRejectedError, RequestError } from '#core/errors';
import type { RunStore } from '#core/runs/run-store';
import { SYSTEM_USER } from '#core/system';

/** Whoever sends a notice has this long before somebody else does, in milliseconds. */
const SENDING_MS = 60_000;

/** A notice that was not refused for good is tried this often. */
const TRIES = 10;

/** How soon, and how late at most, it is looked whether trouble is over, in milliseconds. */
const SOONEST_MS = 5_000;
const LATEST_MS = 15 * 60_000;

/** What tells an agent's owner. */
export type Notifier = {
  /**
   * @throws ActionRejectedError when it cannot be told there
   * @throws Error when it can be tried again
   */
  tell(agent: Agent, notice: Notice, channel: Channel): Promise<void>;
};

/** What tending the health of agents works with. */
export type HealthDeps = SwitchDeps &
  AuditDeps & {
    readonly health: HealthStore;
    readonly runs: Pick<RunStore, 'list'>;
    readonly notifier: Notifier;
  };

/**
 * Looks how an agent is doing, and tells its owner what has to be told. What is told is written down
 * before it is sent: two sweepers never send the same, and one that dies in between sends it again
 * a minute later, so that a notice comes twice rather than never.
 */
export async function tendHealth(ref: AgentRef, deps: HealthDeps): Promise<void> {
  const health = await deps.health.find(ref);
  if (health === undefined) return;
  const agent = await deps.agents.find(ref.userId, ref.agentId);
  if (agent === undefined) {
    await deps.health.save(health, {}, undefined);
    return;
  }
  const { pending } = health.state;
  const now = deps.clock.now();
  if (pending === undefined) await look(health, agent, deps);
  else if (pending.heldUntil <= now) {
    const held = { ...pending, tries: pending.tries + 1, heldUntil: now + SENDING_MS };
    await takeOn(health, { ...health.state, pending: held }, agent, deps);
  }
}

async function look(health: AgentHealth, agent: Agent, deps: HealthDeps): Promise<void> {
  const now = deps.clock.now();
  const { alert } = agent.settings;
  const watched = agent.enabled ? alert : { ...alert, absence_hours: null };
  const seen = await lookBack(health, { ...agent.settings, alert: watched }, now, deps.runs);
  const mayDisable = agent.enabled && agent.userId !== SYSTEM_USER;
  const judged = judgeHealth(health.state, seen, watched, now, mayDisable);
  const { notice } = judged;
  const state = withFailures(judged.state, seen);
  if (notice === undefined) {
    await deps.health.save(health, state, nextLook(health, state, seen, watched, now));
    return;
  }
  const pending = {
    notice,
    left: channelsOf(alert),
    tries: 1,
    heldUntil: now + SENDING_MS,
  };
  await takeOn(health, { ...state, pending }, agent, deps);
}

/** What is true now, and the failures that the next look counts on from. */
function withFailures({ failed: _, ...state }: HealthState, { streak }: Seen): HealthState {
  return { ...state, ...(streak && { failed: streak.runIds }) };
}

/** Says that a notice is being sent, and sends it. */
async function takeOn(
  health: AgentHealth,
  state: HealthState,
  agent: Agent,
  deps: HealthDeps,
): Promise<void> {
  let current = await deps.health.save(health, state, state.pending?.heldUntil);
  const { pending } = state;
  if (current === undefined || pending === undefined) return;
  if (pending.notice.kind === 'disabled') await switchOff(agent, state.disabledAt ?? 0, deps);
  for (const channel of pending.left) {
    if (!(await isDone(agent, pending.notice, channel, pending.tries, deps))) continue;
    const { pending: before, ...told } = current.state;
    const left = (before?.left ?? []).filter((one) => one !== channel);
    const next = left.length > 0 ? { ...told, pending: { ...pending, left } } : told;
    const due = left.length > 0 ? pending.heldUntil : deps.clock.now();
    const saved = await deps.health.save(current, next, due);
    if (saved === undefined) return;
    current = saved;
  }
}

/** Whether nothing is left to do for a channel: it was told, or never can be. */
async function isDone(
  agent: Agent,
  notice: Notice,
  channel: Channel,
  tries: number,
  deps: HealthDeps,
): Promise<boolean> {
  try {
    await deps.notifier.tell(agent, notice, channel);
    deps.log.info('owner told', { agentId: agent.id, kind: notice.kind, channel });
    return true;
  } catch (error) {
    deps.log.warn('owner not told', { agentId: agent.id, kind: notice.kind, channel, error });
    return error instanceof ActionRejectedError || tries >= TRIES;
  }
}

/**
 * What its owner did since then is theirs to decide: a notice that is sent again must not switch off
 * what they have enabled. They may also have deleted it, or be changing it at this moment.
 *
 * @param decidedAt epoch milliseconds
 */
async function switchOff(agent: Agent, decidedAt: number, deps: HealthDeps): Promise<void> {
  if (!agent.enabled || Date.parse(agent.updatedAt) > decidedAt) return;
  try {
    await switchAgent(agent.userId, agent.id, false, deps);
    const details = { reason: 'failures in a row', name: agent.name };
    await writeDown(
      {
        action: 'agent.disabled',
        actor: { kind: 'system' },
        account: agent.userId,
        target: agent.id,
        details,
      },
      deps,
    );
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    deps.log.warn('failing agent not switched off', { agentId: agent.id, error });
  }
}

function channelsOf({ slack_connection_id }: AlertSettings): Channel[] {
  return slack_connection_id === null ? ['email'] : ['email', 'slack'];
}

/**
 * When to look again, epoch milliseconds. While something is wrong, that is less and less often the
 * longer nothing happens; otherwise a run that fails brings the agent back by itself.
 */
function nextLook(
  { stirredAt }: AgentHealth,
  { failing, disabledAt, absentAt }: HealthState,
  { presentAt }: Seen,
  { absence_hours: hours }: AlertSettings,
  now: number,
): number | undefined {
  const told = [failing?.at, disabledAt, absentAt].filter((at) => at !== undefined);
  const quiet = now - Math.max(Date.parse(stirredAt), ...told);
  const soon = now + Math.min(Math.max(quiet, SOONEST_MS), LATEST_MS);
  const absence =
    hours !== null && presentAt !== undefined && absentAt === undefined
      ? Math.max(presentAt + hours * HOUR_MS, now)
      : undefined;
  if (told.length === 0) return absence;
  return Math.min(soon, absence ?? soon);
}
