// The collector's durable queue: documents wait here until the server has committed them. Append, read on from the
// last read, acknowledge, forget. A segment is deleted as a whole once everything in it is acknowledged.
//
// Durability: an append is one write(2) a frame before anything is sent, so nothing is lost when this process is
// killed. Against a power cut, what was written is flushed about once a second and at the end.
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import type { Delivered } from '../../delivery/batch.ts';
import { type BatchLines, encodeLine } from '../../delivery/encode-batch.ts';
import { OperatingError } from '../../runtime/operating-error.ts';
import { type Segment, SegmentFiles } from './spool-files.ts';
import { type KeptLine, readKept } from './spool-kept.ts';
import { AckMark, lockSpool, readOrMakeSpoolId } from './spool-marks.ts';
import { isOlder, roomOnDisk } from './spool-room.ts';
import { encodeFrame, FRAME_BYTES_TARGET, FRAME_LINES_MAX, readFrame } from './spool-segment.ts';

/** A segment is closed at this size, or at a sixteenth of the spool's bound. */
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;
const SEGMENT_BYTES_MIN = 64 * 1024;
/** The segment being written is kept, although all of it is acknowledged, until it has this size. */
const ACKED_BYTES_KEPT = 1024 * 1024;
const FLUSH_EVERY_MS = 1_000;
/** How often it is looked whether a segment is too old. */
const AGE_LOOK_MS = 60_000;
/** Of what goes, no more than this share of its bytes is kept: the rest makes room. */
const KEPT_SHARE_MAX = 0.25;

export interface SpoolLine {
  readonly doc: Delivered;
  readonly raw?: string | undefined;
}

export interface SpoolOptions {
  readonly directory: string;
  /**
   * Upper bound of all segments together. Beyond it the oldest segment that is not just being delivered goes, and
   * its documents are counted as lost, but for the few that say more than others (spool-kept.ts).
   */
  readonly bytesMax: number;
  /** Where the disk has no more than this free, the spool grows no further. Default 0. */
  readonly freeBytesMin?: number;
  /** Segments that were written to before that long go in the same way, in milliseconds. Default: none do. */
  readonly ageMaxMs?: number;
}

interface Cursor {
  readonly segment: Segment;
  readonly fd: number;
  offset: number;
}

export class Spool {
  /** Of this spool; sequence numbers mean nothing without it. */
  readonly id: string;
  readonly bytesMax: number;
  readonly #files: SegmentFiles;
  readonly #mark: AckMark;
  readonly #lockFd: number;
  readonly #options: SpoolOptions;
  readonly #flushTimer: NodeJS.Timeout;
  #ackedSeq: number;
  #nextSeq: number;
  /** Handed out up to here. */
  #readSeq: number;
  #cursor: Cursor | undefined;
  #lost = 0;
  #kept: KeptLine[] = [];
  #ageLookedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(options: SpoolOptions, lockFd: number) {
    this.#lockFd = lockFd;
    this.#options = options;
    this.bytesMax = options.bytesMax;
    this.id = readOrMakeSpoolId(options.directory);
    const segmentBytes = Math.max(SEGMENT_BYTES_MIN, Math.min(SEGMENT_BYTES_MAX, Math.floor(options.bytesMax / 16)));
    this.#files = new SegmentFiles(options.directory, segmentBytes);
    this.#mark = new AckMark(options.directory);
    this.#ackedSeq = this.#mark.read();
    this.#nextSeq = Math.max(this.#ackedSeq, this.#files.list.at(-1)?.lastSeq ?? 0) + 1;
    this.#readSeq = this.#ackedSeq;
    this.#forgetAcked();
    this.#flushTimer = setInterval(() => {
      this.#files.flush();
      this.#dropOld();
    }, FLUSH_EVERY_MS).unref();
  }

  /**
   * Opens or makes the spool in `directory` (mode 0700) and cuts off what an interrupted write left behind.
   * Throws OperatingError `spool-directory`, or `spool-in-use` where another collector has it.
   */
  static open(options: SpoolOptions): Spool {
    try {
      mkdirSync(options.directory, { recursive: true, mode: 0o700 });
      chmodSync(options.directory, 0o700);
      const lockFd = lockSpool(options.directory);
      if (lockFd === undefined) throw inUse(options.directory);
      return new Spool(options, lockFd);
    } catch (cause) {
      if (cause instanceof OperatingError) throw cause;
      const code = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
      throw new OperatingError(
        'spool-directory',
        `cannot use the spool in ${options.directory} (${code})`,
        'make collector.spool_directory a directory that the collector owns, on a disk with room',
        { cause },
      );
    }
  }

  /** Documents that are not acknowledged. */
  get documents(): number {
    return this.#files.list.reduce((sum, segment) => sum + this.#unacked(segment), 0);
  }

  /** What is appended next gets this number. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The last one that the server acknowledged. */
  get ackedSeq(): number {
    return this.#ackedSeq;
  }

  /** On disk, with what is acknowledged and not yet deleted. */
  get bytes(): number {
    return this.#files.bytes;
  }

  /** Cut off when it was opened. */
  get tornBytes(): number {
    return this.#files.tornBytes;
  }

  /** Something was appended that `read` has not handed out. */
  get hasUnread(): boolean {
    const last = this.#files.list.at(-1);
    return last !== undefined && last.lastSeq > Math.max(this.#readSeq, this.#ackedSeq);
  }

  /** Writes all lines in order, one write for hundreds of them. What cannot be kept is counted: `takeLost`. */
  append(lines: readonly SpoolLine[]): void {
    let body = '';
    let count = 0;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line === undefined) continue;
      body += encodeLine(this.#nextSeq + count, line.doc, line.raw);
      count++;
      if (body.length < FRAME_BYTES_TARGET && count < FRAME_LINES_MAX && i < lines.length - 1) continue;
      this.#appendFrame(encodeFrame(this.#nextSeq, count, body), count);
      body = '';
      count = 0;
    }
  }

  /** How many documents were given up since the last call: the spool or the disk was full, or a file damaged. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /**
   * Lines that were given up since the last call and say more than others: to be appended again, or counted by the
   * caller. They are not among `takeLost`.
   */
  takeKept(): readonly KeptLine[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  /**
   * The next lines after those handed out before, as many whole frames as fit (but one at least); undefined: none.
   * What was handed out stays until `ack`, and `rewind` makes it come again.
   */
  read(limits: { readonly lines: number; readonly bytes: number }): BatchLines | undefined {
    const bodies: Buffer[] = [];
    let firstSeq = 0;
    let bytes = 0;
    for (let cursor = this.#seek(); cursor !== undefined; cursor = this.#seek()) {
      const frame = readFrame(cursor.fd, cursor.offset);
      if (frame === undefined) {
        this.#giveUp(cursor);
        continue;
      }
      const isNew = frame.lastSeq > Math.max(this.#readSeq, this.#ackedSeq);
      if (isNew && bodies.length > 0) {
        const isFull = frame.lastSeq - firstSeq >= limits.lines || bytes + frame.body.length > limits.bytes;
        // Within a batch the numbers go up by one: a hole (segments that were given up) ends it.
        if (isFull || frame.firstSeq !== this.#readSeq + 1) break;
      }
      cursor.offset = frame.end;
      if (!isNew) continue;
      if (bodies.length === 0) firstSeq = frame.firstSeq;
      this.#readSeq = frame.lastSeq;
      bodies.push(frame.body);
      bytes += frame.body.length;
    }
    if (bodies.length === 0) return undefined;
    return { spool: this.id, firstSeq, lastSeq: this.#readSeq, body: Buffer.concat(bodies, bytes) };
  }

  /** Hands out again from the first line that is not acknowledged. */
  rewind(): void {
    this.#closeCursor();
    this.#readSeq = this.#ackedSeq;
  }

  /** Everything up to and including `seq` is stored elsewhere. The mark survives this process. */
  ack(seq: number): void {
    if (seq <= this.#ackedSeq || seq >= this.#nextSeq) return;
    this.#ackedSeq = seq;
    this.#mark.write(seq);
    this.#forgetAcked();
  }

  /**
   * Takes acknowledgements back as far as `seq`, where what was acknowledged is still on disk, and hands it out again.
   * Answers the first number that is still there.
   */
  reopenFrom(seq: number): number {
    const oldest = this.#files.list[0]?.firstSeq ?? this.#nextSeq;
    const firstSeq = Math.max(seq, Math.min(oldest, this.#ackedSeq + 1));
    if (firstSeq <= this.#ackedSeq) {
      this.#ackedSeq = firstSeq - 1;
      this.#mark.write(this.#ackedSeq);
    }
    this.rewind();
    return firstSeq;
  }

  /** Flushes and closes; the object is done with. */
  close(): void {
    clearInterval(this.#flushTimer);
    this.#closeCursor();
    this.#files.close();
    this.#mark.close();
    closeSync(this.#lockFd);
  }

  #unacked(segment: Segment): number {
    return Math.max(0, segment.lastSeq - Math.max(this.#ackedSeq, segment.firstSeq - 1));
  }

  #appendFrame(frame: Buffer, count: number): void {
    this.#makeRoom(frame.length);
    if (!this.#files.append(frame, this.#nextSeq, this.#nextSeq + count - 1)) {
      this.#lost += count;
      return;
    }
    this.#nextSeq += count;
  }

  /** Oldest first, but never what may just be on its way to the server: it would be counted and arrive as well. */
  #makeRoom(bytes: number): void {
    const { directory, freeBytesMin = 0 } = this.#options;
    const bytesMax = Math.min(this.bytesMax, this.#files.bytes + roomOnDisk(directory, freeBytesMin));
    while (this.#files.bytes + bytes > bytesMax) {
      const victim = this.#files.list.find((segment) => this.#mayGo(segment));
      if (victim === undefined) return;
      this.#drop(victim);
    }
  }

  #mayGo(segment: Segment): boolean {
    const inFlight = Math.max(this.#readSeq, this.#ackedSeq);
    return segment.firstSeq > inFlight || segment.lastSeq <= this.#ackedSeq;
  }

  #dropOld(): void {
    const { ageMaxMs } = this.#options;
    const nowMs = Date.now();
    if (ageMaxMs === undefined || nowMs - this.#ageLookedAtMs < AGE_LOOK_MS) return;
    this.#ageLookedAtMs = nowMs;
    for (const segment of [...this.#files.list]) {
      if (!isOlder(segment.path, ageMaxMs)) return;
      if (this.#mayGo(segment)) this.#drop(segment);
    }
  }

  /** Gives a segment up, and counts what is in it. */
  #drop(segment: Segment): void {
    const count = this.#unacked(segment);
    const { lines, count: found, weight } = readKept(segment.path, this.#ackedSeq, segment.bytes * KEPT_SHARE_MAX);
    this.#kept.push(...lines);
    this.#lost += Math.max(0, count - found) + weight;
    this.#remove(segment);
  }

  #forgetAcked(): void {
    for (;;) {
      const oldest = this.#files.list[0];
      if (oldest === undefined || oldest.lastSeq > this.#ackedSeq) return;
      if (this.#files.isActive(oldest) && oldest.bytes < ACKED_BYTES_KEPT) return;
      this.#remove(oldest);
    }
  }

  #remove(segment: Segment): void {
    if (this.#cursor?.segment === segment) this.#closeCursor();
    this.#files.remove(segment);
  }

  /** Where the next frame is; undefined: everything was handed out. */
  #seek(): Cursor | undefined {
    const cursor = this.#cursor;
    if (cursor !== undefined && cursor.offset < cursor.segment.bytes) return cursor;
    const done = Math.max(this.#readSeq, this.#ackedSeq);
    const next = this.#files.list.find((segment) => segment.lastSeq > done);
    // The one being written to may be at its end for now: the place in it is kept.
    if (next === undefined || next === cursor?.segment) return undefined;
    this.#closeCursor();
    this.#cursor = this.#open(next);
    return this.#cursor ?? this.#seek();
  }

  /** undefined: somebody took the file away, and what was in it is counted. */
  #open(segment: Segment): Cursor | undefined {
    try {
      return { segment, fd: openSync(segment.path, 'r'), offset: 0 };
    } catch {
      this.#lost += this.#unacked(segment);
      this.#remove(segment);
      return undefined;
    }
  }

  /** A frame that was whole when it was written is not any more: the rest of its segment cannot be read. */
  #giveUp(cursor: Cursor): void {
    this.#lost += cursor.segment.lastSeq - Math.max(this.#readSeq, this.#ackedSeq);
    this.#readSeq = Math.max(this.#readSeq, cursor.segment.lastSeq);
    cursor.offset = cursor.segment.bytes;
  }

  #closeCursor(): void {
    if (this.#cursor !== undefined) closeSync(this.#cursor.fd);
    this.#cursor = undefined;
  }
}

function inUse(directory: string): OperatingError {
  return new OperatingError(
    'spool-in-use',
    `another collector uses the spool in ${directory}`,
    'stop it, or give this one a collector.spool_directory and a runtime.directory of its own',
  );
}
