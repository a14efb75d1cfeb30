// The families that were inferred from the relatives of one domain alone (near-reading.ts), kept as long as nothing is
// stored that they depend on. What is stored of other families leaves them as they are.

import type { Bounds } from '../../landlock/hierarchy/boot-families.ts';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';
import { inferParents } from '../../landlock/hierarchy/hierarchy.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { BootObservations } from './boot-observations.ts';
import { type Inferred, toInferred } from './inferred.ts';
import { type NearBounds, type NearScope, readNear, signatureOf } from './near-reading.ts';

/** Which domain. */
export interface NearDomain {
  readonly id: number;
  readonly boot: number;
}

interface Near extends Inferred {
  readonly scope: NearScope;
  readonly signature: string;
  /** At which state of the database it was last found to hold. */
  checkedAt: string;
  /** Domains that it answers for; newer families may have taken some over. */
  asked: number;
}

export interface NearFamilyBounds extends NearBounds, Bounds {
  /** Domains of which answers are kept, as often as they are; those that were made the longest ago go first. */
  readonly keptMax: number;
}

/** Families that are kept, however small. */
const familiesMax = 20_000;

export class NearFamilies {
  readonly #db: Database;
  readonly #bounds: NearFamilyBounds;
  readonly #families: BoundedMap<Near, true>;
  readonly #byDomain = new Map<number, Near>();
  #kept = 0;
  /** How often something was inferred: for tests and measurements. */
  inferences = 0;

  constructor(db: Database, bounds: NearFamilyBounds) {
    this.#db = db;
    this.#bounds = bounds;
    this.#families = new BoundedMap(familiesMax);
  }

  /** What is kept and still holds. */
  find({ id }: NearDomain, withDescendants: boolean): Inferred | undefined {
    const near = this.#byDomain.get(id);
    if (near === undefined || (withDescendants && !near.scope.withDescendants)) return undefined;
    const now = stateOf(this.#db);
    if (near.checkedAt === now) return near;
    if (signatureOf(this.#db, near.scope) !== near.signature) return undefined;
    near.checkedAt = now;
    return near;
  }

  /** Reads the relatives and infers; undefined where they are too many. */
  infer({ id, boot }: NearDomain, withDescendants: boolean): Inferred | undefined {
    const read = this.#db.transaction(() => {
      const checkedAt = stateOf(this.#db);
      const near = readNear(this.#db, boot, id, withDescendants, this.#bounds);
      return near && { ...near, checkedAt, signature: signatureOf(this.#db, near.scope) };
    });
    const near = read();
    if (near === undefined) return undefined;
    this.inferences += 1;
    const families = inferParents(new BootObservations(this.#db, near.rows).observations(), this.#bounds);
    // Not the rows: they are many, and of no more use.
    const { scope, signature, checkedAt } = near;
    const made: Near = { ...toInferred(families, true, near.denials), scope, signature, checkedAt, asked: 0 };
    this.#keep(made);
    return made;
  }

  #keep(made: Near): void {
    this.#families.set(made, true);
    this.#kept += sizeOf(made);
    for (const id of made.scope.domains) {
      const before = this.#byDomain.get(id);
      this.#byDomain.set(id, made);
      made.asked += 1;
      if (before === undefined) continue;
      before.asked -= 1;
      // Newer ones answer for all of it.
      if (before.asked === 0) this.#drop(before);
    }
    while ((this.#kept > this.#bounds.keptMax || this.#families.size >= familiesMax) && this.#families.size > 1) {
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    for (const oldest of this.#families.keys()) {
      this.#drop(oldest);
      return;
    }
  }

  #drop(near: Near): void {
    this.#families.delete(near);
    this.#kept -= sizeOf(near);
    for (const id of near.scope.domains) if (this.#byDomain.get(id) === near) this.#byDomain.delete(id);
  }
}

function sizeOf({ scope }: Near): number {
  return scope.domains.length;
}

/** Changes with every commit, of this connection or another one. */
function stateOf(db: Database): string {
  const own = statement<{ n: number }>(db, 'SELECT total_changes() AS n').get()?.n;
  return `${String(db.pragma('data_version', { simple: true }))} ${own}`;
}
