// What domains descend from: infers the families of a boot from what is stored of it (the kernel's audit records name
// no parent), and keeps the answers until something is stored that they depend on. Most families are read by themselves
// (near-family.ts); one that is too great, with its boot. Judging evidence is src/landlock/hierarchy.
import { performance } from 'node:perf_hooks';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';
import { inferParents } from '../../landlock/hierarchy/hierarchy.ts';
import type { Database } from '../database/open.ts';
import { withEventIds } from '../denials/record-names.ts';
import { BootObservations } from './boot-observations.ts';
import { readBoot } from './boot-reading.ts';
import type { BootRow } from './boot-rows.ts';
import { type BootState, bootState, unchangedState } from './boot-state.ts';
import { type Reach, reachOf, type StretchBounds } from './boot-stretch.ts';
import { type Inferred, toInferred } from './inferred.ts';
import { type Kinship, NO_KIN, toKinship } from './kinship.ts';
import { NearFamilies, type NearFamilyBounds } from './near-family.ts';

/** Which domain: its row, its boot, its number, and when something of it was first stored. */
export interface DomainRef extends BootRow {
  readonly id: number;
  readonly number: string;
  readonly firstMs: number;
}

/** Beyond `denialsMax` and `domainsMax` a boot is looked at in parts, and its answers say that they are incomplete. */
export interface FamilyBounds extends StretchBounds, NearFamilyBounds {
  /** Denials that are read for one question; the domains that are left then get an answer that says so. */
  readonly readMax: number;
}

/** A boot at the bound takes some three seconds to read; the kept answers of each kind some 60 MB. */
export const FAMILY_BOUNDS: FamilyBounds = {
  nearDomainsMax: 1_000,
  nearDenialsMax: 20_000,
  denialsMax: 250_000,
  partMax: 60_000,
  readMax: 300_000,
  keptMax: 60_000,
  domainsMax: 40_000,
  processesMax: 80_000,
  eventsMax: 1_024,
};

/** Boots of which answers are kept, and parts of one boot. */
const bootsMax = 512;
const partsMax = 8;

/** What took longer to infer is used again for a while, even if something has been stored since … */
const SLOW_MS = 200;
/** … for so many times as long as it took: then inferring takes a fifth of a reader's time at the most. */
const REST_FACTOR = 4;

/** What was inferred of a boot, or of a stretch of it. */
interface InferredBoot extends Inferred {
  readonly boot: BootRow;
  readonly reach: Reach;
  readonly tookMs: number;
  readonly madeMs: number;
  state: BootState;
}

const familiesByDatabase = new WeakMap<Database, DomainFamilies>();

/** The families in a database, with what its connection keeps of them. */
export function familiesIn(db: Database): DomainFamilies {
  const known = familiesByDatabase.get(db) ?? new DomainFamilies(db);
  familiesByDatabase.set(db, known);
  return known;
}

export class DomainFamilies {
  readonly #db: Database;
  readonly #bounds: FamilyBounds;
  readonly #near: NearFamilies;
  /** By boot: the parts of it, the last used one last. Only where a family is too great to be read by itself. */
  readonly #boots: BoundedMap<number, InferredBoot[]>;
  #kept = 0;
  #bootInferences = 0;

  constructor(db: Database, bounds: FamilyBounds = FAMILY_BOUNDS) {
    this.#db = db;
    this.#bounds = bounds;
    this.#near = new NearFamilies(db, bounds);
    this.#boots = new BoundedMap(bootsMax, (parts) => {
      this.#kept -= sizeOf(parts);
    });
  }

  /** How often something was inferred: for tests and measurements. */
  get inferences(): number {
    return this.#bootInferences + this.#near.inferences;
  }

  /** For the domains of one question. */
  ask(): FamilyQuestion {
    let read = 0;
    return new FamilyQuestion(this.#db, (domain, withDescendants, isChecked) => {
      const near = this.#near.find(domain, withDescendants);
      if (near !== undefined) return near;
      const known = this.#find(domain);
      if (known !== undefined && (isChecked(known) || this.#isUsable(known))) return known;
      if (read >= this.#bounds.readMax) return undefined;
      const made = this.#near.infer(domain, withDescendants) ?? this.#infer(domain);
      read += made?.denials ?? 0;
      return made;
    });
  }

  #find(domain: DomainRef): InferredBoot | undefined {
    return this.#boots.get(domain.boot)?.find(({ reach }) => isGoodFor(reach, domain));
  }

  #isUsable(known: InferredBoot): boolean {
    const state = unchangedState(this.#db, known.boot, known.state, known.isWhole);
    if (state !== undefined) {
      known.state = state;
      return true;
    }
    return known.tookMs > SLOW_MS && performance.now() - known.madeMs < REST_FACTOR * known.tookMs;
  }

  #infer(domain: DomainRef): Inferred | undefined {
    const startedMs = performance.now();
    const boot = { boot: domain.boot, host: domain.host };
    const state = bootState(this.#db, boot);
    const reach = reachOf(this.#db, boot, domain.firstMs, this.#bounds);
    if (reach === undefined) return undefined;
    this.#bootInferences += 1;
    const stored = readBoot(this.#db, boot, reach, this.#bounds.domainsMax);
    const observations = new BootObservations(this.#db, stored.rows);
    const families = inferParents(observations.observations(), this.#bounds);
    const isWhole = reach.isWhole && !stored.isCut && observations.processes <= this.#bounds.processesMax;
    const inferred = toInferred(families, isWhole, stored.denials());
    const madeMs = performance.now();
    const made = { ...inferred, boot, reach, tookMs: madeMs - startedMs, madeMs, state };
    this.#keep(made, domain);
    return made;
  }

  #keep(made: InferredBoot, domain: DomainRef): void {
    const before = this.#boots.get(made.boot.boot) ?? [];
    const parts = [...before.filter(({ reach }) => !isGoodFor(reach, domain)).slice(1 - partsMax), made];
    this.#boots.set(made.boot.boot, parts);
    this.#kept += sizeOf(parts) - sizeOf(before);
    while (this.#kept > this.#bounds.keptMax && this.#boots.size > 1) this.#boots.dropOldest();
  }
}

type Find = (
  domain: DomainRef,
  withDescendants: boolean,
  isChecked: (known: Inferred) => boolean,
) => Inferred | undefined;

/** One question about some domains: whether something was stored since is asked once for all of them. */
export class FamilyQuestion {
  readonly #db: Database;
  readonly #find: Find;
  readonly #checked = new Set<Inferred>();

  constructor(db: Database, find: Find) {
    this.#db = db;
    this.#find = find;
  }

  /** The known parent of a domain with its evidence. */
  kinshipOf(domain: DomainRef): Kinship {
    const known = this.#inferredOf(domain, false);
    if (known === undefined) return toKinship(undefined, false);
    const kinship = known.kinships.get(domain.number);
    if (kinship === undefined) return known.isWhole ? NO_KIN : toKinship(undefined, false);
    const others = kinship.other_ancestors?.map((other) => {
      return { ...other, evidence: withEventIds(this.#db, other.evidence) };
    });
    return {
      ...kinship,
      evidence: withEventIds(this.#db, kinship.evidence),
      ...(others !== undefined && { other_ancestors: others }),
    };
  }

  /** Numbers of the domains that are known to descend from a domain, generation by generation. */
  descendantsOf(domain: DomainRef): readonly string[] {
    const children = this.#inferredOf(domain, true)?.children;
    const found = new Set<string>();
    let generation = [domain.number];
    while (generation.length > 0) {
      const next = generation.flatMap((number) => children?.get(number) ?? []).filter((number) => !found.has(number));
      for (const number of next) found.add(number);
      generation = next;
    }
    found.delete(domain.number);
    return [...found];
  }

  #inferredOf(domain: DomainRef, withDescendants: boolean): Inferred | undefined {
    const found = this.#find(domain, withDescendants, (known) => this.#checked.has(known));
    if (found !== undefined) this.#checked.add(found);
    return found;
  }
}

function isGoodFor({ goodFromMs, goodToMs }: Reach, { firstMs }: DomainRef): boolean {
  return firstMs >= goodFromMs && firstMs <= goodToMs;
}

function sizeOf(parts: readonly InferredBoot[]): number {
  return parts.reduce((sum, { kinships }) => sum + kinships.size, 0);
}
