// The decoder: lines or messages in, documents out. Composes parse, reassemble and interpret; pure, and without a
// clock. Every record ends as a document, in a count, or in an event that is not Landlock's.
import { CUT_BY_AUDITD_REASON } from '../audit/malformed.ts';
import { ownString } from '../audit/own-string.ts';
import { parseSpan } from '../audit/parse-line.ts';
import { parseRecord } from '../audit/parse-record.ts';
import { Reassembler, type ReassemblerCounts } from '../audit/reassembler.ts';
import type { AuditEvent, AuditRecord, MalformedRecord, ParsedRecord, Place } from '../audit/record.ts';
import { toLine } from '../audit/record-line.ts';
import { DAEMON_START, KERNEL, LANDLOCK_DOMAIN } from '../audit/record-types.ts';
import { type SerialGap, SerialGaps, type Watched } from '../audit/serial-gaps.ts';
import { DistinctDomains } from './distinct-domains.ts';
import type { Document, Gap, GapCause, HostFields, Malformed, SandboxCall, Tag } from './document.ts';
import { idOfText } from './event-id.ts';
import { interpretEvent, isLandlockType } from './interpret-event.ts';
import { LossTally, type LostByCause } from './loss-tally.ts';
import { Notices } from './notices.ts';
import { readSandboxCall } from './sandbox-call.ts';
import { timestampText } from './timestamp.ts';
import { tornRecords } from './torn-event.ts';

/** Why records from here on belong to another boot, or to another run of auditd. */
export type BootCause = 'kernel-record' | 'daemon-start' | 'serial-restart';

export interface DecoderOptions {
  /**
   * The host and boot behind `node=` (empty where there is none) at a time. Called for each event; give the same
   * object for the same boot.
   */
  hostFor(node: string, timestampMs: number): HostFields;
  readonly tags?: readonly Tag[];
  /** See Reassembler: whether the source delivers EOE records. */
  readonly completesOn: 'eoe' | 'proctitle';
  readonly inFlightMax?: number;
  /** Whether missing serials are reported. True unless said otherwise; a filtered source must say so. */
  readonly serialGaps?: boolean;
  /** See SerialGapsOptions. */
  readonly watched?: Watched | undefined;
  /** An event without a node is complete; called before its documents are out. */
  onEvent?(serial: number, timestampMs: number): void;
  /** Whether `raw` is made for documents. True unless said otherwise. */
  readonly raw?: boolean;
  /** `raw`: all records of the event, one line each; with the first document of an event only. */
  onDocument(doc: Document, raw: string | undefined): void;
  /** Takes the events of audit rules on Landlock's system calls that carry `key`; without it they are other people's. */
  readonly sandbox?: {
    readonly key: string;
    onCall(doc: SandboxCall, raw: string | undefined): void;
  };
  /** Records from here on are of a new boot (before any of them is turned into a document). */
  onBoot?(node: string, timestampMs: number, cause: BootCause): void;
}

/** How much came in and what became of it. */
export interface DecoderCounts {
  records: number;
  events: number;
  denials: number;
  /** Distinct domains named by any document (after 65,536 of them the count forgets which). */
  domains: number;
  malformed: number;
  /** Records that are known to be missing at least: causes that may see the same loss are not added. */
  lost: number;
}

/** See {@link Decoder.passWhole}. One object may be used for all. */
export interface WholeEvent {
  /** Its first record; the text is not looked at. */
  readonly first: AuditRecord;
  readonly records: number;
  readonly denials: number;
  /** Of the records that are numbered within the event, and how many they are. */
  readonly signatures: Int32Array;
  readonly indexed: number;
}

export class Decoder {
  readonly counts: DecoderCounts = { records: 0, events: 0, denials: 0, domains: 0, malformed: 0, lost: 0 };
  readonly #options: DecoderOptions;
  readonly #reassembler: Reassembler;
  readonly #gaps: SerialGaps | undefined;
  readonly #domains = new DistinctDomains();
  readonly #notices = new Notices(({ cause, node, count, line }) =>
    this.#gap(cause, node, this.#timeMs, { count }, line),
  );
  readonly #losses = new LossTally();
  #isSelection = false;
  readonly #makesRaw: boolean;
  #timeMs = 0;
  #isCut = false;
  #mayBeCut = false;
  #gapsSeen = 0;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#makesRaw = options.raw ?? true;
    this.#reassembler = new Reassembler({
      completesOn: options.completesOn,
      ...(options.inFlightMax === undefined ? {} : { inFlightMax: options.inFlightMax }),
      isIndexed: isLandlockType,
      isLone: isDeallocation,
      onEvent: (event) => this.#interpret(event),
      onOpen: (record) => this.#gaps?.see(record),
    });
    if (options.serialGaps ?? true) {
      this.#gaps = new SerialGaps({
        watched: options.watched,
        onGap: (gap) => this.#serialGap(gap),
        onRestart: (record) => this.#boot(record, 'serial-restart'),
      });
    }
  }

  /** What the reassembler could not join. */
  get reassembly(): Readonly<ReassemblerCounts> {
    return this.#reassembler.counts;
  }

  /** Each cause in its own unit. Their sum says nothing: see `counts.lost`. */
  get lostByCause(): LostByCause {
    return this.#losses.byCause;
  }

  /** The input turned out to be a selection of events: from here on missing serials mean nothing. */
  ignoreSerialGaps(): void {
    this.#isSelection = true;
  }

  /** One message: `type` from the header, `payload` as latin1. */
  pushRecord(type: number, payload: string, node?: string): void {
    this.#push(parseRecord(type, payload, node));
  }

  /** What the source parsed itself. The node may be a name of the source's own for one host and boot. */
  pushParsed(parsed: ParsedRecord): void {
    this.#goOn();
    this.#push(parsed);
  }

  /** One line (latin1) of any known form. */
  pushLine(line: string, place?: Place): void {
    this.#goOn();
    const parsed = parseSpan(line, 0, line.length, () => place);
    if (parsed !== null) this.#push(parsed);
    else this.pushNotice(line);
  }

  /** A line (latin1) of the kernel's log that is no record. `node`: as for `pushParsed`. */
  pushNotice(line: string, node = ''): void {
    this.#notices.push(line, node, this.counts.records > 0);
  }

  /** Whole lines (latin1), each but the last ended by a line feed. `place` is that of the first. */
  pushChunkLines(text: string, place?: Place): void {
    let start = 0;
    let lines = 0;
    const first = place?.line;
    const placeOf = (): Place | undefined => (first === undefined ? place : { ...place, line: first + lines });
    while (start < text.length) {
      const next = text.indexOf('\n', start);
      const end = next === -1 ? text.length : next;
      this.#pushSpan(text, start, end, placeOf);
      lines++;
      start = end + 1;
    }
    // What is still in flight must not keep the whole chunk alive.
    this.#reassembler.detach(ownRecord);
  }

  /**
   * For an event of Landlock's that its source has whole and turns into documents itself (stencil/): counts it, as if
   * its records had been pushed. Answers its host, or undefined, and nothing has happened, where they must be. When
   * its documents are out, {@link endWhole} follows.
   */
  passWhole(event: WholeEvent): HostFields | undefined {
    if (this.#isCut || this.#mayBeCut || this.#notices.areWaiting) return undefined;
    if (!this.#reassembler.beginWhole(event.first, event.records)) return undefined;
    const { first, records } = event;
    const timeMs = first.seconds * 1000 + first.millis;
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
    this.counts.records += records;
    this.counts.events++;
    this.counts.denials += event.denials;
    return this.#options.hostFor(first.node, timeMs);
  }

  /** The documents of the event of {@link passWhole} are out. */
  endWhole(event: WholeEvent): void {
    this.#reassembler.endWhole(event.first, event.signatures, event.indexed);
  }

  /** Counts a domain that a document of {@link passWhole} names. */
  seeDomain(host: HostFields, id: string): void {
    this.#domains.see(host.boot.id, id);
    this.counts.domains = this.#domains.count;
  }

  /** What the source itself found to be no record. */
  pushMalformed(malformed: MalformedRecord): void {
    this.counts.malformed++;
    if (malformed.reason === CUT_BY_AUDITD_REASON) this.#mayBeCut = true;
    const host = this.#options.hostFor('', this.#timeMs);
    const { reason, text, place } = malformed;
    const where = place === undefined ? '' : `${place.file ?? ''}\0${place.line ?? ''}\0${place.byte ?? ''}`;
    const id = idOfText(`${host.id}\0${host.boot.id}\0malformed\0${where}\0${text}`);
    const document: Malformed = {
      kind: 'malformed',
      event: { id },
      host,
      ...this.#tags(),
      reason,
      text,
      ...(place === undefined ? {} : { place }),
    };
    this.#options.onDocument(document, undefined);
  }

  /** For live sources, each 250 ms or so: completes what has been idle, and reports gaps that stayed. */
  sweep(): void {
    this.#reassembler.sweep();
    this.#gaps?.sweep();
  }

  /** The input has ended: everything in flight is completed. More may be pushed afterwards. */
  end(): void {
    this.#notices.takeEarly();
    this.#reassembler.end();
    this.#gaps?.end();
  }

  /** A cut line that is not the input's last means that every line is cut. */
  #goOn(): void {
    if (!this.#mayBeCut) return;
    this.#isCut = true;
    this.#mayBeCut = false;
  }

  #pushSpan(text: string, start: number, end: number, placeOf: () => Place | undefined): void {
    if (this.#mayBeCut) {
      this.#isCut = true;
      this.#mayBeCut = false;
    }
    const parsed = parseSpan(text, start, end, placeOf);
    if (parsed !== null) this.#push(parsed);
    else this.pushNotice(text.slice(start, end));
  }

  #push(parsed: ParsedRecord): void {
    if (parsed.kind === 'malformed') {
      this.pushMalformed(parsed);
      return;
    }
    this.counts.records++;
    const timeMs = parsed.seconds * 1000 + parsed.millis;
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
    if (this.#notices.areWaiting) this.#notices.takeEarly();
    if (parsed.type === KERNEL) this.#boot(parsed, 'kernel-record');
    else if (parsed.type === DAEMON_START) this.#boot(parsed, 'daemon-start');
    this.#reassembler.push(parsed);
  }

  #boot(record: AuditRecord, cause: BootCause): void {
    this.#reassembler.end('window', record.node);
    this.#gaps?.restart(record.node);
    if (cause !== 'daemon-start') this.#notices.restart(record.node);
    this.#options.onBoot?.(record.node, record.seconds * 1000 + record.millis, cause);
  }

  #interpret(event: AuditEvent): void {
    this.counts.events++;
    const timeMs = event.seconds * 1000 + event.millis;
    if (event.node === '') this.#options.onEvent?.(event.serial, timeMs);
    const host = this.#options.hostFor(event.node, timeMs);
    const distrust = this.#isCut || this.#mayBeCut ? CUT_BY_AUDITD_REASON : undefined;
    const { documents } = interpretEvent(event, { host, tags: this.#options.tags, distrust });
    if (documents.length > 0) {
      let raw = this.#makesRaw ? event.records.map(toLine).join('\n') : undefined;
      for (const document of documents) {
        this.#count(document);
        this.#options.onDocument(document, raw);
        raw = undefined;
      }
    } else {
      this.#readCall(event, host);
    }
    if (this.#notices.isThinned || this.#isCut || this.#mayBeCut) return;
    const count = tornRecords(event);
    if (count > 0) this.#gap('torn-event', event.node, timeMs, { first: event.serial, last: event.serial, count }, '');
  }

  #readCall(event: AuditEvent, host: HostFields): void {
    const { sandbox, tags } = this.#options;
    const call = sandbox && readSandboxCall(event, { host, tags, key: sandbox.key });
    if (call !== undefined) sandbox?.onCall(call, this.#makesRaw ? event.records.map(toLine).join('\n') : undefined);
  }

  #count(document: Document): void {
    if (document.kind === 'malformed') this.counts.malformed++;
    if (document.kind === 'denial') this.counts.denials++;
    if (document.kind === 'malformed' || document.kind === 'gap') return;
    this.#domains.see(document.host.boot.id, document.landlock.domain.id);
    this.counts.domains = this.#domains.count;
  }

  #serialGap(gap: SerialGap): void {
    if (this.#isSelection) return;
    const { node, first, last, count, timeMs, unwatchedSinceMs: sinceMs } = gap;
    const span = { first, last, count };
    if (sinceMs === undefined) this.#gap('serial-gap', node, timeMs, span, '');
    else this.#gap('not-watched', node, timeMs, { ...span, since: toTimestamp(sinceMs) }, '');
  }

  #gap(
    cause: GapCause,
    node: string,
    timeMs: number,
    span: Pick<Gap, 'first' | 'last' | 'count' | 'since'>,
    text: string,
  ): void {
    const host = this.#options.hostFor(node, timeMs);
    this.#losses.add(`${host.id}\0${host.boot.id}`, cause, span.count);
    this.counts.lost = this.#losses.atLeast;
    const what = span.first === undefined ? `${this.#gapsSeen++}\0${text}` : `${span.first}\0${span.last ?? ''}`;
    const id = idOfText(`${host.id}\0${host.boot.id}\0${cause}\0${timeMs}\0${what}`);
    const head = { kind: 'gap' as const, '@timestamp': toTimestamp(timeMs), event: { id }, host };
    const document: Gap = { ...head, ...this.#tags(), ...span, cause };
    this.#options.onDocument(document, undefined);
  }

  #tags(): { readonly tags?: readonly Tag[] } {
    return this.#options.tags === undefined ? {} : { tags: this.#options.tags };
  }
}

function toTimestamp(timeMs: number): string {
  return timestampText(Math.floor(timeMs / 1000), timeMs % 1000);
}

function ownRecord(record: AuditRecord): AuditRecord {
  return { ...record, node: ownString(record.node), text: ownString(record.text) };
}

function isDeallocation(record: AuditRecord): boolean {
  return record.type === LANDLOCK_DOMAIN && record.text.includes(' status=deallocated ');
}
