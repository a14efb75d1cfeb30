// What a collector changes in the kernel outlives it when it is killed. Whoever is left, its supervisor above all, takes
// it back with this; a collector that stops does so itself, and the next one to start would, too.

import { restoreBufferLimit } from '../netlink/receive-buffer.ts';
import { removeInstance } from '../sources/trace-instance.ts';
import { TRACEFS } from '../sources/tracefs.ts';
import { restoreAudit } from './audit-control.ts';
import { removeSandboxRules } from './sandbox-rules.ts';

/** Removes our audit rules and our tracing instance, and puts back what the notes in `directory` say. */
export async function removeLeftovers(directory: string): Promise<void> {
  await removeSandboxRules().catch(() => 0);
  try {
    removeInstance(TRACEFS);
  } catch {
    // No tracefs, none of our business there, or a collector that is still reading it.
  }
  restoreBufferLimit(directory);
  await restoreAudit(directory);
}
