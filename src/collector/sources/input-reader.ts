// From the bytes of one input to audit records with their host and boot: cuts by format, parses, and puts right
// what a format has in another order. Grouping records into events and their meaning are for the decoder.

import { kernelNotice } from '../../audit/kernel-notice.ts';
import { INTERPRETED_REASON, malformed } from '../../audit/malformed.ts';
import { parseLine, parseSpan } from '../../audit/parse-line.ts';
import { parseRecord } from '../../audit/parse-record.ts';
import type { AuditRecord, MalformedRecord, ParsedRecord } from '../../audit/record.ts';
import { type DirectLines, DirectSplitter } from './direct-splitter.ts';
import { HEAD_BYTES, type InputFormat, interpretedRefusal, recogniseFormat } from './input-format.ts';
import { interpretEntry, type JournalEntry } from './journal-entry.ts';
import { JournalExport } from './journal-export.ts';
import { parseJournalJson } from './journal-json.ts';
import { LineSplitter } from './line-splitter.ts';
import { PluginFrames } from './plugin-frames.ts';
import type { SourceHosts } from './source-hosts.ts';

/** Most records of one event in ausearch's output that are put back into their order. */
const BLOCK_RECORDS_MAX = 4096;
/** Journal entries remembered to drop the same record read through another transport. */
const SEEN_MAX = 4096;

/** Takes records in order; their node is a key of `SourceHosts`. */
export interface ReaderSink {
  record(record: AuditRecord): void;
  malformed(input: MalformedRecord): void;
  /** A line of the kernel's log which says that records were left out there, and the node of its host and boot. */
  notice(line: string, node: string): void;
  /** The input is a selection of events (ausearch's output): missing serials mean nothing. */
  selection?(): void;
}

export interface InputReaderOptions {
  /** For places and messages. */
  readonly name: string;
  /** Recognised from the content where absent. */
  readonly format: InputFormat | undefined;
  readonly hosts: SourceHosts;
  readonly sink: ReaderSink;
  /** Takes whole events of a log file, where it can. */
  readonly direct?: DirectLines | undefined;
}

interface Cutter {
  push(chunk: Buffer): void;
  end(): void;
  cut(): string;
}

/** Feed it the chunks of one input. `push` throws OperatingError `interpreted-input` for a refused input. */
export class InputReader {
  readonly #options: InputReaderOptions;
  #cutter: Cutter | undefined;
  #head: Buffer = Buffer.alloc(0);
  #lineNumber = 0;
  #hasRecords = false;
  /** Records since the last `----` of ausearch's output; undefined outside such output. */
  #block: AuditRecord[] | undefined;
  readonly #seen = new Map<string, string>();

  constructor(options: InputReaderOptions) {
    this.#options = options;
  }

  /** Line (or entry, or frame) that was read last, from 1. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  push(chunk: Buffer): void {
    if (this.#cutter !== undefined) {
      this.#cutter.push(chunk);
      return;
    }
    // Pipes may give a first chunk that is too small to tell by.
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= HEAD_BYTES || this.#head.includes(10)) this.#recognise();
  }

  end(): void {
    if (this.#cutter === undefined && this.#head.length > 0) this.#recognise();
    this.#cutter?.end();
    this.#flushBlock();
    this.#block = undefined;
  }

  /**
   * Instead of `end`, where the input broke off before its end: what is not whole cannot be trusted, and is one
   * malformed record with the reason. `byte`: how far the input has been read.
   */
  breakOff(reason: string, byte: number): void {
    if (this.#cutter === undefined && this.#head.length > 0) this.#recognise();
    const text = this.#cutter?.cut() ?? '';
    this.#flushBlock();
    this.#block = undefined;
    this.#options.sink.malformed(malformed(reason, text, { file: this.#options.name, byte }));
  }

  #recognise(): void {
    this.#cutter = this.#cutterFor(this.#options.format ?? recogniseFormat(this.#head));
    this.#cutter.push(this.#head);
    this.#head = Buffer.alloc(0);
  }

  #cutterFor(format: InputFormat): Cutter {
    switch (format) {
      case 'text':
        return this.#textCutter();
      case 'journal-export':
        return new JournalExport({
          entry: (entry, index) => {
            this.#lineNumber = index;
            this.#entry(entry);
          },
          broken: (reason, text, index) => {
            this.#lineNumber = index;
            this.#malformed(reason, text);
          },
        });
      case 'plugin-binary':
        return new PluginFrames({
          frame: (version, type, text, index) => {
            this.#lineNumber = index;
            this.#parsed(version === 0 ? parseRecord(type, text) : parseLine(text));
          },
          broken: (reason, text, byte) => {
            this.#options.sink.malformed({
              kind: 'malformed',
              reason,
              text,
              place: { file: this.#options.name, byte },
            });
          },
        });
    }
  }

  #textCutter(): Cutter {
    const lines = new LineSplitter({
      line: (text, start, end, lineNumber) => this.#line(text, start, end, lineNumber),
      overlong: (head, lineNumber) => {
        this.#lineNumber = lineNumber;
        this.#malformed('line longer than 64 KiB', head);
      },
    });
    const { direct } = this.#options;
    return direct === undefined ? lines : new DirectSplitter(this.#directLines(direct), lines);
  }

  #directLines(direct: DirectLines): DirectLines {
    return {
      load: (bytes, end) => direct.load(bytes, end),
      mayTake: (start) => direct.mayTake(start),
      take: (start) => {
        // ausearch's blocks have another order.
        const end = this.#block === undefined ? direct.take(start) : -1;
        if (end === -1) return -1;
        this.#lineNumber += direct.lines;
        this.#hasRecords = true;
        return end;
      },
      isCut: () => this.#block === undefined && direct.isCut(),
      get lines() {
        return direct.lines;
      },
    };
  }

  #line(text: string, start: number, end: number, lineNumber: number): void {
    this.#lineNumber = lineNumber;
    const first = text.charCodeAt(start);
    if (first === 0x7b /* { */) {
      this.#journalLine(text.slice(start, end));
      return;
    }
    if (first === 0x2d /* - */ && end - start === 4 && text.startsWith('----', start)) {
      this.#flushBlock();
      if (this.#block === undefined) this.#options.sink.selection?.();
      this.#block = [];
      return;
    }
    const parsed = parseSpan(text, start, end);
    if (parsed !== null) {
      this.#parsed(parsed);
      return;
    }
    const line = text.slice(start, end);
    const { hosts, sink } = this.#options;
    if (kernelNotice(line) !== undefined) sink.notice(line, hosts.presentKey(''));
  }

  #journalLine(text: string): void {
    const entry = parseJournalJson(text);
    if (entry === undefined) this.#malformed('no JSON of a journal entry', text);
    else this.#entry(entry);
  }

  #entry(entry: JournalEntry): void {
    const content = interpretEntry(entry);
    if (content.kind === 'other') return;
    if (content.kind === 'malformed') {
      this.#malformed(content.reason, content.text);
      return;
    }
    const { hosts, sink } = this.#options;
    if (content.kind === 'notice') {
      sink.notice(
        content.line,
        content.origin === undefined ? hosts.presentKey('') : hosts.keyOfJournal(content.origin),
      );
      return;
    }
    const record = content.kind === 'record' ? content.record : parseLine(content.line);
    if (record === null) return;
    if (record.kind === 'malformed') {
      this.#malformed(record.reason, record.text);
      return;
    }
    if (this.#isSecondCopy(record, entry.transport ?? '')) return;
    this.#hasRecords = true;
    const key = content.origin === undefined ? hosts.keyOf(record) : hosts.keyOfJournal(content.origin);
    sink.record(record.node === key ? record : { ...record, node: key });
  }

  /** The journal holds a record twice where the kernel also printed it: once from each transport. */
  #isSecondCopy(record: AuditRecord, transport: string): boolean {
    const key = `${record.type} ${record.seconds}.${record.millis}:${record.serial} ${record.text}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) return seen !== transport;
    if (this.#seen.size >= SEEN_MAX) {
      const oldest = this.#seen.keys().next();
      if (oldest.done !== true) this.#seen.delete(oldest.value);
    }
    this.#seen.set(key, transport);
    return false;
  }

  #parsed(parsed: ParsedRecord | null): void {
    if (parsed === null) return;
    if (parsed.kind === 'malformed') {
      if (parsed.reason === INTERPRETED_REASON && !this.#hasRecords) {
        throw interpretedRefusal(`${this.#options.name}:${this.#lineNumber}`);
      }
      this.#malformed(parsed.reason, parsed.text);
      return;
    }
    this.#hasRecords = true;
    if (this.#block === undefined) {
      this.#emit(parsed);
      return;
    }
    if (this.#block.length >= BLOCK_RECORDS_MAX) this.#flushBlock();
    this.#block.push(parsed);
  }

  #emit(record: AuditRecord): void {
    const key = this.#options.hosts.keyOf(record);
    this.#options.sink.record(record.node === key ? record : { ...record, node: key });
  }

  /** ausearch prints the records of an event last one first. */
  #flushBlock(): void {
    const block = this.#block;
    if (block === undefined) return;
    for (let i = block.length - 1; i >= 0; i--) {
      const record = block[i];
      if (record !== undefined) this.#emit(record);
    }
    block.length = 0;
  }

  #malformed(reason: string, text: string): void {
    this.#options.sink.malformed(malformed(reason, text, { file: this.#options.name, line: this.#lineNumber }));
  }
}
