// `describeKernel` for tests that also need a program of the distribution: one visible skip without it, or a failure
// where TRESPASS_REQUIRE_KERNEL=1 says that this machine has everything.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { describeKernel } from './kernel-lock.ts';

/** Where `program` is, also below the system's own directories, which not every PATH names. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/usr/lib/systemd'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** `body` is given the program's path. */
export function describeKernelWith(program: string, name: string, body: (path: string) => void): void {
  const path = findProgram(program);
  if (path !== undefined) {
    describeKernel(name, () => body(path));
    return;
  }
  const lack = `needs the program ${program}`;
  if (process.env.TRESPASS_REQUIRE_KERNEL === '1') {
    describe(name, () => {
      it(`has the program ${program}`, () => {
        throw new Error(`TRESPASS_REQUIRE_KERNEL=1, but it ${lack}`);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: ${lack}\n`);
  describe.skip(name, () => {
    it(`has the program ${program}`, () => {});
  });
}
