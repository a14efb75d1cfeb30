// From one event's records to documents: what Landlock denied, to whom, and what became of its domains. Pure: time
// and identity come from the records and the context. Events without a Landlock record give nothing.
import { readFields } from '../audit/fields.ts';
import type { AuditEvent, AuditRecord } from '../audit/record.ts';
import { stampText, toLine } from '../audit/record-line.ts';
import { LANDLOCK_ACCESS, LANDLOCK_DOMAIN } from '../audit/record-types.ts';
import { type ActorFacts, readActor } from './actor.ts';
import { readDenial } from './denial.ts';
import type { Document, EventFields, HostFields, Tag } from './document.ts';
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

/** What all documents of one event share. */
export interface DocumentBase {
  readonly '@timestamp': string;
  readonly event: EventFields;
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
}

/** Documents in the order of their records; empty for an event that is not Landlock's. */
export interface Interpreted {
  readonly documents: readonly Document[];
}

const NOTHING: Interpreted = { documents: [] };

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
  const found: AuditRecord[] = [];
  let isAfterOthers = false;
  for (const record of records) {
    if (!isLandlockType(record.type)) {
      if (found.length === 0) isAfterOthers = true;
    } else {
      found.push(record);
    }
  }
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

function documentOf(record: AuditRecord, base: DocumentBase, actor: () => ActorFacts): Document {
  const fields = readFields(record.text);
  if (fields === undefined) return malformedDocument(record, base, 'a quoted value does not end');
  const read = record.type === LANDLOCK_ACCESS ? readDenial(fields, base, actor()) : readDomain(fields, base);
  return typeof read === 'string' ? malformedDocument(record, base, read) : read;
}

function malformedDocument(record: AuditRecord, base: DocumentBase, reason: string): Document {
  const { '@timestamp': time, event, host } = base;
  const document: Document = {
    kind: 'malformed',
    '@timestamp': time,
    event: { id: event.id },
    host,
    reason,
    text: toLine(record).slice(0, 4096),
  };
  return base.tags === undefined ? document : { ...document, tags: base.tags };
}

/** The documents of one event: one for each of its LANDLOCK_ACCESS and LANDLOCK_DOMAIN records. */
export function interpretEvent(event: AuditEvent, context: InterpretContext): Interpreted {
  const records = landlockRecords(event.records);
  if (records.length === 0) return NOTHING;
  const { host, tags, distrust } = context;
  const timestamp = timestampText(event.seconds, event.millis);
  const stamp = stampText(event.seconds, event.millis);
  let facts: ActorFacts | undefined;
  const actor = (): ActorFacts => {
    facts ??= readActor(event.records);
    return facts;
  };
  const documents: Document[] = [];
  let index = event.indexBase ?? 0;
  for (const record of records) {
    const id = eventId(host.id, host.boot.id, stamp, event.serial, index++);
    const shared = { '@timestamp': timestamp, event: { id, sequence: event.serial }, host };
    const base: DocumentBase = tags === undefined ? shared : { ...shared, tags };
    documents.push(
      distrust === undefined ? documentOf(record, base, actor) : malformedDocument(record, base, distrust),
    );
  }
  return { documents };
}
