// This machine, as the records of its own log files are measured against it.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type HostIdentity, readBootId, readHostIdentity } from '../host-identity.ts';
import { derivedHostId, type LocalHost } from './source-hosts.ts';

/**
 * The machine's identity as live collectors give it, and when it was booted. `keptIn`: where a collector keeps the id
 * of a machine without a machine-id; where that is not ours to write, the id is derived from the name.
 */
export function readLocalHost(keptIn: string): LocalHost {
  const { id, name, bootId } = identity(keptIn);
  return { id, name, bootId, bootStartMs: readBootStartMs() };
}

function identity(keptIn: string): Pick<HostIdentity, 'id' | 'name' | 'bootId'> {
  try {
    return readHostIdentity(keptIn);
  } catch {
    return { id: derivedHostId(hostname()), name: hostname(), bootId: readBootId() };
  }
}

/** `btime` of /proc/stat, whole seconds. Without it nothing counts as written since the boot. */
function readBootStartMs(): number {
  const seconds = /^btime (\d+)$/m.exec(readText('/proc/stat'))?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
