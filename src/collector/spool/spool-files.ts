// The segments of a spool on disk: which there are, which one is written to, how large they are together. What the
// numbers in them mean, and when a segment may go, is the spool's business.
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { recoverSegment } from './spool-segment.ts';

export const SEGMENT_NAME = /^(\d{16})\.seg$/;

export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  /** firstSeq - 1: empty. */
  lastSeq: number;
  bytes: number;
}

export class SegmentFiles {
  /** Oldest first. */
  readonly list: readonly Segment[];
  /** Cut off at the start: what an interrupted write had left behind. */
  readonly tornBytes: number;
  readonly #list: Segment[];
  readonly #directory: string;
  readonly #segmentBytes: number;
  #bytes: number;
  #active: { readonly segment: Segment; readonly fd: number } | undefined;
  #isDirty = false;
  #isFlushing = false;

  /** Reads every segment once. A new segment begins when the last has reached `segmentBytes`. */
  constructor(directory: string, segmentBytes: number) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#list = [];
    this.list = this.#list;
    let tornBytes = 0;
    for (const name of readdirSync(directory).sort()) {
      const firstSeq = Number(SEGMENT_NAME.exec(name)?.[1] ?? Number.NaN);
      if (!Number.isSafeInteger(firstSeq)) continue;
      const path = join(directory, name);
      const found = recoverSegment(path, firstSeq);
      tornBytes += found.tornBytes;
      if (found.bytes === 0) rmSync(path);
      else this.#list.push({ path, firstSeq, lastSeq: found.lastSeq, bytes: found.bytes });
    }
    this.tornBytes = tornBytes;
    this.#bytes = this.#list.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  isActive(segment: Segment): boolean {
    return this.#active?.segment === segment;
  }

  /** Appends one frame; false when the disk refused, and then nothing of it stays behind. */
  append(frame: Buffer, firstSeq: number, lastSeq: number): boolean {
    let active = this.#active;
    try {
      if (active === undefined || active.segment.bytes >= this.#segmentBytes) active = this.#begin(firstSeq);
      for (let written = 0; written < frame.length; ) {
        written += writeSync(active.fd, frame, written, frame.length - written, active.segment.bytes + written);
      }
    } catch {
      if (active !== undefined) ftruncateSync(active.fd, active.segment.bytes);
      return false;
    }
    active.segment.bytes += frame.length;
    active.segment.lastSeq = lastSeq;
    this.#bytes += frame.length;
    this.#isDirty = true;
    return true;
  }

  /** Deletes a segment and what is in it. */
  remove(segment: Segment): void {
    if (this.isActive(segment)) this.#leaveActive(false);
    const index = this.#list.indexOf(segment);
    if (index >= 0) this.#list.splice(index, 1);
    this.#bytes -= segment.bytes;
    rmSync(segment.path, { force: true });
  }

  /** Off the main thread; at most one at a time. */
  flush(): void {
    const active = this.#active;
    if (!this.#isDirty || this.#isFlushing || active === undefined) return;
    this.#isDirty = false;
    this.#isFlushing = true;
    // An error shows itself in the next write; a segment that is gone needs no flush.
    fdatasync(active.fd, () => {
      this.#isFlushing = false;
    });
  }

  close(): void {
    if (this.#active !== undefined) fdatasyncSync(this.#active.fd);
    this.#leaveActive(false);
  }

  /** Segments of an earlier process are never appended to. */
  #begin(firstSeq: number): { segment: Segment; fd: number } {
    this.#leaveActive(true);
    const path = join(this.#directory, `${String(firstSeq).padStart(16, '0')}.seg`);
    const fd = openSync(path, 'w', 0o600);
    const segment: Segment = { path, firstSeq, lastSeq: firstSeq - 1, bytes: 0 };
    this.#list.push(segment);
    this.#active = { segment, fd };
    return this.#active;
  }

  /** A full segment is flushed off the main thread before it is closed: a slow disk must not hold up records. */
  #leaveActive(isFlushWanted: boolean): void {
    const active = this.#active;
    this.#active = undefined;
    if (active === undefined) return;
    const isFlushed = !this.#isDirty || !isFlushWanted;
    this.#isDirty = false;
    if (isFlushed) closeSync(active.fd);
    else fdatasync(active.fd, () => closeSync(active.fd));
  }
}
