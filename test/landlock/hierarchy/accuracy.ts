// How often the inferred families are right, by strength, against the true ones; and how many of the domains whose
// parent the records decide got it. Used by the tests, which hold the bounds, and by the benchmark, which prints them.
import type { Family, Strength } from '../../../src/landlock/hierarchy/family.ts';
import type { Observation } from '../../../src/landlock/hierarchy/observation.ts';

/** Processes above one, as records name them, that a link may go through. */
const GENERATIONS_MAX = 4;

/** `ancestors` and `parents` of a strength: how many were given, and how many of them are true. */
export interface Count {
  given: number;
  right: number;
}

/** `edges`: every ancestor that was given. `parents`: the nearest one of each domain, right if no named one is nearer. */
export class Accuracy {
  readonly edges = new Map<Strength, Count>();
  readonly parents = new Map<Strength, Count>();
  /** Domains that truly have an ancestor which some record names, and how many got the nearest one of these. */
  readonly named: Count = { given: 0, right: 0 };
  /** Those of them that records link to that ancestor: without a link nothing tells it from any other older domain. */
  readonly linked: Count = { given: 0, right: 0 };
  /**
   * Those of them whose links speak for true ancestors alone: the others have a stranger that the same records speak
   * for just as much, such as a domain that a parent process made after the fork, or one of another thread.
   */
  readonly decidable: Count = { given: 0, right: 0 };
  /** Of `decidable`: those for which the wrong one, or none, was given, in words. */
  readonly missed: string[] = [];
  /** Proven and strong edges that are not so, in words. */
  readonly wrong: { readonly strength: Strength; readonly edge: string }[] = [];

  add(
    observations: readonly Observation[],
    families: ReadonlyMap<string, Family>,
    isAncestor: (ancestor: string, domain: string) => boolean,
  ): void {
    const links = new Links(observations);
    const ids = [...families.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    for (const { domain, parent, ancestors } of families.values()) {
      for (const { domain: ancestor, strength, evidence } of ancestors) {
        const isRight = isAncestor(ancestor, domain);
        count(this.edges, strength, isRight);
        if (!isRight && strength !== 'hint') {
          this.wrong.push({ strength, edge: `${domain} ← ${ancestor}: ${JSON.stringify(evidence)}` });
        }
      }
      const nearest = ids.findLast((id) => isAncestor(id, domain));
      if (parent !== undefined) count(this.parents, parent.strength, parent.domain === nearest);
      if (nearest === undefined) continue;
      const isRight = parent?.domain === nearest;
      tally(this.named, isRight);
      if (!links.isInside(nearest, domain)) continue;
      tally(this.linked, isRight);
      if (links.mayBeInside(domain).some((id) => !isAncestor(id, domain))) continue;
      tally(this.decidable, isRight);
      if (!isRight) this.missed.push(`${domain} ← ${nearest}, not ${parent?.domain} (${parent?.strength})`);
    }
  }

  /** Rows for a table, the strongest first. */
  rows(): { strength: Strength; edges: Count; parents: Count }[] {
    const none = { given: 0, right: 0 };
    return (['proof', 'strong', 'hint'] as const).map((strength) => ({
      strength,
      edges: this.edges.get(strength) ?? none,
      parents: this.parents.get(strength) ?? none,
    }));
  }
}

/** What the records say of processes and domains, without weighing any of it. */
class Links {
  /** Refused by the domain. */
  readonly #insiders = new Map<string, Set<number>>();
  /** Refused by the domain, or its creator. */
  readonly #named = new Map<string, Set<number>>();
  /** The other way round. */
  readonly #domains = new Map<number, Set<string>>();
  readonly #parents = new Map<number, Set<number>>();
  /** Domains that refused one system call. */
  readonly #events = new Map<string, Set<string>>();
  readonly #freedAt = new Map<string, number>();
  readonly #lastSeenAt = new Map<string, number>();

  constructor(observations: readonly Observation[]) {
    for (const seen of observations) this.#see(seen);
  }

  /** Whether a process that `domain` names, or one above it, was refused by `ancestor`, or both refused one call. */
  isInside(ancestor: string, domain: string): boolean {
    const insiders = this.#insiders.get(ancestor);
    const isAbove = this.#processesOf(domain).some((pid) => insiders?.has(pid));
    return isAbove || [...this.#events.values()].some((both) => both.has(ancestor) && both.has(domain));
  }

  /**
   * All that a process of `domain`, or one above it, was refused by or made, and that may be an ancestor for all that
   * numbers and ends say.
   */
  mayBeInside(domain: string): string[] {
    const tied = this.#processesOf(domain).flatMap((pid) => [...(this.#domains.get(pid) ?? [])]);
    const lastSeenAt = this.#lastSeenAt.get(domain) ?? 0;
    return [...new Set(tied)].filter((id) => {
      const isOlder = BigInt(`0x${id}`) < BigInt(`0x${domain}`);
      return isOlder && (this.#freedAt.get(id) ?? Number.POSITIVE_INFINITY) > lastSeenAt;
    });
  }

  /** Those that `domain` names, and those above them. */
  #processesOf(domain: string): number[] {
    const found = new Set(this.#named.get(domain));
    for (let i = 0; i < GENERATIONS_MAX; i++) {
      for (const parent of [...found].flatMap((pid) => [...(this.#parents.get(pid) ?? [])])) found.add(parent);
    }
    return [...found];
  }

  #see(seen: Observation): void {
    if (seen.kind === 'creation') return;
    if (seen.kind !== 'call') {
      this.#lastSeenAt.set(seen.domain, Math.max(seen.serial, this.#lastSeenAt.get(seen.domain) ?? 0));
    }
    if (seen.kind === 'deallocation') this.#freedAt.set(seen.domain, seen.serial);
    if (seen.kind === 'allocation' && seen.creator.pid !== undefined) this.#name(seen.domain, seen.creator.pid);
    if (seen.kind === 'denial' && seen.isOwnCheck) addTo(this.#events, seen.event, seen.domain);
    if ((seen.kind === 'denial' || seen.kind === 'call') && seen.actor !== undefined) {
      const { pid, parentPid, lineage } = seen.actor;
      if (seen.kind === 'denial') {
        addTo(this.#insiders, seen.domain, pid);
        this.#name(seen.domain, pid);
      }
      if (parentPid !== undefined) addTo(this.#parents, pid, parentPid);
      lineage?.slice(1).forEach((above, index) => {
        addTo(this.#parents, lineage[index]?.pid ?? 0, above.pid);
      });
    }
  }

  #name(domain: string, pid: number): void {
    addTo(this.#named, domain, pid);
    addTo(this.#domains, pid, domain);
  }
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}

function tally(counted: Count, isRight: boolean): void {
  counted.given += 1;
  counted.right += Number(isRight);
}

function count(table: Map<Strength, Count>, strength: Strength, isRight: boolean): void {
  const row = table.get(strength) ?? { given: 0, right: 0 };
  table.set(strength, row);
  tally(row, isRight);
}
