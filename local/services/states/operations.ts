import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#local/clock';
import { type JsonInput, ServiceError } from '#local/services/json-server';
import type { Engine } from '#local/services/states/engine';
import {
  type ExecutionRecord,
  executionArn,
  type Machine,
  type Status,
} from '#local/services/states/execution';
import { withoutData } from '#local/services/states/history';
import type { Journal } from '#local/services/states/journal';
import { RETENTION } from '#local/services/states/retention';
import { readToken } from '#local/services/states/tokens';
import {
  executionArnIn,
  executionName,
  invalid,
  jsonText,
  machineArnIn,
  optionalText,
  pageSize,
  refuseOthers,
} from '#local/services/states/validation';

/** What the API's operations work on. */
type StatesApi = { readonly engine: Engine; readonly journal: Journal; readonly clock: Clock };
type Output = Record<string, unknown>;
type Operation = (api: StatesApi, input: JsonInput) => Output | Promise<Output>;

/**
 * A caller is answered when its execution rests, or after so long. Answered at once, a flood would be executions that wait
 * for processors and hold slots meanwhile, and not messages in a queue, where waiting costs nothing.
 */
const MOST_PATIENCE_MS = 1_000;

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const LONGEST_ERROR = 256;
const LONGEST_CAUSE = 32_768;

/** Step Functions' API, by operation; `PutStateMachine` is this machine's own, for what the template declares. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  async PutStateMachine({ engine, clock }, input) {
    const { name, stateMachineArn, roleArn, definition } = input as Record<string, string>;
    const arn = String(stateMachineArn);
    const { createdAt = clock.now() } = engine.machines.get(arn) ?? {};
    const machine = { name, arn, roleArn, definition, createdAt } as Machine;
    try {
      await engine.putMachine(machine);
    } catch (error) {
      throw new ServiceError('InvalidDefinition', (error as Error).message);
    }
    return { stateMachineArn: arn };
  },
  DescribeStateMachine({ engine }, input) {
    refuseOthers(input, ['stateMachineArn', 'includedData']);
    const machine = findMachine(engine, input);
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      status: 'ACTIVE',
      definition: machine.definition,
      roleArn: machine.roleArn,
      type: 'STANDARD',
      creationDate: machine.createdAt / 1000,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  },
  async StartExecution({ engine, journal, clock }, input) {
    refuseOthers(input, ['stateMachineArn', 'name', 'input', 'traceHeader']);
    const machine = findMachine(engine, input);
    const name = executionName(input['name'] ?? randomUUID());
    const text = jsonText('input', input['input'] ?? '{}', 'InvalidExecutionInput');
    const arn = executionArn(machine.arn, name);
    const existing = engine.running.get(arn)?.record ?? journal.find(machine.arn, name);
    if (existing) {
      const { outcome } = existing;
      const isForgotten = outcome && outcome.stoppedAt <= clock.now() - RETENTION.longestMs;
      if (!isForgotten && (outcome || existing.input !== text)) {
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      // What is forgotten makes place; what was started is so for its second caller too once it is durable.
      await journal.commit((writer) => isForgotten && writer.remove(existing.id));
      if (!isForgotten) return started(existing);
    }
    const made = await engine.start(machine, name, text);
    await Promise.race([engine.rest(arn), delay(MOST_PATIENCE_MS, undefined, { ref: false })]);
    return started(made);
  },
  DescribeExecution({ journal }, input) {
    refuseOthers(input, ['executionArn', 'includedData']);
    const { input: text, ...rest } = findExecution(journal, input);
    const { output, error, cause } = rest.outcome ?? {};
    return {
      ...summary({ input: text, ...rest }),
      input: text,
      inputDetails: { included: true },
      ...(output !== undefined && { output, outputDetails: { included: true } }),
      error,
      cause,
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Redrive is not available on one machine',
    };
  },
  async StopExecution({ engine, journal, clock }, input) {
    refuseOthers(input, ['executionArn', 'error', 'cause']);
    const reason = {
      error: optionalText('error', input['error'], LONGEST_ERROR),
      cause: optionalText('cause', input['cause'], LONGEST_CAUSE),
    };
    const running = engine.running.get(executionArnIn(input));
    if (running) await engine.abort(running, reason);
    const { outcome } = findExecution(journal, input);
    return { stopDate: (outcome?.stoppedAt ?? clock.now()) / 1000 };
  },
  async SendTaskSuccess({ engine }, input) {
    refuseOthers(input, ['taskToken', 'output']);
    const token = tokenIn(input);
    const output = jsonText('output', input['output'], 'InvalidOutput');
    if (await engine.endTask(token, { type: 'succeeded', output })) return {};
    throw taskIsOver(engine, token);
  },
  async SendTaskFailure({ engine }, input) {
    refuseOthers(input, ['taskToken', 'error', 'cause']);
    const token = tokenIn(input);
    const error = optionalText('error', input['error'], LONGEST_ERROR) ?? '';
    const cause = optionalText('cause', input['cause'], LONGEST_CAUSE);
    if (await engine.endTask(token, { type: 'failed', error, cause })) return {};
    throw taskIsOver(engine, token);
  },
  async SendTaskHeartbeat({ engine }, input) {
    refuseOthers(input, ['taskToken']);
    const token = tokenIn(input);
    if (await engine.heartbeat(token)) return {};
    throw taskIsOver(engine, token);
  },
  GetExecutionHistory({ journal }, input) {
    refuseOthers(input, [
      'executionArn',
      'maxResults',
      'reverseOrder',
      'nextToken',
      'includeExecutionData',
    ]);
    const { id } = findExecution(journal, input);
    const size = pageSize(input['maxResults']);
    const events = journal.events(id);
    const ordered = input['reverseOrder'] === true ? events.toReversed() : events;
    const from = input['nextToken'] === undefined ? 0 : positionIn(input['nextToken']);
    const page = ordered.slice(from, from + size);
    return {
      events: input['includeExecutionData'] === false ? page.map(withoutData) : page,
      ...(from + size < ordered.length && { nextToken: pageToken(from + size) }),
    };
  },
  ListExecutions({ engine, journal }, input) {
    refuseOthers(input, ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken']);
    const status = input['statusFilter'] as Status | undefined;
    if (status !== undefined && !STATUSES.includes(status)) {
      throw invalid(`statusFilter must be one of ${STATUSES.join(', ')}.`);
    }
    const { arn } = findMachine(engine, input);
    const limit = pageSize(input['maxResults']);
    const { nextToken } = input;
    const before = nextToken === undefined ? Number.MAX_SAFE_INTEGER : positionIn(nextToken);
    journal.flush();
    const found = journal.list({ machineArn: arn, status, before, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      executions: page.map(summary),
      ...(last && found.length > limit && { nextToken: pageToken(last.id) }),
    };
  },
};

function started({ machineArn, name, startedAt }: ExecutionRecord): Output {
  return { executionArn: executionArn(machineArn, name), startDate: startedAt / 1000 };
}

function summary({ machineArn, name, startedAt, outcome }: ExecutionRecord): Output {
  return {
    executionArn: executionArn(machineArn, name),
    stateMachineArn: machineArn,
    name,
    status: outcome?.status ?? 'RUNNING',
    startDate: startedAt / 1000,
    ...(outcome && { stopDate: outcome.stoppedAt / 1000 }),
  };
}

function findMachine(engine: Engine, input: JsonInput): Machine {
  const arn = machineArnIn(input);
  const machine = engine.machines.get(arn);
  if (machine) return machine;
  throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

function findExecution(journal: Journal, input: JsonInput): ExecutionRecord {
  const arn = executionArnIn(input);
  const end = arn.lastIndexOf(':');
  journal.flush();
  const machineArn = arn.slice(0, end).replace(':execution:', ':stateMachine:');
  const found = journal.find(machineArn, arn.slice(end + 1));
  if (found) return found;
  throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

function tokenIn({ taskToken }: JsonInput): string {
  if (readToken(taskToken)) return String(taskToken);
  throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
}

/** Whoever answers late learns whether the task was ever there. */
function taskIsOver(engine: Engine, token: string): ServiceError {
  const { executionId = 0 } = readToken(token) ?? {};
  return executionId > 0 && executionId <= engine.lastId
    ? new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'")
    : new ServiceError('TaskDoesNotExist', 'Task does not exist');
}

function pageToken(position: number): string {
  return Buffer.from(String(position)).toString('base64url');
}

function positionIn(token: unknown): number {
  const position = Number(Buffer.from(String(token), 'base64url').toString() || Number.NaN);
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
}
