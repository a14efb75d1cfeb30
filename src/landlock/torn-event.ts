// Says how many records an event certainly lacks. Most incomplete events are the kernel's way (tasks without an
// audit context, exclude rules), so only what no rule and no task can explain counts here.
import type { AuditEvent } from '../audit/record.ts';
import { EOE, LANDLOCK_ACCESS, LANDLOCK_DOMAIN, PROCTITLE, SYSCALL, URINGOP } from '../audit/record-types.ts';

const DOMAIN_ID = /^domain=([0-9a-f]{1,16}) /;

/**
 * Records that must have been there. PROCTITLE is only written after SYSCALL, EOE after SYSCALL or URINGOP
 * (kernel/auditsc.c, audit_log_exit), and a domain's allocation only after an access record of that domain
 * (security/landlock/audit.c), which shares its serial where the task has an audit context.
 */
export function tornRecords(event: AuditEvent): number {
  const { completion } = event;
  if (completion === 'end' || completion === 'evicted' || completion === 'late' || completion === 'lone') return 0;
  let types = 0;
  let allocations = 0;
  for (const { type } of event.records) {
    if (type === SYSCALL) types |= 1;
    else if (type === URINGOP) types |= 2;
    else if (type === PROCTITLE) types |= 4;
    else if (type === EOE) types |= 8;
    else if (type === LANDLOCK_DOMAIN) allocations++;
  }
  const lacksCall = (types & 1) === 0 && ((types & 4) !== 0 || ((types & 8) !== 0 && (types & 2) === 0));
  const hasContext = types !== 0;
  return (lacksCall ? 1 : 0) + (hasContext && allocations > 0 ? lostAccesses(event) : 0);
}

function lostAccesses(event: AuditEvent): number {
  const denied = new Set<string>();
  const allocated = new Set<string>();
  for (const { type, text } of event.records) {
    const domain = DOMAIN_ID.exec(text)?.[1];
    if (domain === undefined) continue;
    if (type === LANDLOCK_ACCESS) denied.add(domain);
    else if (type === LANDLOCK_DOMAIN) allocated.add(domain);
  }
  let lost = 0;
  for (const domain of allocated) if (!denied.has(domain)) lost++;
  return lost;
}
