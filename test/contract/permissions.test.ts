import { describe, expect, it } from 'vitest';
import { opened } from '#test/contract/flow-machine';
import type { Flow } from '#test/contract/flow-steps';
import { assemblyFor, flows } from '#test/contract/flows';
import { readLog, type Template, type TestMachine } from '#test/helpers/machine';
import {
  denialOf,
  forbid,
  forbidRole,
  listedPermissions,
  logName,
  type Permission,
} from '#test/helpers/policies';

/** What the sweeper needs only to tell owners of trouble. */
const TELLING: ReadonlySet<string> = new Set([
  'dynamodb:BatchGetItem',
  'index:runs_by_agent',
  'mailIdentities',
  'mailSet',
  'secretsKey',
]);

/** The flow that needs a permission. */
function flowOf({ name, on, action }: Permission): Flow {
  if (on === 'usageBus') return name === 'sweep' ? flows.meteredLate : flows.metered;
  if (name === 'dispatch' && action === 'states:SendTaskSuccess') return flows.letInByDispatch;
  if (name === 'dispatch' && action === 'dynamodb:BatchGetItem') return flows.together;
  if (name === 'run-steps' && on === 'runQueue') return flows.crowded;
  if (name === 'sweep' && action === 'dynamodb:DeleteItem') return flows.alerted;
  if (name !== 'api' && action === 'dynamodb:DeleteItem') return flows.crowded;
  if (on === 'executions') return name === 'dispatch' ? flows.handedOver : flows.approved;
  if (on === 'stateMachine') {
    return (
      { sweep: flows.timedOut, 'run-steps': flows.letIn, api: flows.approved }[name as string] ??
      flows.usual
    );
  }
  if (name === 'run-steps' && on === 'deadLetters') return flows.poisonedWorkflow;
  if (name === 'sweep' && action === 'dynamodb:PutItem') return flows.missed;
  if (name === 'sweep' && TELLING.has(on === 'table' ? action : on)) return flows.alerted;
  if (name === 'sweep') return flows.swept;
  if (name === 'mail-events') return flows.returned;
  if (name === 'api' && on === 'deadLetters') return flows.redriven;
  if (name === 'run-steps' && (on === 'index:runs_by_user' || action === 'dynamodb:BatchGetItem')) {
    return flows.counted;
  }
  if (on === 'schedules' || on === 'scheduleRole') return flows.scheduled;
  if (name === 'api' && action === 'dynamodb:UpdateItem') return flows.scheduled;
  return on === 'deadLetters' ? flows.poisoned : flows.usual;
}

/** Goes a flow on a machine, and says what went wrong and what the machine told about it. */
async function outcomeOf(flow: Flow, log = '', denial?: RegExp, change?: (one: Template) => void) {
  const directory = await assemblyFor(flow, change);
  const dataDir = await flow.before();
  let machine: TestMachine | undefined;
  const told = () => `${machine?.problems() ?? ''}\n${readLog(dataDir, log)}`;
  try {
    await using running = await opened(directory, dataDir);
    machine = running;
    await flow.go(running, () => denial?.test(told()) === true);
    return { failure: undefined, told: told() };
  } catch (failure) {
    return { failure, told: `${told()}\n${failure}` };
  }
}

describe('permissions', () => {
  it.concurrent.each(Object.entries(flows))('are enough: %s', async (_, flow) => {
    const { failure } = await outcomeOf(flow);

    expect(failure).toBeUndefined();
  });

  // The flow that has to wait comes last, so that others go on meanwhile.
  const inOrder = listedPermissions.toSorted(
    (a, b) => Number(flowOf(a) === flows.missed) - Number(flowOf(b) === flows.missed),
  );

  it.concurrent.each(inOrder)('are needed: $name, $action on $on', async (permission) => {
    const denial = denialOf(permission);

    const { failure, told } = await outcomeOf(
      flowOf(permission),
      logName(permission.name),
      denial,
      (template) => forbid(template, permission),
    );

    expect(failure, 'the flow went through without it').toBeInstanceOf(Error);
    expect(told).toMatch(denial);
  });

  it.concurrent("are needed: the schedules' role, sqs:SendMessage", async () => {
    const denial = /AccessDenied.*sqs:SendMessage|not authorized to perform: sqs:sendmessage/i;

    const { failure, told } = await outcomeOf(flows.scheduled, '', denial, (template) => {
      const isRole = (id: string) => id.startsWith('SchedulesRole');
      expect(forbidRole(template, isRole, ({ Action }) => Action === 'sqs:SendMessage')).toBe(1);
    });

    expect(failure).toBeInstanceOf(Error);
    expect(told).toMatch(denial);
  });

  it.concurrent("are needed: the sweep schedule's role, lambda:InvokeFunction", async () => {
    const denial = /AccessDenied.*lambda:InvokeFunction/;

    const { told } = await outcomeOf(flows.usual, '', denial, (template) => {
      const isRole = (id: string) => id.startsWith('SweepScheduleRole');
      const isMeant = ({ Action }: { Action: string }) => Action === 'lambda:InvokeFunction';
      expect(forbidRole(template, isRole, isMeant)).toBe(1);
    });

    expect(told).toMatch(denial);
  });
});
