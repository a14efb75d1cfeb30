// Many denials to few needs: each place once, with all rights that were asked for there and how many denials ask for it.
import type { Denial } from '../document.ts';
import { type NoRule, needOf, type PathNeed, type PortNeed } from './needs.ts';
import type { Right } from './rights.ts';

/** Different places that are kept; denials about further ones are counted, not looked at. */
export const placesMax = 1_000;
/** Renames and links between two directories that are kept. */
const movesMax = 200;
/** Of moves whose other record has not come: it may never. */
const halvesMax = 2_000;
/** Addresses that are kept of a port. */
const addressesMax = 20;

/** A path or a port with the rights of one or more denials. */
export interface Place {
  readonly need: PathNeed | PortNeed;
  readonly addresses: ReadonlySet<string>;
  readonly denials: number;
}

/** A rename or a hard link from one directory to another, as two records of one event tell it. */
export interface Move {
  readonly from: PathNeed;
  readonly to: PathNeed;
  readonly isDirectoryMoved: boolean;
}

export interface Impossible extends Omit<NoRule, 'kind'> {
  readonly denials: number;
}

export interface Gathered {
  readonly places: readonly Place[];
  readonly moves: readonly Move[];
  readonly impossible: readonly Impossible[];
  readonly selected: number;
  /** Of denials whose actor need not be inside the sandbox. */
  readonly doubtful: number;
  readonly beyond: number;
  /** Renames and links between directories that were not looked at as such, for there were too many. */
  readonly movesBeyond: number;
}

interface Mutable<T> {
  value: T;
  denials: number;
  readonly addresses: Set<string>;
}

/** What tells one need from another: place, kind and rights, so that each is judged by itself. */
function keyOf(need: PathNeed | PortNeed): string {
  const place = need.kind === 'path' ? `${need.isDirectory ? 'd' : 'f'}${need.path}` : `p${need.port}`;
  return `${need.rights.map(({ short }) => short).join()} ${place}`;
}

const has = (need: PathNeed, start: string) => need.rights.some(({ short }) => short.startsWith(start));

function isRefer(need: PathNeed): boolean {
  return has(need, 'refer');
}

/** The record about the directory that something was to leave comes first. */
function moveOf(first: PathNeed, second: PathNeed): Move {
  const isTurned = has(first, 'make_') && !has(first, 'remove_') && !has(second, 'make_');
  const [from, to] = isTurned ? [second, first] : [first, second];
  const isDirectoryMoved = [from, to].some((need) => has(need, 'make_dir') || has(need, 'remove_dir'));
  return { from, to, isDirectoryMoved };
}

function isExchange({ from, to }: Move): boolean {
  return [from, to].every((need) => has(need, 'make_') && has(need, 'remove_'));
}

class Gatherer {
  readonly #places = new Map<string, Mutable<PathNeed | PortNeed>>();
  readonly #impossible = new Map<string, Mutable<NoRule>>();
  readonly #halves = new Map<string, PathNeed>();
  readonly #moves = new Map<string, Move>();
  #selected = 0;
  #doubtful = 0;
  #beyond = 0;
  #movesBeyond = 0;

  add(denial: Denial): void {
    this.#selected++;
    if (denial.landlock.actor_certainty === 'may_be_outside') this.#doubtful++;
    const need = needOf(denial);
    if (need.kind === 'none') this.#addTo(this.#impossible, JSON.stringify(need), need);
    else this.#addTo(this.#places, keyOf(need), need);
    if (need.kind === 'path' && isRefer(need)) this.#addMove(need);
  }

  #addTo<T extends NoRule | PathNeed | PortNeed>(map: Map<string, Mutable<T>>, key: string, value: T): void {
    const known = map.get(key) ?? { value, denials: 0, addresses: new Set<string>() };
    if (known.denials === 0) {
      if (map.size >= placesMax) {
        this.#beyond++;
        return;
      }
      map.set(key, known);
    }
    known.denials++;
    if (value.kind === 'port' && value.address !== undefined && known.addresses.size < addressesMax)
      known.addresses.add(value.address);
  }

  #addMove(need: PathNeed): void {
    const half = this.#halves.get(need.event);
    if (half === undefined) {
      if (this.#halves.size < halvesMax) this.#halves.set(need.event, need);
      else this.#movesBeyond++;
      return;
    }
    this.#halves.delete(need.event);
    if (half.path === need.path) return;
    const move = moveOf(half, need);
    const all = isExchange(move) ? [move, { ...move, from: move.to, to: move.from }] : [move];
    for (const one of all) {
      const key = JSON.stringify([one.from.path, one.to.path, one.isDirectoryMoved]);
      if (this.#moves.size < movesMax || this.#moves.has(key)) this.#moves.set(key, one);
      else this.#movesBeyond++;
    }
  }

  gathered(): Gathered {
    return {
      places: [...this.#places.values()].map(({ value, ...rest }) => ({ need: value, ...rest })),
      moves: [...this.#moves.values()],
      impossible: [...this.#impossible.values()].map(({ value: { what, reason, instead }, denials }) => {
        return { what, reason, instead, denials };
      }),
      selected: this.#selected,
      doubtful: this.#doubtful,
      beyond: this.#beyond,
      movesBeyond: this.#movesBeyond,
    };
  }
}

/** The needs of `denials`. Takes any, in any order. */
export function gather(denials: Iterable<Denial>): Gathered {
  const gatherer = new Gatherer();
  for (const denial of denials) gatherer.add(denial);
  return gatherer.gathered();
}

/** All rights of some needs. */
export function rightsOfAll(needs: Iterable<{ readonly rights: readonly Right[] }>): Set<Right> {
  const rights = new Set<Right>();
  for (const need of needs) for (const right of need.rights) rights.add(right);
  return rights;
}
