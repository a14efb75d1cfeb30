// Prints the run's result once more as one plain line, for tools that read only the end of a log. Names each test that
// was skipped, and fails the run for it where TRESPASS_REQUIRE_KERNEL=1 says that this machine can run them all. Names
// each that passed only when it was tried again, so that nobody takes it for a sound one.
import type { Reporter, TestCase, TestModule } from 'vitest/node';

function tell(what: string, module: TestModule, test: TestCase): void {
  process.stderr.write(`${what}: ${module.moduleId}: ${test.fullName}\n`);
}

/** `N passed, N failed` (and `, N skipped`) alone on the last line. */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
        if (state === 'skipped') tell('skipped', module, test);
        if (test.diagnostic()?.flaky === true) tell('passed only when tried again', module, test);
      }
      // A file that does not even load has no tests, but it has failed.
      if (module.errors().length > 0) count.failed += 1;
    }
    if (count.skipped > 0 && process.env.TRESPASS_REQUIRE_KERNEL === '1') process.exitCode = 1;
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    setImmediate(() => process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`));
  }
}
