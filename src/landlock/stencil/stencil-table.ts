// The stencils that were made, found by an event's segments. Bounded: two places for each hash, the older one gives
// way. A stencil costs as much as a few events, so it is made when a kind of event is seen for the second time.
import type { EventScan } from './event-scan.ts';
import type { Stencil } from './stencil.ts';

/** Places for stencils, some 5 kB each. A power of two. */
const stencilsMax = 4096;
/** Hashes of kinds that were seen. A power of two. */
const seenMax = 65_536;

/** `null`: a kind that must go the ordinary way. */
type Known = Stencil | null;

interface Place {
  readonly hash: number;
  readonly stencil: Known;
}

/** Whether the scanned event has the segments of the stencil. */
function fits({ key, keyView, keyEnds, holes }: Stencil, scan: EventScan): boolean {
  const { bytes, view, segments, segmentStarts } = scan;
  if (keyEnds.length !== segments) return false;
  let from = 0;
  for (let at = 0; at < segments; at++) {
    const start = segmentStarts[at] ?? 0;
    const end = keyEnds[at] ?? 0;
    if ((scan.segmentEnds[at] ?? 0) - start !== end - from) return false;
    if (at < segments - 1 && holes[at] !== scan.holes[at]) return false;
    const shift = start - from;
    for (const last = end - 4; from <= last; from += 4) {
      if (keyView.getInt32(from, true) !== view.getInt32(from + shift, true)) return false;
    }
    for (; from < end; from++) if (key[from] !== bytes[from + shift]) return false;
  }
  return true;
}

export class StencilTable {
  readonly #places = new Array<Place | undefined>(stencilsMax).fill(undefined);
  readonly #seen = new Int32Array(seenMax);
  readonly #make: (scan: EventScan) => Stencil | undefined;

  constructor(make: (scan: EventScan) => Stencil | undefined) {
    this.#make = make;
  }

  /** The stencil for the event that was scanned, if there is one. */
  find(scan: EventScan): Stencil | undefined {
    const { hash } = scan;
    const first = hash & (stencilsMax - 1);
    const place = this.#places[first];
    if (place !== undefined && place.hash === hash) {
      if (place.stencil === null) return undefined;
      if (fits(place.stencil, scan)) return place.stencil;
    }
    const other = this.#places[first ^ 1];
    if (other !== undefined && other.hash === hash) {
      if (other.stencil === null) return undefined;
      if (fits(other.stencil, scan)) return other.stencil;
    }
    const seen = (hash >>> 3) & (seenMax - 1);
    if (this.#seen[seen] !== hash) {
      this.#seen[seen] = hash;
      return undefined;
    }
    const stencil = this.#make(scan);
    if (place !== undefined) this.#places[first ^ 1] = place;
    this.#places[first] = { hash, stencil: stencil ?? null };
    return stencil;
  }
}
