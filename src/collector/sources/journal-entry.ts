// From one entry of the systemd journal back to the audit record that journald made it from
// (systemd src/journal/journald-audit.c): MESSAGE is `TYPENAME BODY`, the stamp stands in
// _SOURCE_REALTIME_TIMESTAMP (µs, made from the stamp's ms) and _AUDIT_ID. JSON and export text are read elsewhere.
import { kernelNotice } from '../../audit/kernel-notice.ts';
import { malformedTextMax } from '../../audit/malformed.ts';
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

/**
 * What an entry is: a record, a line for the line parser (kernel messages), a notice of the kernel's (see
 * kernelNotice), a broken record, or nothing of audit's.
 */
export type JournalContent =
  | { readonly kind: 'record'; readonly record: AuditRecord; readonly origin: JournalOrigin | undefined }
  | { readonly kind: 'line' | 'notice'; readonly line: string; readonly origin: JournalOrigin | undefined }
  | { readonly kind: 'malformed'; readonly reason: string; readonly text: string }
  | { readonly kind: 'other' };

/** How audit's messages begin where nothing else says whose they are (`--output-fields=MESSAGE`). */
const LANDLOCK_MESSAGE = /^(?:LANDLOCK_(?:ACCESS|DOMAIN)|UNKNOWN\[142[34]\]) domain=/;
const DECIMAL = /^\d{1,16}$/;

/** The entry's record. Never throws. */
export function interpretEntry(entry: JournalEntry): JournalContent {
  const { transport, message, auditType, auditId } = entry;
  if (transport === 'kernel') return interpretKernel(entry);
  if (transport !== 'audit' && auditType === undefined && auditId === undefined) {
    // Every entry has a transport; without it, fields were left out, and it may have been a record.
    if (transport !== undefined || message === undefined || !LANDLOCK_MESSAGE.test(message)) return OTHER;
  }
  if (message === undefined) return unusable('journal entry without MESSAGE', entry);
  const type = decimal(auditType);
  const serial = decimal(auditId);
  const us = decimal(entry.sourceRealtimeUs);
  if (type === undefined || serial === undefined || us === undefined || serial > 0xffff_ffff) {
    return unusable('journal entry without a usable _AUDIT_TYPE, _AUDIT_ID or _SOURCE_REALTIME_TIMESTAMP', entry);
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

/** Without an audit daemon the kernel also prints its records: `audit: type=1423 audit(…): …`. */
function interpretKernel(entry: JournalEntry): JournalContent {
  const { message } = entry;
  if (message === undefined) return OTHER;
  if (message.startsWith('audit: type=')) return { kind: 'line', line: message, origin: originOf(entry) };
  return kernelNotice(message) === undefined ? OTHER : { kind: 'notice', line: message, origin: originOf(entry) };
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && DECIMAL.test(text) ? Number(text) : undefined;
}

/** With what tells the entry from others of its kind. */
function unusable(reason: string, entry: JournalEntry): JournalContent {
  const { auditType = '', auditId = '', sourceRealtimeUs = '', message = '' } = entry;
  const head = `_AUDIT_TYPE=${auditType} _AUDIT_ID=${auditId} _SOURCE_REALTIME_TIMESTAMP=${sourceRealtimeUs} `;
  return { kind: 'malformed', reason, text: `${head}MESSAGE=${message}`.slice(0, malformedTextMax) };
}

function originOf({ bootId, machineId, hostname }: JournalEntry): JournalOrigin | undefined {
  if (bootId === undefined || !/^[0-9a-f]{32}$/.test(bootId)) return undefined;
  return { bootId: bootId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), machineId, hostname };
}
