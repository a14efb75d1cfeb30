// The kinds of events that have a stencil, as a tree of their segments: from a segment and the hole behind it branch
// the segments that may follow. To go down it beside an event's bytes takes one pass, and tells the same segments and
// holes as the scan (event-scan.ts), which remains for everything else.

import { LANDLOCK_DOMAIN } from '../../audit/record-types.ts';
import type { EventScan } from './event-scan.ts';
import { endOfHole } from './hole-ends.ts';
import { HOLE } from './holes.ts';
import type { Stencil } from './stencil.ts';

/** Bytes of all segments. When there is no more room, the tree begins anew. */
const segmentBytesMax = 1 << 18;
/** Branches that are tried at one place; the one that fitted longest ago gives way. */
const branchesMax = 16;

/** Where the records of a kind's events stand. */
interface Records {
  readonly types: Int32Array;
  readonly landlock: number;
  /** The hole of each one's stamp, and the segment and the place in it where its body ends. */
  readonly stampHoles: Int32Array;
  readonly endSegments: Int32Array;
  readonly endOffsets: Int32Array;
}

interface Branch {
  /** Where its segment stands. */
  readonly from: number;
  readonly length: number;
  /** The hole behind it. */
  readonly hole: number;
  readonly form: number;
  /** The hole whose value must stand in this one again, or -1. */
  readonly same: number;
  /** At the event's end, where there is no hole. */
  readonly end: { readonly stencil: Stencil; readonly records: Records } | undefined;
  /** What may follow, the one that fitted last first. */
  next: Branch | undefined;
  /** What else may stand here. */
  other: Branch | undefined;
}

/** What `: ` and the bracket before it take between a stamp and the body. */
const stampEndBytes = 3;

function trunk(): Branch {
  return { from: 0, length: 0, hole: -1, form: 0, same: -1, end: undefined, next: undefined, other: undefined };
}

/** Only such bytes make numbers of eight that are equal where their bytes are, and nowhere else. */
function isComparable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = bytes[at] ?? 0;
    if (code === 0 || code > 126) return false;
  }
  return true;
}

/** For each hole the one that must say the same: the first line's stamp, and the domain that was denied. */
function samesOf({ segments, holes, types }: EventScan): Int8Array {
  const sames = new Int8Array(segments).fill(-1);
  let domains = 0;
  let denied = -1;
  for (let hole = 0; hole < segments - 1; hole++) {
    if (holes[hole] === HOLE.stamp && hole > 0) sames[hole] = 0;
    if (holes[hole] !== HOLE.domain) continue;
    if (types[domains++] === LANDLOCK_DOMAIN) sames[hole] = denied;
    else denied = hole;
  }
  return sames;
}

function recordsOf(scan: EventScan): Records {
  const { records, landlock, segments, segmentStarts, segmentEnds, bodyEnds } = scan;
  const stampHoles = new Int32Array(records);
  const endSegments = new Int32Array(records);
  const endOffsets = new Int32Array(records);
  let record = 0;
  for (let hole = 0; hole < segments - 1; hole++) if (scan.holes[hole] === HOLE.stamp) stampHoles[record++] = hole;
  for (record = 0; record < records; record++) {
    const end = bodyEnds[record] ?? 0;
    let segment = 0;
    while (segment < segments && (segmentEnds[segment] ?? 0) < end) segment++;
    endSegments[record] = segment;
    endOffsets[record] = end - (segmentStarts[segment] ?? 0);
  }
  return { types: scan.types.slice(0, records), landlock, stampHoles, endSegments, endOffsets };
}

export class KnownEvents {
  readonly #bytes = new Uint8Array(segmentBytesMax);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #trunk = trunk();

  /**
   * The stencil of the event whose first line starts at `start`; `scan` is then as if it had scanned it. Without one,
   * `scan.reached` is what no longer fits.
   */
  match(scan: EventScan, start: number): Stencil | undefined {
    const { segmentStarts, segmentEnds, holes, forms } = scan;
    let from = this.#trunk;
    let at = start;
    for (let segment = 0; ; segment++) {
      const branch = this.#branchAt(from, scan, at);
      if (branch === undefined) {
        scan.reached = at;
        return undefined;
      }
      segmentStarts[segment] = at;
      at += branch.length;
      segmentEnds[segment] = at;
      if (branch.end !== undefined) {
        scan.segments = segment + 1;
        scan.end = at;
        return this.#finish(scan, branch.end);
      }
      holes[segment] = branch.hole;
      forms[segment] = branch.form;
      at = scan.reached;
      from = branch;
    }
  }

  /** Adds the kind of the event that was scanned. */
  add(scan: EventScan, stencil: Stencil): void {
    const { bytes, segments, segmentStarts, segmentEnds } = scan;
    let length = 0;
    for (let at = 0; at < segments; at++) {
      const from = segmentStarts[at] ?? 0;
      const to = segmentEnds[at] ?? 0;
      if (!isComparable(bytes, from, to)) return;
      length += to - from;
    }
    if (length > segmentBytesMax / 4) return;
    if (this.#used + length > segmentBytesMax) {
      this.#used = 0;
      this.#trunk = trunk();
    }
    const sames = samesOf(scan);
    let from = this.#trunk;
    for (let at = 0; at < segments - 1; at++) from = this.#grow(from, scan, at, sames[at] ?? -1, undefined);
    this.#grow(from, scan, segments - 1, -1, { stencil, records: recordsOf(scan) });
  }

  /** The branch that fits, and leaves where its hole ends in `scan.reached`. */
  #branchAt(from: Branch, scan: EventScan, at: number): Branch | undefined {
    let before: Branch | undefined;
    for (let branch = from.next; branch !== undefined; branch = branch.other) {
      if (this.#isHere(branch, scan, at)) {
        if (before === undefined) return branch;
        before.other = branch.other;
        branch.other = from.next;
        from.next = branch;
        return branch;
      }
      before = branch;
    }
    return undefined;
  }

  #isHere(branch: Branch, scan: EventScan, at: number): boolean {
    const { length } = branch;
    const hole = at + length;
    if (hole > scan.bytesEnd || !this.#isSegment(branch.from, length, scan.view, at)) return false;
    if (branch.end !== undefined) return true;
    const end = this.#endOfHole(branch, scan, hole);
    scan.reached = end;
    return end !== -1;
  }

  #isSegment(from: number, length: number, view: DataView, at: number): boolean {
    const own = this.#view;
    if (length >= 8) {
      const last = length - 8;
      for (let i = 0; i < last; i += 8) {
        if (own.getFloat64(from + i, true) !== view.getFloat64(at + i, true)) return false;
      }
      return own.getFloat64(from + last, true) === view.getFloat64(at + last, true);
    }
    if (length >= 4) {
      const last = length - 4;
      return (
        own.getInt32(from, true) === view.getInt32(at, true) &&
        own.getInt32(from + last, true) === view.getInt32(at + last, true)
      );
    }
    for (let i = 0; i < length; i++) if (own.getUint8(from + i) !== view.getUint8(at + i)) return false;
    return true;
  }

  #endOfHole({ hole, form, same }: Branch, scan: EventScan, at: number): number {
    if (same === -1) {
      if (hole !== HOLE.stamp) return endOfHole(scan, hole, form, at);
      return scan.readStamp(at) ? scan.serialEnd : -1;
    }
    const { bytes, segmentStarts, segmentEnds } = scan;
    const first = segmentEnds[same] ?? 0;
    const end = segmentStarts[same + 1] ?? 0;
    // What differs are the last characters.
    for (let from = end - 1, to = at + end - 1 - first; from >= first; from--, to--) {
      if (bytes[from] !== bytes[to]) return -1;
    }
    return at + end - first;
  }

  #finish(scan: EventScan, { stencil, records }: NonNullable<Branch['end']>): Stencil {
    const { types, landlock, stampHoles, endSegments, endOffsets } = records;
    const { segmentStarts, bodyStarts, bodyEnds } = scan;
    scan.records = types.length;
    scan.landlock = landlock;
    for (let i = 0; i < types.length; i++) {
      scan.types[i] = types[i] ?? 0;
      bodyStarts[i] = (segmentStarts[(stampHoles[i] ?? 0) + 1] ?? 0) + stampEndBytes;
      bodyEnds[i] = (segmentStarts[endSegments[i] ?? 0] ?? 0) + (endOffsets[i] ?? 0);
    }
    return stencil;
  }

  #grow(from: Branch, scan: EventScan, segment: number, same: number, end: Branch['end']): Branch {
    const { bytes, segmentStarts, segmentEnds } = scan;
    const start = segmentStarts[segment] ?? 0;
    const length = (segmentEnds[segment] ?? 0) - start;
    const hole = end === undefined ? (scan.holes[segment] ?? 0) : -1;
    const form = end === undefined ? (scan.forms[segment] ?? 0) : 0;
    let branches = 0;
    let last: Branch | undefined;
    for (let branch = from.next; branch !== undefined; branch = branch.other) {
      const isSame = branch.hole === hole && branch.form === form && branch.same === same && branch.length === length;
      if (isSame && end === undefined && this.#isSegment(branch.from, length, scan.view, start)) return branch;
      // The last one gives way.
      if (++branches === branchesMax && last !== undefined) last.other = undefined;
      last = branch;
    }
    this.#bytes.set(bytes.subarray(start, start + length), this.#used);
    const grown: Branch = { from: this.#used, length, hole, form, same, end, next: undefined, other: from.next };
    this.#used += length;
    from.next = grown;
    return grown;
  }
}
