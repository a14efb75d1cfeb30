// From one event's records to documents: what Landlock denied, to whom, and what became of its domains. Pure: time
// and identity come from the records and the context. Events without a Landlock record give nothing.
import { malformedTextMax } from '../audit/malformed.ts';
import type { AuditEvent, AuditRecord } from '../audit/record.ts';
import { stampText, toLine } from '../audit/record-line.ts';
import { LANDLOCK_ACCESS, LANDLOCK_DOMAIN } from '../audit/record-types.ts';
import { type Actor, readActor } from './actor.ts';
import { readDenial } from './denial.ts';
import type { Document, HostFields, Malformed, Tag } from './document.ts';
import type { DocumentBase } from './document-base.ts';
import { readDomain } from './domain-document.ts';
import { eventId } from './event-id.ts';
import { timestampText } from './timestamp.ts';

/** What is known of the place that the event comes from. */
export interface InterpretContext {
  readonly host: HostFields;
  readonly tags?: readonly Tag[] | undefined;
  /** Where given, the event's Landlock records cannot be trusted, and become malformed documents with this reason. */
  readonly distrust?: string | undefined;
}

/** Documents in the order of their records; empty for an event that is not Landlock's. */
export interface Interpreted {
  readonly documents: readonly Document[];
}

const NOTHING: Interpreted = { documents: [] };
const NO_RECORDS: readonly AuditRecord[] = [];

/** Whether a record is numbered within its event for {@link eventId}. */
export function isLandlockType(type: number): boolean {
  return type === LANDLOCK_ACCESS || type === LANDLOCK_DOMAIN;
}

const DOMAIN_ID = /^domain=([0-9a-f]{1,16}) /;

/**
 * The event's Landlock records in the kernel's order. ausearch prints an event backwards; the kernel writes an
 * access before its domain's allocation, and both before SYSCALL and PROCTITLE.
 */
function landlockRecords(records: readonly AuditRecord[]): readonly AuditRecord[] {
  let found: AuditRecord[] | undefined;
  let isAfterOthers = false;
  for (const record of records) {
    if (record.type !== LANDLOCK_ACCESS && record.type !== LANDLOCK_DOMAIN) {
      if (found === undefined) isAfterOthers = true;
    } else if (found === undefined) {
      found = [record];
    } else {
      found.push(record);
    }
  }
  if (found === undefined) return NO_RECORDS;
  if (found.length < 2) return found;
  return isBackwards(found, isAfterOthers) ? found.reverse() : found;
}

function isBackwards(found: readonly AuditRecord[], isAfterOthers: boolean): boolean {
  const denied = new Set<string>();
  const allocated = new Set<string>();
  for (const record of found) {
    const domain = DOMAIN_ID.exec(record.text)?.[1] ?? '';
    if (record.type === LANDLOCK_DOMAIN) {
      if (denied.has(domain)) return false;
      allocated.add(domain);
    } else {
      if (allocated.has(domain)) return true;
      denied.add(domain);
    }
  }
  return isAfterOthers;
}

function malformedDocument(record: AuditRecord, base: DocumentBase, reason: string): Malformed {
  const document: Malformed = {
    kind: 'malformed',
    '@timestamp': base.timestamp,
    event: { id: base.event.id },
    host: base.host,
    reason,
    text: toLine(record).slice(0, malformedTextMax),
  };
  return base.tags === undefined ? document : { ...document, tags: base.tags };
}

/** The documents of one event: one for each of its LANDLOCK_ACCESS and LANDLOCK_DOMAIN records. */
export function interpretEvent(event: AuditEvent, context: InterpretContext): Interpreted {
  const records = landlockRecords(event.records);
  if (records.length === 0) return NOTHING;
  const { host, tags, distrust } = context;
  const { seconds, millis, serial } = event;
  const timestamp = timestampText(seconds, millis);
  const stamp = stampText(seconds, millis);
  const documents: Document[] = [];
  let actor: Actor | undefined;
  let index = event.indexBase ?? 0;
  for (const record of records) {
    const id = eventId(host.id, host.boot.id, stamp, serial, index++);
    const base: DocumentBase = { timestamp, event: { id, sequence: serial }, host, tags };
    let read: Document | string;
    if (distrust !== undefined) read = distrust;
    else if (record.type === LANDLOCK_DOMAIN) read = readDomain(record.text, base);
    else {
      actor ??= readActor(event.records);
      read = readDenial(record.text, base, actor);
    }
    documents.push(typeof read === 'string' ? malformedDocument(record, base, read) : read);
  }
  return { documents };
}
