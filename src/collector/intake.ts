// From a source to the spool: decodes what comes in, lets the canary tag its documents, writes many documents with
// one write, and turns every loss into a gap document. Runs on the main thread, a bounded piece at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MalformedRecord } from '../audit/record.ts';
import { Decoder } from '../landlock/decoder.ts';
import type { AnyDocument, Document, Gap, GapCause, HostFields, SandboxDocument } from '../landlock/document.ts';
import { idOfText } from '../landlock/event-id.ts';
import type { Aggregate } from '../landlock/privacy/aggregate.ts';
import type { RecordSink, RecordSource, SourceLoss } from './sources/source.ts';
import type { Spool, SpoolLine } from './spool.ts';

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
  /** Sees every document of audit's on its way to the spool, and may tag it. */
  tag(doc: Document): Document;
  /** The same for what tracepoints and audit rules alone tell. */
  tagSandbox?(doc: SandboxDocument): SandboxDocument;
  /** What of a document leaves this host; undefined: nothing of it, or later, by `addAggregates`. Absent: all. */
  leave?: ((doc: AnyDocument, raw: string | undefined) => SpoolLine | undefined) | undefined;
  /** The key of our audit rules, where they are loaded: their events become documents. */
  readonly sandboxKey?: string | undefined;
  /** Something was spooled. */
  onSpooled(): void;
  onEnded(error?: Error): void;
}

export class Intake implements RecordSink {
  readonly #options: IntakeOptions;
  readonly #decoder: Decoder;
  readonly #lostByCause = new Map<GapCause, number>();
  readonly #startedAtMs = Date.now();
  #pending: SpoolLine[] = [];
  #flushing: NodeJS.Immediate | undefined;
  #gaps = 0;
  #flushedAtMs = this.#startedAtMs;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { source, host, sandboxKey } = options;
    this.#decoder = new Decoder({
      hostFor: source.hostFor ?? (() => host),
      completesOn: source.completesOn,
      serialGaps: source.serialGaps,
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
    const { host } = this.#options;
    const which = loss.key ?? `${host.boot.id}\0${this.#startedAtMs}\0${loss.untilMs}\0${this.#gaps++}`;
    const text = `${host.id}\0${loss.cause}\0${which}`;
    const gap: Gap = {
      kind: 'gap',
      '@timestamp': new Date(loss.untilMs).toISOString(),
      event: { id: idOfText(text) },
      host,
      count: loss.count,
      cause: loss.cause,
      since: new Date(loss.sinceMs).toISOString(),
    };
    this.#keep(gap, undefined);
  }

  /** What was not decoded here: the tracepoints' documents. */
  add(doc: AnyDocument): void {
    this.#keep(doc, undefined);
  }

  addAggregates(docs: readonly Aggregate[]): void {
    for (const doc of docs) this.#push({ doc });
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
  }

  /** Everything that was decoded is in the spool afterwards, or is counted as lost. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    const { spool } = this.#options;
    spool.append(lines);
    const sinceMs = this.#flushedAtMs;
    this.#flushedAtMs = Date.now();
    const count = spool.takeLost();
    if (count > 0) this.lost({ cause: 'spool-overflow', count, sinceMs, untilMs: this.#flushedAtMs });
    this.#options.onSpooled();
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
