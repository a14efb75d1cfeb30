// Joins records to events by (node, seconds, millis, serial) in any interleaving (records of different
// events mix on the socket; a system call's records share one stamp). Time is the records' own, so that a file and
// a socket give the same. It does not know what the records mean: which types carry an index, and which records
// stand alone beside the obvious ones, is told to it.
import { type Done, DoneKeys, hasSignature, signatureOf } from './done-keys.ts';
import type { AuditEvent, AuditRecord, Completion } from './record.ts';
import { EOE, KERNEL, PROCTITLE } from './record-types.ts';

/** Events in flight, unless the options say otherwise; the oldest is let go (`evicted`) beyond it. */
export const inFlightDefault = 4096;
/** Records of one event; a longer one is let go (`evicted`), what follows counts as late. */
export const eventRecordsMax = 1024;
/** Characters in flight; the oldest events are let go (`evicted`) beyond it. */
export const inFlightCharactersMax = 32 * 1024 * 1024;
/** An event is complete (`window`) when the records' time has moved on by this much since its last record… */
export const windowMs = 2000;
/** …or when this many other records came. */
export const windowRecords = 16_384;
/** An event is complete (`idle`) when this many sweeps in a row saw no record of it. */
export const idleSweeps = 4;

/** How far the records' time moves before stale events are looked for, in milliseconds. */
const windowStepMs = 250;

export interface ReassemblerOptions {
  /** `eoe`: the source delivers EOE records. `proctitle`: it does not (auditd's log); EOE completes there too. */
  readonly completesOn: 'eoe' | 'proctitle';
  readonly inFlightMax?: number;
  /** Types whose records are numbered within their event, and worth an event of their own when they come late. */
  isIndexed(type: number): boolean;
  /** Records that always are an event of their own, beside messages of user space and of auditd. */
  isLone(record: AuditRecord): boolean;
  onEvent(event: AuditEvent): void;
  /** The first record of an event, before anything else is done with it. */
  onOpen?(record: AuditRecord): void;
}

/** What did not become part of an event. */
export interface ReassemblerCounts {
  /** Records of an event that was complete already. Indexed ones still become events of their own. */
  late: number;
  /** Late records that are word for word in the complete event: the input was read twice. */
  repeated: number;
  /** Events let go because of a bound. */
  evicted: number;
}

interface InFlight {
  readonly node: string;
  readonly seconds: number;
  readonly millis: number;
  readonly serial: number;
  readonly records: AuditRecord[];
  readonly indexBase: number;
  characters: number;
  touchedMs: number;
  touchedRecord: number;
  touchedSweep: number;
  /** Another event in flight with the same serial. */
  next: InFlight | undefined;
}

type Key = Pick<AuditRecord, 'node' | 'seconds' | 'millis' | 'serial'>;

function isSameKey(a: Key, b: Key): boolean {
  return a.serial === b.serial && a.millis === b.millis && a.seconds === b.seconds && a.node === b.node;
}

/** Messages of user space (1100–1199, 2100–2999), of auditd (1200–1299) and the first of a boot (2000). */
function isAlwaysLone(type: number): boolean {
  return (type >= 1100 && type < 1300) || type === KERNEL || (type >= 2100 && type < 3000);
}

export class Reassembler {
  readonly counts: ReassemblerCounts = { late: 0, repeated: 0, evicted: 0 };
  readonly #options: ReassemblerOptions;
  readonly #inFlightMax: number;
  readonly #bySerial = new Map<number, InFlight>();
  readonly #done = new DoneKeys();
  /** The event that began last. It is not among the others yet: most events end before the next one begins. */
  #current: InFlight | undefined;
  #size = 0;
  #characters = 0;
  #clockMs = 0;
  #checkedMs = 0;
  #checkedRecord = 0;
  #records = 0;
  #sweeps = 0;

  constructor(options: ReassemblerOptions) {
    this.#options = options;
    this.#inFlightMax = options.inFlightMax ?? inFlightDefault;
  }

  /** Events in flight now. */
  get size(): number {
    return this.#size;
  }

  push(record: AuditRecord): void {
    this.#records++;
    const timeMs = record.seconds * 1000 + record.millis;
    if (timeMs > this.#clockMs) this.#clockMs = timeMs;
    const open = this.#find(record);
    if (open !== undefined) this.#append(open, record);
    else this.#start(record);
    this.#advance();
  }

  /**
   * For an event that its source has whole: what `push` does with its `count` records up to the last one. `first` is
   * the first of them. False, and nothing has happened, where the records must be pushed. Then {@link endWhole}.
   */
  beginWhole(first: AuditRecord, count: number): boolean {
    if (this.#size >= this.#inFlightMax || this.#characters >= inFlightCharactersMax / 2) return false;
    if (this.#find(first) !== undefined || this.#done.find(first) !== undefined) return false;
    const timeMs = first.seconds * 1000 + first.millis;
    this.#records++;
    if (timeMs > this.#clockMs) this.#clockMs = timeMs;
    this.#options.onOpen?.(first);
    for (let more = 1; more < count; more++) {
      this.#advance();
      this.#records++;
    }
    return true;
  }

  /** The event of {@link beginWhole} is complete. `signatures`: of its indexed records (done-keys.ts). */
  endWhole(key: Key, signatures: Int32Array, indexed: number): void {
    this.#done.addSignatures(key, signatures, indexed);
    this.#advance();
  }

  /** For live sources, at a steady pace: completes what has been idle for {@link idleSweeps} sweeps. */
  sweep(): void {
    this.#sweeps++;
    this.#completeWhere((open) => this.#sweeps - open.touchedSweep >= idleSweeps, 'idle');
  }

  /** Completes everything, or everything of one node: the input has ended, or a boot of the node begins. */
  end(completion: Completion = 'end', node?: string): void {
    this.#completeWhere((open) => node === undefined || open.node === node, completion);
  }

  /** Replaces the texts of records in flight, so that they need not keep a larger text alive. */
  detach(copy: (record: AuditRecord) => AuditRecord): void {
    for (const { records } of this.#all()) {
      for (const [at, record] of records.entries()) records[at] = copy(record);
    }
  }

  #find(record: AuditRecord): InFlight | undefined {
    const current = this.#current;
    if (current !== undefined && isSameKey(current, record)) return current;
    if (this.#bySerial.size === 0) return undefined;
    let open = this.#bySerial.get(record.serial);
    while (open !== undefined && !isSameKey(open, record)) open = open.next;
    return open;
  }

  #start(record: AuditRecord): void {
    const { type } = record;
    const isLone = isAlwaysLone(type) || this.#options.isLone(record);
    const done = this.#done.find(record);
    if (done !== undefined && !this.#takeLate(record, done)) return;
    if (done === undefined) this.#options.onOpen?.(record);
    const indexBase = done?.indexed ?? 0;
    if (isLone) {
      this.#done.add(record, [record], this.#options.isIndexed);
      this.#emit(record, [record], done === undefined ? 'lone' : 'late', indexBase);
      return;
    }
    const open: InFlight = {
      node: record.node,
      seconds: record.seconds,
      millis: record.millis,
      serial: record.serial,
      records: [record],
      indexBase,
      characters: record.text.length,
      touchedMs: this.#clockMs,
      touchedRecord: this.#records,
      touchedSweep: this.#sweeps,
      next: undefined,
    };
    this.#park();
    this.#current = open;
    this.#size++;
    this.#characters += open.characters;
    if (type === EOE) this.#complete(open, 'eoe');
    else this.#evict();
  }

  /** Whether a record of a complete event becomes an event of its own. */
  #takeLate(record: AuditRecord, done: Done): boolean {
    if (record.type === EOE) return false;
    if (hasSignature(done, signatureOf(record))) {
      this.counts.repeated++;
      return false;
    }
    this.counts.late++;
    return this.#options.isIndexed(record.type);
  }

  #append(open: InFlight, record: AuditRecord): void {
    open.records.push(record);
    open.characters += record.text.length;
    this.#characters += record.text.length;
    open.touchedMs = this.#clockMs;
    open.touchedRecord = this.#records;
    open.touchedSweep = this.#sweeps;
    if (record.type === EOE) this.#complete(open, 'eoe');
    else if (record.type === PROCTITLE && this.#options.completesOn === 'proctitle') this.#complete(open, 'proctitle');
    else if (open.records.length >= eventRecordsMax) this.#complete(open, 'evicted');
    else if (this.#characters > inFlightCharactersMax) this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#inFlightMax || (this.#characters > inFlightCharactersMax && this.#size > 0)) {
      let oldest = this.#bySerial.values().next().value ?? this.#current;
      if (oldest === undefined) return;
      while (oldest.next !== undefined) oldest = oldest.next;
      this.#complete(oldest, 'evicted');
    }
  }

  #advance(): void {
    const isTime = this.#clockMs - this.#checkedMs >= windowStepMs;
    if (!isTime && this.#records - this.#checkedRecord < windowRecords / 8) return;
    this.#checkedMs = this.#clockMs;
    this.#checkedRecord = this.#records;
    if (this.#size === 0) return;
    this.#completeWhere(
      (open) => this.#clockMs - open.touchedMs >= windowMs || this.#records - open.touchedRecord >= windowRecords,
      'window',
    );
  }

  #completeWhere(isComplete: (open: InFlight) => boolean, completion: Completion): void {
    for (const open of this.#all()) if (isComplete(open)) this.#complete(open, completion);
  }

  /** Everything in flight, in the order in which it began (but for events of one serial). */
  #all(): InFlight[] {
    const all: InFlight[] = [];
    for (const head of this.#bySerial.values()) {
      for (let open: InFlight | undefined = head; open !== undefined; open = open.next) all.push(open);
    }
    if (this.#current !== undefined) all.push(this.#current);
    return all;
  }

  /** Puts the current event among the others. */
  #park(): void {
    const current = this.#current;
    if (current === undefined) return;
    current.next = this.#bySerial.get(current.serial);
    this.#bySerial.set(current.serial, current);
    this.#current = undefined;
  }

  #complete(open: InFlight, completion: Completion): void {
    this.#remove(open);
    if (completion === 'evicted') this.counts.evicted++;
    this.#done.add(open, open.records, this.#options.isIndexed);
    this.#emit(open, open.records, open.indexBase > 0 ? 'late' : completion, open.indexBase);
  }

  #remove(open: InFlight): void {
    this.#size--;
    this.#characters -= open.characters;
    if (this.#current === open) {
      this.#current = undefined;
      return;
    }
    const serial = open.serial;
    const head = this.#bySerial.get(serial);
    if (head === open) {
      if (open.next === undefined) this.#bySerial.delete(serial);
      else this.#bySerial.set(serial, open.next);
    } else {
      let before = head;
      while (before !== undefined && before.next !== open) before = before.next;
      if (before !== undefined) before.next = open.next;
    }
  }

  #emit(key: Key, records: readonly AuditRecord[], completion: Completion, indexBase: number): void {
    const { node, seconds, millis, serial } = key;
    const event = { node, seconds, millis, serial, records, completion };
    this.#options.onEvent(indexBase === 0 ? event : { ...event, indexBase });
  }
}
