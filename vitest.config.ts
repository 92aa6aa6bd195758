import { defineConfig } from 'vitest/config';
import { closingLine } from './test/helpers/closing-line.ts';

// Products and machines bring processes and threads of their own: two at a time fill two cores.
const BESIDE_EACH_OTHER = 2;

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/helpers/no-network.ts'],
          // Far beyond what any of them takes: speed is asserted where it matters.
          testTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          globalSetup: ['test/helpers/assembly.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/helpers/assembly.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/helpers/assembly.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // The same tests where runs enter Step Functions only to wait.
        extends: true,
        test: {
          name: 'waits-only',
          include: [
            'test/e2e/{approval-kills,approvals,cancel-and-replay,chaining,errors,large,large-workflows,retries,templates,waiting,workflows}.test.ts',
          ],
          env: { STACK_PARAMETERS: 'EnterStepFunctions=waits-only' },
          globalSetup: ['test/helpers/assembly.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/helpers/assembly.ts', 'test/helpers/browser/chromium.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          maxWorkers: BESIDE_EACH_OTHER,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/helpers/assembly.ts'],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          // Some of them mostly wait for what the sweeper does after a minute.
          maxWorkers: BESIDE_EACH_OTHER + 1,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
