import { join } from 'node:path';
import { synthesize } from '#local/assembly';
import { type Console, createConsole } from '#local/console';
import { type Machine, startMachine } from '#local/machine';
import { readSettings } from '#local/settings';

const ROOT = join(import.meta.dirname, '..');
const INTERRUPTED = 'interrupted';

/**
 * Runs the machine until it is told to stop.
 *
 * @returns the exit code, when all has ended.
 */
export async function run(): Promise<number> {
  const out = createConsole((text) => process.stdout.write(text));
  const interrupted = interruption();
  let machine: Machine;
  try {
    const started = await Promise.race([start(out), interrupted]);
    // Nothing was promised to anybody yet, so nothing is waited for.
    if (started === INTERRUPTED) process.exit(0);
    machine = started;
  } catch (error) {
    out.line(`\n${explain(error)}`);
    return 1;
  }
  const end = await Promise.race([interrupted, machine.failed]);
  if (end !== INTERRUPTED) out.problem(end);
  out.line('Stopping…');
  await machine.stop();
  out.line('Stopped.');
  return end === INTERRUPTED ? 0 : 1;
}

async function start(out: Console): Promise<Machine> {
  const settings = readSettings(process.env);
  out.title();
  const machine = await startMachine({
    ...settings,
    report: out,
    async synthesize() {
      const onSlow = () =>
        out.line('  building the application, which takes some seconds the first time…');
      const { cdkOut, cached } = await synthesize({ root: ROOT, onSlow });
      return { cdkOut, note: cached ? 'unchanged since it was synthesized' : 'synthesized' };
    },
  });
  out.ready(machine, performance.now() / 1_000);
  return machine;
}

/** Settles at the first signal to stop; at the second one the process ends at once. */
function interruption(): Promise<typeof INTERRUPTED> {
  const { promise, resolve } = Promise.withResolvers<typeof INTERRUPTED>();
  let count = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      count += 1;
      if (count > 1) process.exit(1);
      resolve(INTERRUPTED);
    });
  }
  return promise;
}

/** A sentence for people; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const port = process.env['PORT'] || '3000';
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use. Stop what uses it, or choose another one: PORT=3001 npm start`;
  }
  if (code === 'EACCES' && message.includes('listen')) {
    return `Port ${port} may not be used. Choose one above 1023: PORT=3001 npm start`;
  }
  return error instanceof TypeError || !message ? String(stack ?? error) : message;
}
