// Which documents of a source are counted already, where the source reads its log anew at each start. A document has an id
// that says so, but not all ids can be kept: of those that are counted longest ago the serials alone are, up to where. A
// log goes up in serials, so what it says before the place where the earlier process was is known.
import type { AnyDocument } from '../landlock/document.ts';
import { BoundedMap } from '../landlock/hierarchy/bounded-map.ts';

/** Ids that are kept: more than events may be out of order. */
const RECENT_MAX = 8_192;
/** Boots whose serials are kept. */
const BOOTS_MAX = 64;

/** `serial` is null where the document has none. */
export type CountedDocument = readonly [boot: string, serial: number | null, id: string];

/** As it is on disk. */
export interface CountedState {
  readonly recent: readonly CountedDocument[];
  /** All up to these serials are counted. */
  readonly upTo: readonly (readonly [boot: string, serial: number])[];
}

interface Mark {
  readonly upTo: number | undefined;
  readonly highest: number | undefined;
}

export class CountedAlready {
  readonly #recent = new BoundedMap<string, CountedDocument>(RECENT_MAX, (dropped) => this.#forget(dropped));
  readonly #upTo = new BoundedMap<string, number>(BOOTS_MAX);
  /** Of earlier processes; a boot is taken out when its log has come to where they were. */
  readonly #earlier = new Map<string, Mark>();

  constructor(state: CountedState = { recent: [], upTo: [] }, later: readonly CountedDocument[] = []) {
    for (const [boot, serial] of state.upTo) this.#upTo.set(boot, serial);
    for (const one of [...state.recent, ...later]) this.#recent.set(one[2], one);
    for (const boot of new Set([...this.#upTo.keys(), ...[...this.#recent.entries()].map(([, [boot]]) => boot)])) {
      this.#earlier.set(boot, this.#markOf(boot));
    }
  }

  get state(): CountedState {
    return { recent: [...this.#recent.entries()].map(([, one]) => one), upTo: [...this.#upTo.entries()] };
  }

  /** Whether it is; otherwise it is from now on, as what is answered. */
  note(doc: AnyDocument): CountedDocument | undefined {
    const one = toCounted(doc);
    if (this.#recent.get(one[2]) !== undefined || this.#isEarlier(doc, one)) return undefined;
    this.#recent.set(one[2], one);
    return one;
  }

  #isEarlier({ kind }: AnyDocument, [boot, serial]: CountedDocument): boolean {
    const mark = this.#earlier.get(boot);
    if (mark === undefined) return false;
    // A loss of our own comes in between, whatever the log is at.
    if (serial === null) return kind === 'malformed';
    if (mark.upTo !== undefined && distance(mark.upTo, serial) <= 0) return true;
    if (mark.highest === undefined || distance(mark.highest, serial) > 0) this.#earlier.delete(boot);
    return false;
  }

  #markOf(boot: string): Mark {
    let highest = this.#upTo.get(boot);
    for (const [, [of, serial]] of this.#recent.entries()) {
      if (of === boot && serial !== null && (highest === undefined || distance(highest, serial) > 0)) highest = serial;
    }
    return { upTo: this.#upTo.get(boot), highest };
  }

  #forget([boot, serial]: CountedDocument): void {
    if (serial === null) return;
    const known = this.#upTo.get(boot);
    this.#upTo.set(boot, known === undefined || distance(known, serial) > 0 ? serial : known);
  }
}

function toCounted(doc: AnyDocument): CountedDocument {
  return [doc.host.boot.id, serialOf(doc), doc.event.id];
}

function serialOf(doc: AnyDocument): number | null {
  if (doc.kind === 'gap') return doc.last ?? null;
  if (doc.kind === 'malformed' || doc.kind === 'domain-created') return null;
  return doc.event.sequence;
}

/** From `a` to `b`: serials have 32 bits, and begin again. */
function distance(a: number, b: number): number {
  return (b - a) | 0;
}
