// Notes of how something of the kernel's was before we changed it, on disk before the change, so that whoever comes
// next, this process or its supervisor, can mend what a crash left behind. Valid in the boot that they were written in.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { OperatingError } from '../runtime/operating-error.ts';
import { readBootId } from './host-identity.ts';

/** undefined: none, of another boot, or not readable as one. */
export function readStateNote(path: string): object | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof note !== 'object' || note === null) return undefined;
    return Reflect.get(note, 'boot_id') === readBootId() ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. Throws OperatingError `runtime-directory`; `what`: `the audit status`. */
export function writeStateNote(path: string, what: string, note: object): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify({ boot_id: readBootId(), ...note })}\n`, { mode: 0o600, flush: true });
    renameSync(draft, path);
  } catch (cause) {
    throw new OperatingError(
      'runtime-directory',
      `cannot note ${what} in ${path} (${cause instanceof Error && 'code' in cause ? cause.code : 'error'})`,
      'make runtime.directory writable for the collector',
      { cause },
    );
  }
}

/** Without the right to remove it: changing the thing once more changes nothing, and the supervisor removes it. */
export function removeStateNote(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // See above.
  }
}
