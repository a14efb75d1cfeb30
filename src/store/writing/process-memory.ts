// What the records say of a denial's process, remembered by their bytes: a process that is denied something is mostly
// denied more, and its records then tell the same of it, so that nothing of it need be read, looked up or made again.
import type { EventScan } from '../../landlock/stencil/event-scan.ts';
import type { KnownArgs, StoredActor } from './denial-texts.ts';

/** Processes that are remembered. A power of two. */
const processesMax = 16_384;
/** Longer ones are not remembered, in words of four bytes. */
const wordsMax = 128;

/** What comes from the bytes of a process, with what all denials of a plan have in common. */
export interface KnownProcess {
  readonly actor: StoredActor;
  readonly args: KnownArgs | undefined;
  readonly pid: number | null;
  readonly parentPid: number | null;
}

/** Holes from the first to the last one that tell of the process. */
export interface HoleSpan {
  readonly first: number;
  readonly last: number;
}

/** What decides on a process beside its bytes. */
export interface Owner {
  readonly text: string;
}

interface Entry {
  /** See `find`. */
  readonly owner: Owner;
  readonly process: KnownProcess;
}

/** One object for one writer. */
export class ProcessMemory {
  readonly #owners = new Map<string, Owner>();
  readonly #entries = new Array<Entry | undefined>(processesMax).fill(undefined);
  readonly #lengths = new Int32Array(processesMax);
  /** The bytes of each, in cells of `wordsMax`. */
  readonly #cells = new Int32Array(processesMax * wordsMax);
  readonly #words = new Int32Array(wordsMax);
  #count = 0;
  #place = 0;

  /** The same object for the same text, until `clear`. */
  owner(text: string): Owner {
    let owner = this.#owners.get(text);
    if (owner === undefined) {
      owner = { text };
      this.#owners.set(text, owner);
    }
    return owner;
  }

  /** The process whose bytes stand in the spans. */
  find(owner: Owner, scan: EventScan, spans: readonly HoleSpan[]): KnownProcess | undefined {
    this.#count = 0;
    let hash = 0;
    for (const { first, last } of spans) {
      // With what stands around it: a quote tells a text from its hexadecimal form.
      const from = (scan.segmentEnds[first] ?? 1) - 1;
      hash = this.#read(scan.view, from, (scan.segmentStarts[last + 1] ?? 0) + 1, hash);
      if (this.#count > wordsMax) return undefined;
    }
    this.#place = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 18;
    const entry = this.#entries[this.#place];
    return entry?.owner === owner && this.#isSame(this.#place) ? entry.process : undefined;
  }

  /** Remembers the process that `find` did not know. */
  keep(owner: Owner, process: KnownProcess): void {
    if (this.#count > wordsMax) return;
    const place = this.#place;
    this.#entries[place] = { owner, process };
    this.#lengths[place] = this.#count;
    this.#cells.set(this.#words.subarray(0, this.#count), place * wordsMax);
  }

  /** The rows that are remembered may be gone. */
  clear(): void {
    this.#entries.fill(undefined);
    this.#owners.clear();
  }

  /** Adds the bytes to the words, each span in words of its own; answers the hash of all. */
  #read(view: DataView, from: number, to: number, before: number): number {
    const words = this.#words;
    const count = (to - from + 3) >> 2;
    let at = this.#count;
    this.#count += count + 1;
    if (this.#count > wordsMax) return 0;
    // Else the end of one span could pass for the start of the next.
    words[at] = to - from;
    let hash = Math.imul(before ^ (to - from), 0x9e3779b1);
    for (let i = 0; i < count; i++) {
      let word = view.getInt32(from + i * 4, true);
      if (i === count - 1 && ((to - from) & 3) !== 0) word &= (1 << (((to - from) & 3) * 8)) - 1;
      at += 1;
      words[at] = word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #isSame(place: number): boolean {
    const count = this.#count;
    if (this.#lengths[place] !== count) return false;
    const cells = this.#cells;
    const words = this.#words;
    const start = place * wordsMax;
    for (let i = 0; i < count; i++) if (cells[start + i] !== words[i]) return false;
    return true;
  }
}
