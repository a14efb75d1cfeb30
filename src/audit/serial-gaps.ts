// Finds serials that never came. The kernel counts its records' serials from 1 each boot, in 32 bits, and every
// serial it takes is written at least once, so a hole that outlasts the usual disorder is a loss on the way (a full
// socket, a full queue). A loss before the serial is taken leaves no hole: others count those.
import type { AuditRecord } from './record.ts';

/** A run of missing serials, both ends included. `timeMs` is the records' time when the gap was given up on. */
export interface SerialGap {
  readonly node: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly timeMs: number;
  /** Nobody listened when they went by, since then; absent: they were lost on the way. */
  readonly unwatchedSinceMs?: number;
}

/** How far an earlier process has seen the records of this boot. */
export interface Watched {
  readonly serial: number;
  readonly timeMs: number;
}

export interface SerialGapsOptions {
  /** Of the records without a node. */
  readonly watched?: Watched | undefined;
  onGap(gap: SerialGap): void;
  /** The counter began anew: the record is the first that is known of a new boot. */
  onRestart(record: AuditRecord): void;
}

/** A hole is a gap when the counter has moved on by this much… */
export const reorderSerials = 4096;
/** …or the records' time by this much… */
export const reorderMs = 5000;
/** …or this many sweeps of a live source have passed. */
export const reorderSweeps = 8;
/** Holes that are waited for at one time, for one node; the oldest is a gap beyond it. */
export const holesMax = 1024;
/** Nodes that are followed; the one that was heard of first is forgotten beyond it. */
export const nodesMax = 1024;

/** A lower serial with a time newer than all before by more than this is a new boot, even near the first serial. */
const rebootMs = 2000;

interface Hole {
  first: number;
  last: number;
  readonly sinceMs: number;
  readonly sinceSweep: number;
  readonly unwatchedSinceMs?: number;
}

interface Node {
  readonly name: string;
  readonly base: number;
  highest: number;
  timeMs: number;
  holes: Hole[];
}

/** Signed distance from `a` to `b` in 32-bit serials. */
function distance(a: number, b: number): number {
  return (b - a) | 0;
}

function isDaemon(type: number): boolean {
  return type >= 1200 && type < 1300;
}

export class SerialGaps {
  readonly #options: SerialGapsOptions;
  readonly #nodes = new Map<string, Node>();
  #sweeps = 0;
  #watched: Watched | undefined;

  constructor(options: SerialGapsOptions) {
    this.#options = options;
    this.#watched = options.watched;
  }

  /** One record of each event, in order of arrival. auditd's own serials (DAEMON_*) are another counter. */
  see(record: AuditRecord): void {
    if (isDaemon(record.type)) return;
    const timeMs = record.seconds * 1000 + record.millis;
    const node = this.#nodes.get(record.node);
    if (node === undefined) {
      this.#start(record, timeMs);
      return;
    }
    const step = distance(node.highest, record.serial);
    if (step === 1) node.highest = record.serial;
    else if (step > 1) this.#skip(node, record.serial, timeMs);
    else if (step < 0 && !this.#fill(node, record.serial) && isRestart(node, record.serial, timeMs)) {
      this.#options.onRestart(record);
      this.restart(record.node);
      this.#start(record, timeMs);
      return;
    }
    if (timeMs > node.timeMs) node.timeMs = timeMs;
    if (node.holes.length > 0) this.#giveUp(node, false);
  }

  /** Live sources: at the pace of their sweeps. */
  sweep(): void {
    this.#sweeps++;
    for (const node of this.#nodes.values()) if (node.holes.length > 0) this.#giveUp(node, false);
  }

  /** Forgets where the counter of a node was: what follows is no gap. Open holes become gaps. */
  restart(node: string): void {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    this.#nodes.delete(node);
    this.#giveUp(known, true);
  }

  /** The input has ended: open holes become gaps. */
  end(): void {
    for (const node of this.#nodes.values()) this.#giveUp(node, true);
  }

  #start(record: AuditRecord, timeMs: number): void {
    const { node: name, serial } = record;
    this.#nodes.set(name, { name, base: serial, highest: serial, timeMs, holes: this.#unwatched(record, timeMs) });
    if (this.#nodes.size <= nodesMax) return;
    for (const oldest of this.#nodes.keys()) {
      this.restart(oldest);
      break;
    }
  }

  /** What went by since the earlier process, which is none of this one's disorder: asked for once. */
  #unwatched({ node, serial }: AuditRecord, timeMs: number): Hole[] {
    const watched = this.#watched;
    if (node !== '' || watched === undefined) return [];
    this.#watched = undefined;
    if (distance(watched.serial, serial) <= 1) return [];
    const [first, last] = [(watched.serial + 1) >>> 0, (serial - 1) >>> 0];
    return [{ first, last, sinceMs: timeMs, sinceSweep: this.#sweeps, unwatchedSinceMs: watched.timeMs }];
  }

  #skip(node: Node, serial: number, timeMs: number): void {
    const first = (node.highest + 1) >>> 0;
    node.holes.push({
      first,
      last: (serial - 1) >>> 0,
      sinceMs: Math.max(timeMs, node.timeMs),
      sinceSweep: this.#sweeps,
    });
    node.highest = serial;
    if (node.holes.length > holesMax) {
      const oldest = node.holes.shift();
      if (oldest !== undefined) this.#report(node, oldest);
    }
  }

  /** Takes a serial out of the hole that it was missing from; false if it was missing nowhere. */
  #fill(node: Node, serial: number): boolean {
    const at = node.holes.findLastIndex(
      (hole) => distance(hole.first, serial) >= 0 && distance(serial, hole.last) >= 0,
    );
    const hole = node.holes[at];
    if (hole === undefined) return false;
    if (hole.first === hole.last) node.holes.splice(at, 1);
    else if (serial === hole.first) hole.first = (serial + 1) >>> 0;
    else if (serial === hole.last) hole.last = (serial - 1) >>> 0;
    else {
      node.holes.splice(at + 1, 0, { ...hole, first: (serial + 1) >>> 0 });
      hole.last = (serial - 1) >>> 0;
    }
    return true;
  }

  #giveUp(node: Node, all: boolean): void {
    while (node.holes.length > 0) {
      const hole = node.holes[0];
      if (hole === undefined) return;
      const isOver =
        all ||
        distance(hole.last, node.highest) > reorderSerials ||
        node.timeMs - hole.sinceMs > reorderMs ||
        this.#sweeps - hole.sinceSweep > reorderSweeps;
      if (!isOver) return;
      node.holes.shift();
      this.#report(node, hole);
    }
  }

  #report(node: Node, hole: Hole): void {
    const { first, last, unwatchedSinceMs } = hole;
    const count = distance(first, last) + 1;
    const gap = { node: node.name, first, last, count, timeMs: node.timeMs };
    this.#options.onGap(unwatchedSinceMs === undefined ? gap : { ...gap, unwatchedSinceMs });
  }
}

/**
 * Whether a serial below the highest, which was missing nowhere, means that the counter began anew. Late records
 * carry an old time; a record of a new boot is newer than everything before. Just below the first serial that was
 * seen, disorder is likelier than a boot, unless time has moved on.
 */
function isRestart(node: Node, serial: number, timeMs: number): boolean {
  const newerMs = timeMs - node.timeMs;
  const below = distance(serial, node.base);
  return newerMs > (below > 0 && below <= reorderSerials ? rebootMs : 0);
}
