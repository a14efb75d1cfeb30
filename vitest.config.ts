import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';
import { seedOfCommit } from './test/support/property-seed.ts';

// Three kinds of test. `unit` needs nothing; `kernel` needs the right to use the kernel's audit and takes a
// machine-wide lock; `browser` needs a Chromium. The last two run real processes, one file at a time.

/** What is waited for comes when it comes: on a busy machine a second, the default, is too short to mean a fault. */
const PATIENT = { poll: { timeout: 15_000 } };
/**
 * The tests of real processes share a machine with whatever else runs on it: where nobody is there to try again (CI), one
 * that fails is tried once more. The closing lines name each that needed it. Properties fail twice: their seed is fixed.
 */
const RETRIES = process.env.CI === 'true' ? 1 : 0;
const PROPERTIES = {
  setupFiles: ['test/support/property-seed.ts'],
  env: { TRESPASS_PROPERTY_SEED: process.env.TRESPASS_PROPERTY_SEED ?? seedOfCommit() },
};

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kernel/**', 'test/e2e/**'],
          // Many of these wait for processes and disks of their own: two at once pay even on two cores. Each of the two
          // loads our modules once, and not anew for each file.
          isolate: false,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: PATIENT,
          retry: RETRIES,
          ...PROPERTIES,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: PATIENT,
          retry: RETRIES,
          ...PROPERTIES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: PATIENT,
          retry: RETRIES,
          ...PROPERTIES,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
