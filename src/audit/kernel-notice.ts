// Lines of the kernel's log that are no records and tell of records which never came: what was not printed
// (kauditd_printk_skb), and the counter of what audit dropped (kernel/audit.c, audit_log_lost and audit_panic).
import { findKernelMessage } from './line-prefix.ts';

/**
 * `suppressed`: so many records were not printed. `lost`: the counter since boot (32 bits) just after it grew by one.
 * `reason`: why, on a line of its own behind that of the counter; either may be missing, since both are rate-limited.
 */
export type KernelNotice =
  | { readonly kind: 'suppressed'; readonly count: number }
  | { readonly kind: 'lost'; readonly total: number }
  | { readonly kind: 'reason' };

const SUPPRESSED = /^kauditd_printk_skb: (\d{1,10}) callbacks suppressed$/;
const LOST = /^audit: audit_lost=(\d{1,10}) audit_rate_limit=\d{1,10} audit_backlog_limit=\d{1,10}$/;
const REASON =
  /^audit: (?:(?:rate|backlog) limit exceeded|kauditd (?:hold|retry) queue overflow|out of memory in audit_[a-z_]{1,40})$/;

/** What the line says, if it is such a line of the kernel's. Anything else: undefined. */
export function kernelNotice(line: string): KernelNotice | undefined {
  // Most lines of a system's log have nothing to do with audit.
  if (!line.includes('audit')) return undefined;
  const start = findKernelMessage(line);
  if (start === undefined) return undefined;
  const message = line.slice(start).trimEnd();
  const suppressed = SUPPRESSED.exec(message)?.[1];
  if (suppressed !== undefined) return { kind: 'suppressed', count: Number(suppressed) };
  const lost = LOST.exec(message)?.[1];
  if (lost !== undefined) return { kind: 'lost', total: Number(lost) };
  return REASON.test(message) ? { kind: 'reason' } : undefined;
}
