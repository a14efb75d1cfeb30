// Who wants audit to be on: a collector, `trespass check`, `trespass doctor`, each with a mark in the runtime directory for
// as long as it lives. Audit goes back to what it was when the last of them ends, and not before.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARK = /^audit-wanted-by-(\d+)$/;

/** Best effort: where the directory cannot be written to, others do not know of us. */
export function markWanted(directory: string): void {
  try {
    writeFileSync(markOf(directory), `${startOf('self')}\n`, { mode: 0o600 });
  } catch {
    // See above.
  }
}

export function unmarkWanted(directory: string): void {
  try {
    rmSync(markOf(directory), { force: true });
  } catch {
    // Whoever looks finds that its process is gone.
  }
}

/** Whether another process that lives wants audit to be on. Marks of those that were killed go. */
export function isWantedByOthers(directory: string): boolean {
  return readNames(directory).some((name) => {
    const pid = MARK.exec(name)?.[1];
    return pid !== undefined && Number(pid) !== process.pid && isAlive(pid, join(directory, name));
  });
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function markOf(directory: string): string {
  return join(directory, `audit-wanted-by-${process.pid}`);
}

/** Numbers of processes are given again: the start has to be the same, too. */
function isAlive(pid: string, mark: string): boolean {
  try {
    if (readFileSync(mark, 'utf8').trim() === startOf(pid)) return true;
  } catch {
    // It is gone.
  }
  try {
    rmSync(mark, { force: true });
  } catch {
    // Not ours to remove: it says nothing all the same.
  }
  return false;
}

/** Start time of a process, in ticks since boot (proc_pid_stat(5), field 22). */
function startOf(pid: string): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
