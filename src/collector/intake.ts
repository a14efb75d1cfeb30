// From a source to the spool: decodes what comes in, lets the canary tag its documents, writes many documents with
// one write, and turns every loss into a gap document. Runs on the main thread, a bounded piece at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MalformedRecord } from '../audit/record.ts';
import { Decoder } from '../landlock/decoder.ts';
import type { AnyDocument, Document, Gap, GapCause, HostFields, SandboxDocument } from '../landlock/document.ts';
import { idOfText } from '../landlock/event-id.ts';
import type { Aggregate } from '../landlock/privacy/aggregate.ts';
import type { WatchedMark } from './kernel/watched-mark.ts';
import type { RecordSink, RecordSource, SourceLoss } from './sources/source.ts';
import type { Spool, SpoolLine } from './spool/spool.ts';
import { weightOf } from './spool/spool-kept.ts';

/** Documents that wait for the write at the end of this turn; beyond it they are written at once. */
const PENDING_MAX = 2_000;
/** A source that can wait is stopped while the spool is filled to more than this share. */
const SPOOL_SHARE_MAX = 0.75;
const ROOM_POLL_MS = 50;

export interface IntakeOptions {
  readonly source: Pick<RecordSource, 'completesOn' | 'serialGaps' | 'hostFor'>;
  readonly spool: Spool;
  /** This machine and its present boot. */
  readonly host: HostFields;
  /** How far the kernel's records were seen; absent where they are those of a log. */
  readonly watched?: Watching | undefined;
  /** Sees every document of audit's on its way to the spool, and may tag it. */
  tag(doc: Document): Document;
  /** The same for what tracepoints and audit rules alone tell. */
  tagSandbox?(doc: SandboxDocument): SandboxDocument;
  /** What of a document leaves this host; undefined: nothing of it, or later, by `addAggregates`. Absent: all. */
  leave?: ((doc: AnyDocument, raw: string | undefined) => SpoolLine | undefined) | undefined;
  /** Whether what was spooled with this number may leave as it is. Absent: all may. */
  mayLeave?: ((seq: number) => boolean) | undefined;
  /** The key of our audit rules, where they are loaded: their events become documents. */
  readonly sandboxKey?: string | undefined;
  /** Something was spooled. */
  onSpooled(): void;
  onEnded(error?: Error): void;
}

export interface Watching extends Pick<WatchedMark, 'earlier' | 'see'> {
  write(): void;
}

export class Intake implements RecordSink {
  readonly #options: IntakeOptions;
  readonly #decoder: Decoder;
  readonly #lostByCause = new Map<GapCause, number>();
  readonly #startedAtMs = Date.now();
  #pending: SpoolLine[] = [];
  #flushing: NodeJS.Immediate | undefined;
  #gaps = 0;
  /** Documents that are lost and not yet told as that. */
  #unspooled: { readonly count: number; readonly sinceMs: number } | undefined;
  #flushedAtMs = this.#startedAtMs;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { source, host, sandboxKey, watched } = options;
    this.#decoder = new Decoder({
      hostFor: source.hostFor ?? (() => host),
      completesOn: source.completesOn,
      serialGaps: source.serialGaps,
      watched: watched?.earlier,
      ...(watched !== undefined && { onEvent: (serial, timeMs) => watched.see(serial, timeMs) }),
      onDocument: (doc, raw) => this.#keep(doc, raw),
      ...(sandboxKey !== undefined && {
        sandbox: { key: sandboxKey, onCall: (doc, raw) => this.#keep(doc, raw) },
      }),
    });
  }

  /** Since the start. */
  get counts(): {
    readonly records: number;
    readonly events: number;
    readonly denials: number;
    readonly malformed: number;
  } {
    return this.#decoder.counts;
  }

  /** Only causes that occurred. */
  get lostByCause(): { readonly cause: GapCause; readonly count: number }[] {
    return [...this.#lostByCause].map(([cause, count]) => ({ cause, count }));
  }

  record(type: number, payload: string, node?: string): void {
    this.#decoder.pushRecord(type, payload, node);
  }

  notice(line: string, node: string): void {
    this.#decoder.pushNotice(line, node);
  }

  malformed(input: MalformedRecord): void {
    this.#decoder.pushMalformed(input);
  }

  lost(loss: SourceLoss): void {
    this.#keep(this.#toGap(loss), undefined);
  }

  #toGap(loss: SourceLoss): Gap {
    const { host } = this.#options;
    const which = loss.key ?? `${host.boot.id}\0${this.#startedAtMs}\0${loss.untilMs}\0${this.#gaps++}`;
    const text = `${host.id}\0${loss.cause}\0${which}`;
    return {
      kind: 'gap',
      '@timestamp': new Date(loss.untilMs).toISOString(),
      event: { id: idOfText(text) },
      host,
      count: loss.count,
      cause: loss.cause,
      since: new Date(loss.sinceMs).toISOString(),
    };
  }

  /** What was not decoded here: the tracepoints' documents. */
  add(doc: AnyDocument): void {
    this.#keep(doc, undefined);
  }

  /** They are in the spool, or counted as lost, when this returns. */
  addAggregates(docs: readonly Aggregate[]): void {
    for (const doc of docs) this.#push({ doc });
    this.flush();
  }

  room(): Promise<void> | undefined {
    this.flush();
    return this.#hasRoom() ? undefined : this.#waitForRoom();
  }

  ended(error?: Error): void {
    this.end();
    this.#options.onEnded(error);
  }

  /** Completes what is in flight, and spools it. */
  end(): void {
    this.#decoder.end();
    this.flush();
  }

  /** Live sources: a few times a second. */
  sweep(): void {
    this.#decoder.sweep();
    this.#takeGivenUp();
    this.#tellUnspooled();
    if (this.#pending.length === 0) this.#options.watched?.write();
  }

  /** Everything that was decoded is in the spool afterwards, or is counted as lost. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    this.#tellUnspooled();
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    const { spool, watched } = this.#options;
    spool.append(lines);
    watched?.write();
    this.#takeGivenUp();
    this.#flushedAtMs = Date.now();
    this.#options.onSpooled();
  }

  /** What the spool gave up: some of it goes there again, the rest is owed, but `known` documents that are owed already. */
  #takeGivenUp(known = 0): void {
    const { spool, mayLeave } = this.#options;
    let lost = spool.takeLost() - known;
    for (const { seq, doc, raw } of spool.takeKept()) {
      if (mayLeave?.(seq) ?? true) this.#push({ doc, raw });
      else lost += weightOf(doc);
    }
    this.#owe(lost);
  }

  #owe(count: number): void {
    if (count === 0) return;
    const { sinceMs } = this.#unspooled ?? { sinceMs: this.#flushedAtMs };
    this.#unspooled = { count: (this.#unspooled?.count ?? 0) + count, sinceMs };
    this.#lostByCause.set('spool-overflow', (this.#lostByCause.get('spool-overflow') ?? 0) + count);
    this.#flushing ??= setImmediate(() => this.flush());
  }

  /**
   * What the spool could not keep is owed until a gap that says so is in the spool: where the disk is full, that is no
   * sooner than there is room, and the gap grows meanwhile.
   */
  #tellUnspooled(): void {
    const owed = this.#unspooled;
    if (owed === undefined) return;
    const { spool, leave } = this.#options;
    const gap = this.#tagged(this.#toGap({ cause: 'spool-overflow', ...owed, untilMs: Date.now() }));
    const line = leave === undefined ? { doc: gap } : leave(gap, undefined);
    if (line !== undefined) {
      const seq = spool.nextSeq;
      spool.append([line]);
      const isSpooled = spool.nextSeq > seq;
      if (isSpooled) this.#unspooled = undefined;
      // What had to go for it.
      this.#takeGivenUp(isSpooled ? 0 : 1);
      if (!isSpooled) return;
      this.#options.onSpooled();
      return;
    }
    this.#unspooled = undefined;
  }

  #keep(doc: AnyDocument, raw: string | undefined): void {
    if (doc.kind === 'gap') this.#lostByCause.set(doc.cause, (this.#lostByCause.get(doc.cause) ?? 0) + doc.count);
    const tagged = this.#tagged(doc);
    const { leave } = this.#options;
    const line = leave === undefined ? { doc: tagged, raw } : leave(tagged, raw);
    if (line !== undefined) this.#push(line);
  }

  #push(line: SpoolLine): void {
    this.#pending.push(line);
    if (this.#pending.length >= PENDING_MAX) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
  }

  #tagged(doc: AnyDocument): AnyDocument {
    if (doc.kind !== 'domain-created' && doc.kind !== 'sandbox-call') return this.#options.tag(doc);
    return this.#options.tagSandbox?.(doc) ?? doc;
  }

  #hasRoom(): boolean {
    const { spool } = this.#options;
    return spool.bytes <= spool.bytesMax * SPOOL_SHARE_MAX;
  }

  async #waitForRoom(): Promise<void> {
    while (!this.#hasRoom()) await sleep(ROOM_POLL_MS);
  }
}
