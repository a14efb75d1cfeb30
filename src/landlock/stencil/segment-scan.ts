// The segments of an event's text and the holes between them, as a scan finds them.
import { StampScan } from './stamp-scan.ts';

/** Segments of an event; one with more is left to the ordinary way. */
const segmentsMax = 64;

export class SegmentScan extends StampScan {
  /** Of `bytes`. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Segments; hole n lies between the segments n and n + 1. */
  segments = 0;
  readonly segmentStarts = new Int32Array(segmentsMax);
  readonly segmentEnds = new Int32Array(segmentsMax);
  readonly holes = new Uint8Array(segmentsMax);
  readonly forms = new Uint8Array(segmentsMax);
  /** Over the segments' bytes. */
  hash = 0;

  /** Where the open segment began. */
  #open = 0;

  /** Begins with the first segment, at `start`. */
  protected open(start: number): void {
    this.#open = start;
    this.segments = 0;
    this.hash = 0;
  }

  protected matches(at: number, expected: Uint8Array): boolean {
    const { bytes } = this;
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
    return true;
  }

  /** Ends the segment that is open at the hole's start, and opens the next one at its end. */
  protected hole(start: number, end: number, hole: number, form: number): boolean {
    const at = this.segments;
    if (!this.close(start)) return false;
    this.holes[at] = hole;
    this.forms[at] = form;
    this.#open = end;
    return true;
  }

  /** Ends the open segment; false where there are too many. */
  protected close(end: number): boolean {
    const at = this.segments++;
    if (at >= segmentsMax) return false;
    const start = this.#open;
    this.segmentStarts[at] = start;
    this.segmentEnds[at] = end;
    const { view } = this;
    let hash = this.hash;
    let from = start;
    for (const last = end - 4; from <= last; from += 4) {
      hash = Math.imul(hash ^ view.getInt32(from, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (; from < end; from++) hash = Math.imul(hash ^ view.getUint8(from), 0x9e3779b1);
    this.hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
    return true;
  }
}
