// The short way from a log's bytes to documents, or to their JSON: for events that come whole, in lines that follow each other, and are like
// others before. Everything else goes the ordinary way (decoder.ts), and so do the first events of each kind.
import { signatureOfBytes } from '../../audit/done-keys.ts';
import type { AuditRecord } from '../../audit/record.ts';
import { LANDLOCK_ACCESS } from '../../audit/record-types.ts';
import type { Decoder } from '../decoder.ts';
import type { Document, HostFields, Tag } from '../document.ts';
import { EventIds } from '../event-id-bytes.ts';
import { latin1Text, TextTable } from './bytes-text.ts';
import { EventRecords } from './event-records.ts';
import { EventScan, landlockMax } from './event-scan.ts';
import { KnownEvents } from './known-events.ts';
import { RecentDomains } from './recent-domains.ts';
import { makeStencil, type Stencil } from './stencil.ts';
import { type DocumentPlan, type EventValues, fillDocument } from './stencil-documents.ts';
import { type ByteSink, JsonFiller } from './stencil-json.ts';
import { StencilTable } from './stencil-table.ts';

export interface DocumentSink {
  /** Whether the records' text is wanted. */
  readonly isRawWanted: boolean;
  onDocument(doc: Document, raw: string | undefined): void;
  /**
   * Takes the document of this number in the event before it is made, if it can. The event's values hold until it
   * returns; the records' text belongs to number 0.
   */
  takePlanned?(plan: DocumentPlan, event: EventValues, document: number): boolean;
}

export interface DirectEventsOptions {
  readonly decoder: Decoder;
  /** Where the documents go: as lines of JSON, or one by one with the event's records as text at the first. */
  readonly output: { readonly json: ByteSink } | DocumentSink;
  readonly tags?: readonly Tag[] | undefined;
  /** What the decoder is to call the node of a record without `node=`; called once for each event. */
  nodeOf(record: AuditRecord): string;
}

/** Whatever has a line that is too long for the ordinary way is longer than this. */
const eventBytesMax = 64 * 1024;

/** One object for one input; see {@link take}. */
export class DirectEvents {
  readonly #options: DirectEventsOptions;
  readonly #scan = new EventScan();
  #isCut = false;
  readonly #known = new KnownEvents();
  readonly #stencils: StencilTable;
  #host: HostFields | undefined;
  #ids = new EventIds('', '');
  readonly #json: JsonFiller | undefined;
  readonly #recent = new RecentDomains();
  /** Only where documents are wanted: it is large. */
  #values: EventValues | undefined;
  readonly #event = {
    first: { kind: 'record' as const, type: LANDLOCK_ACCESS, node: '', seconds: 0, millis: 0, serial: 0, text: '' },
    records: 0,
    denials: 0,
    signatures: new Int32Array(landlockMax),
    indexed: 0,
  };

  constructor(options: DirectEventsOptions) {
    this.#options = options;
    const { output } = options;
    if ('json' in output) this.#json = new JsonFiller(output.json, this.#ids);
    const forAll = { tags: options.tags, isPlanned: this.#json === undefined };
    this.#stencils = new StencilTable((scan) => makeStencil(scan, forAll));
  }

  /** The bytes that `take` looks at, up to `end`, with NULs behind ({@link slackBytes}); to be told when they change. */
  load(bytes: Uint8Array, end: number): void {
    this.#scan.load(bytes, end);
  }

  /** Whether `take` may take the line that starts at `start`; false for most that it cannot. */
  mayTake(start: number): boolean {
    return this.#scan.mayStart(start);
  }

  /** Whether `take` failed last only because the bytes end. */
  isCut(): boolean {
    return this.#isCut;
  }

  /** Lines of the event that was taken last. */
  get lines(): number {
    return this.#scan.records;
  }

  /** Takes the event whose first line starts at `start`: answers where it ends, or -1 and nothing has happened. */
  take(start: number): number {
    const scan = this.#scan;
    this.#isCut = false;
    const stencil = this.#known.match(scan, start) ?? this.#scanned(start);
    if (stencil === undefined || scan.end - start > eventBytesMax) return -1;
    const host = this.#pass(stencil);
    if (host === undefined) return -1;
    if (host !== this.#host) this.#setHost(host);
    for (const hole of stencil.domains) this.#see(host, hole);
    const { output, decoder } = this.#options;
    if (!('json' in output)) this.#documents(stencil, host, output);
    else this.#json?.write(stencil, scan);
    decoder.endWhole(this.#event);
    return scan.end;
  }

  #scanned(start: number): Stencil | undefined {
    const scan = this.#scan;
    // A line that is not all here would not scan either.
    this.#isCut = scan.isLineCut(scan.reached);
    if (this.#isCut) return undefined;
    if (!scan.scan(start)) {
      this.#isCut = scan.isCut;
      return undefined;
    }
    const stencil = this.#stencils.find(scan);
    if (stencil !== undefined) this.#known.add(scan, stencil);
    return stencil;
  }

  #documents(stencil: Stencil, host: HostFields, output: DocumentSink): void {
    this.#values ??= {
      scan: this.#scan,
      host,
      texts: new TextTable(),
      records: new EventRecords(this.#scan),
      idOf: (document) => this.#ids.text(this.#scan, document),
      idKeyOf: (document) => this.#ids.key(this.#scan, document),
    };
    const values = this.#values;
    values.host = host;
    for (let i = 0; i < stencil.plans.length; i++) {
      const plan = stencil.plans[i];
      if (plan === undefined) break;
      if (output.takePlanned?.(plan, values, i) === true) continue;
      const raw = i === 0 && output.isRawWanted ? values.records.text() : undefined;
      output.onDocument(fillDocument(plan, values), raw);
    }
  }

  #pass(stencil: Stencil): HostFields | undefined {
    const { decoder, nodeOf } = this.#options;
    const scan = this.#scan;
    const { first, signatures } = this.#event;
    first.seconds = scan.seconds;
    first.millis = scan.millis;
    first.serial = scan.serial;
    first.node = '';
    first.node = nodeOf(first);
    for (let i = 0; i < scan.landlock; i++) {
      const start = scan.bodyStarts[i] ?? 0;
      signatures[i] = signatureOfBytes(scan.types[i] ?? 0, scan.bytes, start, scan.bodyEnds[i] ?? 0);
    }
    this.#event.records = scan.records;
    this.#event.indexed = scan.landlock;
    this.#event.denials = stencil.denials;
    return decoder.passWhole(this.#event);
  }

  #see(host: HostFields, hole: number): void {
    const { bytes, segmentEnds, segmentStarts } = this.#scan;
    const from = segmentEnds[hole] ?? 0;
    const to = segmentStarts[hole + 1] ?? 0;
    if (!this.#recent.isNew(bytes, from, to)) return;
    this.#options.decoder.seeDomain(host, latin1Text(bytes, from, to));
  }

  #setHost(host: HostFields): void {
    this.#host = host;
    this.#ids = new EventIds(host.id, host.boot.id);
    this.#json?.setHost(host, this.#ids);
    this.#recent.clear();
  }
}
