// From one entry of the systemd journal back to the audit record that journald made it from
// (systemd src/journal/journald-audit.c): MESSAGE is `TYPENAME BODY`, the stamp stands in
// _SOURCE_REALTIME_TIMESTAMP (µs, made from the stamp's ms) and _AUDIT_ID. JSON and export text are read elsewhere.
import type { AuditRecord } from '../../audit/record.ts';

/** The fields used here, as latin1 text of their bytes. */
export interface JournalEntry {
  readonly transport: string | undefined;
  readonly auditType: string | undefined;
  readonly auditId: string | undefined;
  readonly sourceRealtimeUs: string | undefined;
  readonly message: string | undefined;
  readonly bootId: string | undefined;
  readonly machineId: string | undefined;
  readonly hostname: string | undefined;
}

/** journald's field names and where they go. Everything else of an entry is ignored. */
export const JOURNAL_FIELDS: ReadonlyMap<string, keyof JournalEntry> = new Map([
  ['_TRANSPORT', 'transport'],
  ['_AUDIT_TYPE', 'auditType'],
  ['_AUDIT_ID', 'auditId'],
  ['_SOURCE_REALTIME_TIMESTAMP', 'sourceRealtimeUs'],
  ['MESSAGE', 'message'],
  ['_BOOT_ID', 'bootId'],
  ['_MACHINE_ID', 'machineId'],
  ['_HOSTNAME', 'hostname'],
]);

/** Who wrote an entry. The boot id is the kernel's own, in the form of /proc/sys/kernel/random/boot_id. */
export interface JournalOrigin {
  readonly bootId: string;
  readonly machineId: string | undefined;
  readonly hostname: string | undefined;
}

/** What an entry is: a record, a line for the line parser (kernel messages), a broken record, or no record. */
export type JournalContent =
  | { readonly kind: 'record'; readonly record: AuditRecord; readonly origin: JournalOrigin | undefined }
  | { readonly kind: 'line'; readonly line: string; readonly origin: JournalOrigin | undefined }
  | { readonly kind: 'malformed'; readonly reason: string; readonly text: string }
  | { readonly kind: 'other' };

/** The entry's record. Never throws. */
export function interpretEntry(entry: JournalEntry): JournalContent {
  const { message, auditType, auditId } = entry;
  if (entry.transport === 'kernel') {
    // Without an audit daemon the kernel also prints its records: `audit: type=1423 audit(…): …`.
    return message?.startsWith('audit: type=') ? { kind: 'line', line: message, origin: originOf(entry) } : OTHER;
  }
  if (entry.transport !== 'audit' && auditType === undefined) return OTHER;
  if (message === undefined) return { kind: 'malformed', reason: 'journal entry without MESSAGE', text: '' };
  const type = Number(auditType);
  const serial = Number(auditId);
  const us = Number(entry.sourceRealtimeUs);
  const isWhole = Number.isSafeInteger(type) && Number.isSafeInteger(us) && Number.isSafeInteger(serial);
  if (!isWhole || serial < 0 || serial > 0xffff_ffff || us < 0) {
    const reason = 'journal entry without a usable _AUDIT_TYPE, _AUDIT_ID or _SOURCE_REALTIME_TIMESTAMP';
    return { kind: 'malformed', reason, text: message.slice(0, 4096) };
  }
  const millis = Math.floor(us / 1000);
  const space = message.indexOf(' ');
  return {
    kind: 'record',
    record: {
      kind: 'record',
      type,
      node: '',
      seconds: Math.floor(millis / 1000),
      millis: millis % 1000,
      serial,
      text: space < 0 ? '' : message.slice(space + 1).trim(),
    },
    origin: originOf(entry),
  };
}

const OTHER: JournalContent = { kind: 'other' };

function originOf({ bootId, machineId, hostname }: JournalEntry): JournalOrigin | undefined {
  if (bootId === undefined || !/^[0-9a-f]{32}$/.test(bootId)) return undefined;
  return { bootId: bootId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), machineId, hostname };
}
