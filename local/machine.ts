import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataDirectory } from '#local/data-directory';
import { openPages } from '#local/distribution/pages';
import { openDoors } from '#local/doors/doors';
import { createCallCounter, type Operations } from '#local/doors/operations';
import { startAborts } from '#local/faults/aborts';
import { bendClock } from '#local/faults/clock';
import { withPollerFaults } from '#local/faults/queue-faults';
import { listen } from '#local/gateway/gateway';
import { createGuards } from '#local/gateway/guards';
import { collectMuchGarbage } from '#local/lambda/garbage';
import { createLambdaRuntime } from '#local/lambda/runtime';
import type { MachineOptions } from '#local/machine-options';
import { createMeasurements } from '#local/measurements';
import { prepare } from '#local/preparation';
import { timed } from '#local/report';
import type { Emulators } from '#local/services/emulators';
import { startWork, warmUp } from '#local/work';

/** A running machine. */
export type Machine = {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** Where the outside reaches the public doors; the same, unless told otherwise. */
  readonly publicUrl: string;
  /** Where each AWS service is reached, for whoever plays the console. */
  readonly endpoints: Emulators['endpoints'];
  /** What AWS would bill, since the start. */
  counters(): Operations;
  /** Settles only when an emulator ends by itself; the text says which, and how. */
  readonly failed: Promise<string>;
  /** Takes no more work, lets what runs end for up to 5 s, and ends. */
  stop(): Promise<void>;
};

const ACCOUNT_ID = '000000000000';
const REGION = 'us-east-1';
const GRACE_MS = 5_000;

/**
 * Runs what a synthesized template declares, on the loopback interface of this machine.
 *
 * @throws Error with a message for people when it cannot: the port or the directory is taken, a function does
 *   not load, or the template needs what there is not here.
 */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  await using started = new AsyncDisposableStack();
  const { report, countOperations = false } = options;
  bendClock(options.faults, false);
  const gateway = await listen(options.port);
  started.defer(() => gateway.close());
  const url = `http://localhost:${gateway.port}`;
  const publicUrl = options.publicUrl ?? url;
  const directory = claimDataDirectory(options.dataDir);
  started.defer(() => directory.release());
  const dataDir = directory.path;
  const logDirectory = join(dataDir, 'logs');
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 });

  const { plan, deployment, emulators, issuer } = await prepare(
    { ...options, dataDir, url, publicUrl, accountId: ACCOUNT_ID, region: REGION, logDirectory },
    started,
  );
  const calls = createCallCounter();
  const measurements = createMeasurements();
  const runtime = createLambdaRuntime(plan.functions, {
    onCalls: calls.add,
    onMeasurements: measurements.add,
    onIdle: () => void collectMuchGarbage(),
    onInitFailure(functionName, { errorType, errorMessage, trace }) {
      // A plain Error was thrown to be read; where a bug was thrown is part of the message.
      const where = errorType === 'Error' ? '' : `\n${trace?.slice(1).join('\n') ?? ''}`;
      report.problem(`${functionName} does not start: ${errorType}: ${errorMessage}${where}`);
    },
  });
  started.defer(() => runtime.stop(0));
  const client = emulators.queueClient();
  const queue = options.faults ? withPollerFaults(client, options.faults) : client;
  started.defer(() => queue.close());
  await timed(report, 'functions', () => warmUp(plan, runtime));

  if (options.faults?.aborts) {
    const { aborts } = options.faults;
    const machines = deployment.resourcesOf('AWS::StepFunctions::StateMachine');
    const arns = machines.map(([id]) => deployment.physical(id));
    started.defer(startAborts({ ...options.faults, aborts }, emulators.endpoints.states, arns));
  }
  const work = startWork(plan, { deployment, emulators, runtime, queue, report });
  const counters = (): Operations => ({
    lambda: runtime.counters(),
    http_requests: gateway.requestCount(),
    calls: calls.totals(),
    poller: queue.counters(),
    scheduler_invocations: emulators.schedules.invocations(),
    state_transitions: emulators.executions.transitions(),
  });
  gateway.open({
    api: plan.api,
    pages: plan.distribution && openPages(plan.distribution, emulators.endpoints.s3),
    accountId: ACCOUNT_ID,
    guards: createGuards(gateway.port, publicUrl),
    doors: openDoors({
      dataDir,
      url,
      functions: plan.functions,
      s3: emulators.endpoints.s3,
      issuer,
      mailbox: emulators.mailbox,
      events: emulators.events,
      metrics: measurements.text,
      ...(countOperations && { counters }),
    }),
    invoke: (functionName, payload) => runtime.invoke(functionName, payload),
  });

  const all = started.move();
  return {
    url,
    publicUrl,
    endpoints: emulators.endpoints,
    counters,
    failed: emulators.failed,
    async stop() {
      gateway.refuse();
      await Promise.all([work.stop(), runtime.stop(GRACE_MS)]);
      await all.disposeAsync();
    },
  };
}
