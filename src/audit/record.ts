// The shapes that the audit text format has in this program. A record is one message of the kernel's audit
// subsystem; an event is all records with one node, time stamp and serial. Nothing here knows of Landlock.

/** One audit record. Grammar: `audit(SECONDS.MMM:SERIAL): TEXT` (kernel/audit.c, audit_log_start). */
export interface AuditRecord {
  readonly kind: 'record';
  /** From the netlink header or the line's `type=`, never from the text (include/uapi/linux/audit.h). */
  readonly type: number;
  /** `node=` of a log line; empty where there is none. */
  readonly node: string;
  readonly seconds: number;
  readonly millis: number;
  /** u32; one counter for the whole machine, starts at 1 each boot, wraps. */
  readonly serial: number;
  /** The body after the prefix, as latin1 (the kernel writes ASCII; every other byte is kept one to one). */
  readonly text: string;
}

/** Where a piece of input stood, for messages to people. `line` and `byte` count from 1 and 0. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly byte?: number;
}

/** Input that is no audit record. It is data: counted, kept and shown. */
export interface MalformedRecord {
  readonly kind: 'malformed';
  /** One short sentence for people. */
  readonly reason: string;
  /** The input as latin1, cut at 4096 characters. */
  readonly text: string;
  readonly place?: Place;
}

export type ParsedRecord = AuditRecord | MalformedRecord;

/** Why the reassembler let an event go. `idle`, `window` and `evicted` mean that records may be missing. */
export type Completion =
  | 'eoe' // its EOE record came
  | 'proctitle' // PROCTITLE, where the source delivers no EOE (audit.log on disk)
  | 'lone' // a record that is always alone (a domain's deallocation)
  | 'window' // later records have moved past it
  | 'idle' // nothing more came for it
  | 'evicted' // too many events in flight
  | 'late' // its records came after the event was complete
  | 'end'; // end of the input

/** All records of one (node, seconds, millis, serial), in order of arrival. */
export interface AuditEvent {
  readonly node: string;
  readonly seconds: number;
  readonly millis: number;
  readonly serial: number;
  readonly records: readonly AuditRecord[];
  readonly completion: Completion;
  /** How many indexed records (see Reassembler) of this key were complete before; 0 but for late ones. */
  readonly indexBase?: number;
}
