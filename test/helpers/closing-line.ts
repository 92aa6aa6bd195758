import type { Reporter } from 'vitest/node';

/**
 * Says as the very last line of a run, for all projects together, `N passed, N failed`, and how many
 * were skipped if some were. What failed outside of a test (a file that cannot be loaded, an error
 * that nobody caught) counts as failed too.
 */
export function closingLine(): Reporter {
  let line = '0 passed, 1 failed';
  return {
    onInit() {
      // Other reporters write after the end of the run as well: the process's end is behind them all.
      process.once('exit', () => process.stdout.write(`${line}\n`));
    },
    onTestRunEnd(modules, unhandledErrors) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const count = (state: string) => tests.filter((test) => test.result().state === state).length;
      const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
      const outside = suites.flatMap((suite) => suite.errors()).length + unhandledErrors.length;
      const parts = [`${count('passed')} passed`, `${count('failed') + outside} failed`];
      const skipped = count('skipped') + count('pending');
      line = [...parts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
    },
  };
}
