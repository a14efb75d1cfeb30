// Audit turned on for a while by somebody who is no collector: `trespass doctor` and `trespass check`. The last one that
// wants it puts it back (audit-wanters.ts).
import { mkdirSync } from 'node:fs';
import type { AuditStatus } from '../netlink/audit-status.ts';
import { AuditControl } from '../netlink/control.ts';
import { applyAudit, restoreAudit } from './audit-control.ts';

export interface BorrowedAudit {
  readonly control: AuditControl;
  /** As it was when it was borrowed, with our changes. */
  readonly status: AuditStatus;
  /** Never rejects; may be called twice. */
  giveBack(): Promise<void>;
}

/**
 * `directory`: where collectors note how audit was. `backlogLimit`: 0 leaves it. Throws an OperatingError where the kernel
 * refuses; then nothing is left changed.
 */
export async function borrowAudit(directory: string, backlogLimit: number): Promise<BorrowedAudit> {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const control = AuditControl.open();
  let isGiven = false;
  const giveBack = async () => {
    if (isGiven) return;
    isGiven = true;
    control.close();
    await restoreAudit(directory).catch(() => false);
  };
  try {
    const { now } = await applyAudit(control, directory, backlogLimit);
    return { control, status: now, giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}
