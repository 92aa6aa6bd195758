import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FunctionDefinition } from '#local/lambda/protocol';
import { createLambdaRuntime, type LambdaRuntime, LIMITS } from '#local/lambda/runtime';
import { functionOf, logOf } from './bundle.ts';

let runtime: LambdaRuntime | undefined;
afterEach(() => runtime?.stop(0));

function start(definition: FunctionDefinition, limits = LIMITS) {
  const onInitFailure = vi.fn();
  const onIdle = vi.fn();
  runtime = createLambdaRuntime(
    [definition],
    { onInitFailure, onIdle, onCalls() {}, onMeasurements() {} },
    limits,
  );
  const started = runtime;
  return {
    onInitFailure,
    onIdle,
    async invoke(event: unknown, options?: { isolated: boolean }) {
      const result = await started.invoke('sample', JSON.stringify(event), options);
      if (result.status === 'failed') return result;
      return { status: result.status, answer: JSON.parse(result.payload) as unknown };
    },
  };
}

describe('an invocation', () => {
  it('gets its event and gives its answer', async () => {
    const { invoke } = start(
      functionOf('export const handler = async (event) => ({ got: event });'),
    );

    const result = await invoke({ name: 'Ada' });

    expect(result).toEqual({ status: 'succeeded', answer: { got: { name: 'Ada' } } });
  });

  it('is over for a while before the runtime counts as idle, and again each while', async () => {
    const source = functionOf('export const handler = async () => {};');
    const { invoke, onIdle } = start(source, { ...LIMITS, idleMs: 20 });

    await invoke({});
    const before = onIdle.mock.calls.length;

    await expect.poll(() => onIdle.mock.calls.length).toBeGreaterThan(before + 1);
  });

  it('gives null when the handler returns nothing', async () => {
    const { invoke } = start(functionOf('export const handler = async () => {};'));

    expect(await invoke({})).toEqual({ status: 'succeeded', answer: null });
  });

  it('sees the environment of the function and nothing of ours', async () => {
    process.env['A_SECRET_OF_OURS'] = 'x';
    const definition = functionOf('export const handler = () => ({ ...process.env });');
    const { invoke } = start(definition);

    const result = await invoke({});

    expect(result).toEqual({
      status: 'succeeded',
      answer: {
        ...definition.environment,
        AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('[$LATEST]'),
      },
    });
  });

  it('gets a context as Lambda gives it', async () => {
    const { invoke } = start(
      functionOf(`export const handler = (event, context) =>
        ({ ...context, remaining: context.getRemainingTimeInMillis() });`),
    );

    const result = await invoke({});

    expect(result).toMatchObject({
      answer: {
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionName: 'sample',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sample',
        memoryLimitInMB: '128',
        logGroupName: '/aws/lambda/sample',
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      },
    });
    const { remaining } = (result as { answer: { remaining: number } }).answer;
    expect(remaining).toBeGreaterThan(2_000);
    expect(remaining).toBeLessThanOrEqual(3_000);
  });

  it('shares its environment with others, each with its own request id in the invoke store', async () => {
    const { invoke } = start(
      functionOf(`
        let running = 0;
        const everyoneIsHere = Promise.withResolvers();
        export const handler = async (event, context) => {
          if (++running === 20) everyoneIsHere.resolve();
          await everyoneIsHere.promise;
          return globalThis.awslambda.InvokeStore.getRequestId() === context.awsRequestId;
        };`),
    );

    const results = await Promise.all(Array.from({ length: 20 }, () => invoke({})));

    expect(results).toEqual(Array(20).fill({ status: 'succeeded', answer: true }));
  });

  it('fails with the error that the handler throws', async () => {
    const definition = functionOf(
      'export const handler = () => { throw new RangeError("too far"); };',
    );
    const { invoke } = start(definition);

    const result = await invoke({});

    expect(result).toMatchObject({
      status: 'failed',
      error: { errorType: 'RangeError', errorMessage: 'too far', trace: expect.any(Array) },
    });
    await vi.waitFor(() => expect(logOf(definition)).toContain('too far'));
  });

  it('fails when its answer is larger than Lambda allows', async () => {
    const { invoke } = start(
      functionOf('export const handler = () => "x".repeat(6 * 1024 * 1024 + 200);'),
    );

    expect(await invoke({})).toMatchObject({
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });
});

describe('what a function prints', () => {
  it('goes to its own log, also when it crashes right after', async () => {
    const definition = functionOf(`
      export const handler = () => {
        console.log('to', 'stdout'); console.error('to stderr');
        process.exit(1);
      };`);
    const { invoke } = start(definition);

    await invoke({});

    expect(logOf(definition)).toBe('to stdout\nto stderr\n');
  });

  it('cannot fill the disk', async () => {
    const definition = functionOf(`
      export const handler = async () => {
        for (let line = 0; line < 40; line++) {
          console.log('x'.repeat(512 * 1024));
          await new Promise(setImmediate);
        }
      };`);
    const { invoke } = start(definition);

    await invoke({});

    expect(logOf(definition).length).toBeLessThan(10 * 1024 * 1024);
    expect(existsSync(`${definition.logFile}.1`)).toBe(true);
    expect(existsSync(`${definition.logFile}.2`)).toBe(false);
  });
});

describe('a crash', () => {
  it.each([
    ['process.exit', 'process.exit(7)', /exit status 7$/],
    [
      'an exception nobody catches',
      'setImmediate(() => { throw new Error("lost"); })',
      /status 1$/,
    ],
    [
      'too much memory',
      'const kept = []; for (;;) kept.push(new Array(1e5).fill(event.mode + kept.length));',
      /signal: killed$/,
    ],
  ])(
    'by %s fails what is in flight, and the next invocation gets a new environment',
    async (_, code, message) => {
      const { invoke } = start(
        functionOf(
          `let count = 0;
        export const handler = async (event) => {
          count += 1;
          if (event.mode === 'ok') return count;
          if (event.mode === 'crash') { ${code} }
          return new Promise(() => {});
        };`,
          { memoryMb: 32, timeoutMs: 20_000 },
        ),
      );

      const [bystander, culprit] = await Promise.all([
        invoke({ mode: 'wait' }),
        invoke({ mode: 'crash' }),
      ]);

      const failure = {
        status: 'failed',
        error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(message) },
      };
      expect(culprit).toMatchObject(failure);
      expect(bystander).toMatchObject(failure);
      expect(await invoke({ mode: 'ok' })).toEqual({ status: 'succeeded', answer: 1 });
    },
  );

  it('of an isolated invocation leaves the others alone', async () => {
    const { invoke } = start(
      functionOf(`
        const start = Date.now();
        export const handler = async (event) => {
          if (event.crash) process.exit(1);
          await new Promise((resolve) => setTimeout(resolve, event.ms));
          return 'done';
        };`),
    );
    const bystander = invoke({ ms: 500 });

    const poison = await Promise.all([
      invoke({ crash: true }, { isolated: true }),
      invoke({ ms: 300 }, { isolated: true }),
      invoke({ crash: true }, { isolated: true }),
    ]);

    expect(poison.map(({ status }) => status)).toEqual(['failed', 'succeeded', 'failed']);
    expect(await bystander).toEqual({ status: 'succeeded', answer: 'done' });
  });
});

describe('a time-out', () => {
  it('fails the invocation as Lambda words it, and lets its neighbours finish', async () => {
    const { invoke } = start(
      functionOf(
        `export const handler = async (event) => {
          await new Promise((resolve) => setTimeout(resolve, event.ms));
          return globalThis.environment ??= Math.random();
        };`,
        { timeoutMs: 1_000 },
      ),
    );
    const first = await invoke({ ms: 0 });
    const slow = invoke({ ms: 60_000 });
    await invoke({ ms: 500 });
    const neighbour = invoke({ ms: 900 });

    expect(await slow).toMatchObject({
      status: 'failed',
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/,
        ),
      },
    });
    expect(await neighbour).toEqual(first);
    expect(await invoke({ ms: 0 })).not.toEqual(first);
  });

  it('ends an environment whose event loop is stuck', async () => {
    const { invoke } = start(
      functionOf(`export const handler = (event) => { while (event.stuck) {} return 'fine'; };`, {
        timeoutMs: 200,
      }),
    );
    await invoke({});

    const [stuck, neighbour] = await Promise.all([invoke({ stuck: true }), invoke({})]);

    expect(stuck).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    expect(neighbour.status).toBe('failed');
    expect(await invoke({})).toEqual({ status: 'succeeded', answer: 'fine' });
  });
});

describe('a bundle that does not load', () => {
  it.each([
    ['throws', 'throw new TypeError("no TABLE_NAME"); export const handler = 1;', 'no TABLE_NAME'],
    ['has no handler', 'export const other = 1;', 'handler is undefined or not exported'],
    ['ends its process', 'process.exit(3); export const handler = 1;', 'exit status 3'],
  ])('because it %s fails every invocation and is told once', async (_, source, message) => {
    const { invoke, onInitFailure } = start(functionOf(source));

    const results = [await invoke({}), await invoke({}), await invoke({}, { isolated: true })];

    for (const result of results) {
      expect(result).toMatchObject({
        status: 'failed',
        error: { errorMessage: expect.stringContaining(message) },
      });
    }
    expect(onInitFailure).toHaveBeenCalledTimes(1);
  });
});

describe('concurrency', () => {
  it('grows when an environment is full, and queues when all are', async () => {
    const definition = functionOf(`
      import { threadId } from 'node:worker_threads';
      export const handler = async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return threadId;
      };`);
    const limits = { ...LIMITS, concurrency: 2, sharedEnvironments: 2 };
    const { invoke } = start(definition, limits);

    const results = await Promise.all(Array.from({ length: 9 }, () => invoke({})));

    expect(results.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(2);
  });
});

describe('an environment without work', () => {
  it('keeps no garbage while it has nothing to do', async () => {
    const { invoke } = start(
      functionOf(`let garbage;
        export const handler = (event) => {
          if (event.litter) garbage = new WeakRef({ left: 'behind' });
          return garbage.deref() ?? 'collected';
        };`),
      { ...LIMITS, idleMs: 20 },
    );
    expect(await invoke({ litter: true })).toMatchObject({ answer: { left: 'behind' } });

    await vi.waitFor(async () => expect(await invoke({})).toMatchObject({ answer: 'collected' }), {
      timeout: 10_000,
      interval: 200,
    });
  });
});

describe('counting', () => {
  it('counts invocations and their GB-seconds', async () => {
    const { invoke } = start(
      functionOf(
        'export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));',
        { memoryMb: 512 },
      ),
    );

    await Promise.all([invoke({}), invoke({})]);

    const { sample } = runtime?.counters() ?? {};
    expect(sample?.invocations).toBe(2);
    expect(sample?.gb_seconds).toBeGreaterThan(2 * 0.1 * 0.5);
  });
});
