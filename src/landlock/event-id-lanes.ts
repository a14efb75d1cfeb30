// Event ids of many events that are written before they are known: their places in the output are filled in later, four
// ids at once (sha256-lanes.ts).
import { writeIdOfWords } from './event-id.ts';
import type { EventIds, StampBytes } from './event-id-bytes.ts';
import { BLOCK_BYTES } from './sha256.ts';
import { LANES, Sha256Lanes } from './sha256-lanes.ts';

export const ID_BYTES = 26;

/** Ids of one host in a row before it pays to make the lanes ready for it: their code has to be compiled. */
const firstAlone = 1_024;

interface Place {
  block: DataView;
  at: number;
}

export class LaterIds {
  #ids: EventIds;
  #alone = 0;
  /** Made when first wanted; null where the processor cannot. */
  #lanes: Sha256Lanes | null | undefined;
  /** One for each lane; the first ones wait. */
  readonly #places: readonly Place[];
  #waiting = 0;
  readonly #words = new Int32Array(8);

  constructor(ids: EventIds) {
    this.#ids = ids;
    const none = new DataView(new ArrayBuffer(0));
    this.#places = Array.from({ length: LANES }, () => ({ block: none, at: 0 }));
  }

  /** Whose events follow. */
  setIds(ids: EventIds): void {
    this.finish();
    this.#ids = ids;
    this.#alone = 0;
  }

  /** The id of the record `index` (below 10) will stand at `at` once `finish` was called; answers where it ends. */
  write(block: DataView, at: number, stamp: StampBytes, index: number): number {
    const lanes = this.#alone < firstAlone ? this.#readyAfterFirst() : this.#lanes;
    if (lanes == null || !this.#ids.isOneBlock(stamp)) return this.#ids.write(block, at, stamp, index);
    const lane = this.#waiting++;
    this.#ids.fill(lanes.blocks, lanes.view, lane * BLOCK_BYTES, stamp, index);
    const place = this.#places[lane];
    if (place !== undefined) {
      place.block = block;
      place.at = at;
    }
    if (this.#waiting === LANES) this.finish();
    return at + ID_BYTES;
  }

  /** Fills in the ids that are still missing. */
  finish(): void {
    const waiting = this.#waiting;
    if (waiting === 0 || this.#lanes == null) return;
    this.#waiting = 0;
    this.#lanes.compress();
    for (let lane = 0; lane < waiting; lane++) {
      const place = this.#places[lane];
      this.#lanes.read(lane, this.#words);
      if (place !== undefined) writeIdOfWords(place.block, place.at, this.#words);
    }
  }

  #readyAfterFirst(): Sha256Lanes | null {
    if (++this.#alone < firstAlone) return null;
    this.#lanes ??= makeLanes();
    this.#lanes?.setState(this.#ids.begun);
    for (let lane = 0; lane < LANES; lane++) this.#lanes?.blocks.set(this.#ids.rest, lane * BLOCK_BYTES);
    return this.#lanes;
  }
}

function makeLanes(): Sha256Lanes | null {
  try {
    return new Sha256Lanes();
  } catch {
    return null;
  }
}
