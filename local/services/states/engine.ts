import type { Clock } from '#local/clock';
import {
  type Execution,
  type ExecutionRecord,
  executionArn,
  type Machine,
  NOT_STARTED,
  type Outcome,
  type Progress,
  type TaskWait,
} from '#local/services/states/execution';
import { record } from '#local/services/states/history';
import { endExecution, interpret, type Occurrence } from '#local/services/states/interpreter';
import { invokeTask } from '#local/services/states/invocation';
import type { Journal } from '#local/services/states/journal';
import { parseDefinition } from '#local/services/states/parse';
import { createTimers } from '#local/services/states/timers';
import type { World } from '#local/services/states/world';
import type { Place } from '#local/types';

/** Keeps executions and takes them on. Every promise resolves when its change is durable. */
export type Engine = {
  /** By ARN. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** @throws Error naming what in its definition does not run here. */
  putMachine(machine: Machine): Promise<void>;
  /** The running executions, by ARN. */
  readonly running: ReadonlyMap<string, Execution>;
  start(machine: Machine, name: string, input: string): Promise<ExecutionRecord>;
  /** Resolves when an execution has ended, or waits for something else than a function. */
  rest(arn: string): Promise<void>;
  abort(execution: Execution, reason: Pick<Outcome, 'error' | 'cause'>): Promise<void>;
  /** @returns whether the token's task was still open. */
  endTask(
    token: string,
    occurrence: Extract<Occurrence, { type: 'succeeded' | 'failed' }>,
  ): Promise<boolean>;
  /** @returns whether the token's task is still open. */
  heartbeat(token: string): Promise<boolean>;
  /** Begins to act; what was under way when the machine was last killed goes on. */
  run(world: World): void;
  /** Id of the newest execution. */
  readonly lastId: number;
  /** States entered and retries, since the start. */
  readonly transitions: number;
  /** Starts nothing more; what runs is given up, to be done again. */
  stop(): void;
};

/** A running execution and the order in which things happen to it. */
type Entry = Execution & { work: Promise<void>; readonly rest: PromiseWithResolvers<void> };

const LONGEST_EXECUTION_MS = 365 * 24 * 60 * 60 * 1000;

/** Makes the engine of the executions in a journal. */
export function createEngine(journal: Journal, clock: Clock, place: Place): Engine {
  const machines = new Map(journal.machines.map((machine) => [machine.arn, machine]));
  const running = new Map<string, Entry>();
  const tokens = new Map<string, Entry>();
  const timers = createTimers<Entry>(clock, due);
  let lastId = journal.lastId;
  let transitions = 0;
  let world: World | undefined;

  for (const { record: stored, definition, progress } of journal.running) {
    // A machine is never removed, so it is there.
    const machine = machines.get(stored.machineArn) as Machine;
    const entry = keep(stored, { ...machine, definition }, progress);
    const token = openToken(entry);
    if (token !== undefined) tokens.set(token, entry);
  }

  function keep(made: ExecutionRecord, machine: Machine, progress = fresh()): Entry {
    const definition = parseDefinition(machine.definition);
    const longestMs = (definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    const entry: Entry = {
      record: made,
      machine,
      arn: executionArn(machine.arn, made.name),
      definition,
      input: JSON.parse(made.input),
      deadline: made.startedAt + Math.min(longestMs, LONGEST_EXECUTION_MS),
      progress,
      outcome: undefined,
      unsaved: [],
      transitions: 0,
      work: Promise.resolve(),
      rest: Promise.withResolvers(),
    };
    running.set(entry.arn, entry);
    return entry;
  }

  /** Does one thing after another to an execution; each is durable before the next, and before it has effects. */
  function happen(
    entry: Entry,
    isStill: () => boolean,
    change: () => void | Promise<void>,
    then: (entry: Entry) => void = act,
  ): Promise<boolean> {
    const done = entry.work.then(async () => {
      if (entry.outcome || !isStill()) return false;
      const token = openToken(entry);
      await change();
      if (token !== openToken(entry)) forgetToken(token);
      await save(entry);
      then(entry);
      return true;
    });
    entry.work = done.then(
      () => undefined,
      (error: unknown) => world?.onProblem(`${entry.arn} does not go on: ${error}`),
    );
    return done;
  }

  function forgetToken(token: string | undefined): void {
    if (token !== undefined) tokens.delete(token);
  }

  function take(entry: Entry, occurrence: Occurrence, isStill = () => true): Promise<boolean> {
    const circumstances = { now: clock.now, random: Math.random };
    return happen(entry, isStill, () => interpret(entry, occurrence, circumstances));
  }

  async function save(entry: Entry): Promise<void> {
    const { record: made, progress, outcome, unsaved } = entry;
    entry.unsaved = [];
    transitions += entry.transitions;
    entry.transitions = 0;
    const events = JSON.stringify(unsaved);
    const first = unsaved[0]?.id ?? 0;
    if (outcome) {
      await journal.commit((writer) => writer.end(made.id, outcome, events, first));
      running.delete(entry.arn);
      return;
    }
    const text = JSON.stringify(progress);
    await journal.commit((writer) => writer.progress(made.id, text, events, first));
  }

  /** Does what an execution's saved state asks for. */
  function act(entry: Entry): void {
    if (!world) return;
    schedule(entry);
    if (entry.outcome) world.onStatusChange(entry);
    else if (entry.progress.waiting.for === 'call') begin(entry, entry.progress.waiting, false);
  }

  function schedule(entry: Entry): void {
    if (entry.outcome || entry.progress.waiting.for !== 'call') entry.rest.resolve();
    if (entry.outcome) timers.clear(entry);
    else timers.set(entry, Math.min(dueAt(entry.progress), entry.deadline));
  }

  /** @param isAgain whether the function may have been invoked before a kill. */
  function begin(entry: Entry, waiting: TaskWait, isAgain: boolean): void {
    if (waiting.token !== undefined) tokens.set(waiting.token, entry);
    call(entry, waiting, isAgain).catch((error: unknown) =>
      world?.onProblem(`${entry.arn} does not go on: ${error}`),
    );
  }

  async function call(entry: Entry, waiting: TaskWait, isAgain: boolean): Promise<void> {
    if (!world) return;
    const isRetry = entry.progress.retries.some((count) => count > 0);
    const result = await invokeTask(world, place, entry, waiting, isAgain || isRetry);
    // A machine that stops fails what runs in it: after the next start it is done again.
    if (!world && result.type === 'failed') return;
    if (waiting.token === undefined) {
      await take(entry, result, () => entry.progress.waiting === waiting);
      return;
    }
    // Meanwhile there may have been heartbeats, or the end.
    const isStill = () => openToken(entry) === waiting.token;
    if (result.type === 'succeeded') {
      await happen(entry, isStill, () => submitted(entry, result.output), schedule);
    } else await take(entry, result, isStill);
  }

  /** The function has been told the token; from now on nobody invokes it again. */
  function submitted(entry: Entry, output: string): void {
    record(entry, 'TaskSubmitted', clock.now(), {
      taskSubmittedEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke.waitForTaskToken',
        output,
      },
    });
    entry.progress.waiting = { ...(entry.progress.waiting as TaskWait), for: 'token' };
  }

  function due(entry: Entry): void {
    const { waiting } = entry.progress;
    const now = clock.now();
    const isStill = () => entry.progress.waiting === waiting;
    if (now >= entry.deadline) void end(entry, { status: 'TIMED_OUT', error: 'States.Timeout' });
    else if (waiting.for === 'time' || waiting.for === 'retry') {
      void take(entry, { type: 'due' }, isStill);
    } else if (waiting.for === 'call' || waiting.for === 'token') {
      const missedHeartbeat = (waiting.timeoutAt ?? Number.POSITIVE_INFINITY) > now;
      void take(entry, { type: 'timed out', missedHeartbeat }, isStill);
    }
  }

  function end(entry: Entry, outcome: Omit<Outcome, 'stoppedAt'>): Promise<boolean> {
    return happen(
      entry,
      () => true,
      () => {
        const at = clock.now();
        const state = entry.definition.States[entry.progress.state];
        if (outcome.status === 'ABORTED' && state) record(entry, `${state.Type}StateAborted`, at);
        endExecution(entry, { ...outcome, stoppedAt: at });
      },
    );
  }

  function resume(entry: Entry): void {
    const { progress } = entry;
    restartClock(progress, clock.now());
    schedule(entry);
    if (progress.waiting.for === 'call') begin(entry, progress.waiting, true);
  }

  return {
    machines,
    running,
    async putMachine(machine) {
      parseDefinition(machine.definition);
      machines.set(machine.arn, machine);
      await journal.commit((writer) => writer.putMachine(machine));
    },
    async start(machine, name, input) {
      lastId += 1;
      const made = {
        id: lastId,
        machineArn: machine.arn,
        name,
        input,
        startedAt: clock.now(),
      };
      const entry = keep(made, machine);
      const written = journal.commit((writer) => writer.start(made, machine.definition));
      entry.work = written.catch(() => void running.delete(entry.arn));
      await written;
      world?.onStatusChange(entry);
      if (world) void take(entry, { type: 'started' });
      return made;
    },
    rest: async (arn) => running.get(arn)?.rest.promise,
    async abort(execution, reason) {
      await end(execution as Entry, { status: 'ABORTED', ...reason });
    },
    async endTask(token, occurrence) {
      const entry = tokens.get(token);
      return entry ? take(entry, occurrence, () => openToken(entry) === token) : false;
    },
    async heartbeat(token) {
      const entry = tokens.get(token);
      if (!entry) return false;
      return happen(
        entry,
        () => openToken(entry) === token,
        () => {
          const waiting = entry.progress.waiting as TaskWait;
          const { heartbeatSeconds } = waiting;
          if (heartbeatSeconds === undefined) return;
          const heartbeatAt = clock.now() + heartbeatSeconds * 1000;
          entry.progress.waiting = { ...waiting, heartbeatAt };
        },
        schedule,
      );
    },
    run(reached) {
      world = reached;
      for (const entry of running.values()) {
        if (entry.progress.lastEvent === 0) void take(entry, { type: 'started' });
        else resume(entry);
      }
    },
    get lastId() {
      return lastId;
    },
    get transitions() {
      return transitions;
    },
    stop() {
      world = undefined;
      timers.stop();
    },
  };
}

function fresh(): Progress {
  return structuredClone(NOT_STARTED);
}

function openToken({ progress }: Execution): string | undefined {
  return 'token' in progress.waiting ? progress.waiting.token : undefined;
}

/** When what an execution waits for is due. */
function dueAt({ waiting }: Progress): number {
  if ('until' in waiting) return waiting.until;
  if (waiting.for === 'nothing') return Number.POSITIVE_INFINITY;
  const { timeoutAt = Number.POSITIVE_INFINITY, heartbeatAt = Number.POSITIVE_INFINITY } = waiting;
  return Math.min(timeoutAt, heartbeatAt);
}

/** A function that was killed while it ran is invoked anew, and has its whole time again. */
function restartClock(progress: Progress, now: number): void {
  const { waiting } = progress;
  if (waiting.for !== 'call' || waiting.token !== undefined) return;
  const { timeoutSeconds } = waiting;
  progress.waiting = { ...waiting, timeoutAt: timeoutSeconds && now + timeoutSeconds * 1000 };
}
