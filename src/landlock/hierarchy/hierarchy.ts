// The hierarchy of domains of many machines: documents in, families out. It holds what is needed to judge the
// domains that were seen lately, within bounds; older answers are the store's to keep.
import type { AnyDocument } from '../document.ts';
import { BOUNDS, BootFamilies, type Bounds } from './boot-families.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Family } from './family.ts';
import type { FamilyMemory } from './family-memory.ts';
import { type Observation, toObservation } from './observation.ts';

/** Boots, and domains of all boots, in memory at a time; the boot that was quiet the longest is forgotten. */
const BOOTS_MAX = 1_024;
const DOMAINS_MAX = 50_000;

/** Takes the documents of all hosts. Domain ids and process numbers only mean something within one boot. */
export class Hierarchy {
  readonly #boots: BoundedMap<string, BootFamilies>;
  readonly #bounds: Bounds;
  readonly #domainsMax: number;
  readonly #memoryOf: ((hostId: string, bootId: string) => FamilyMemory) | undefined;
  #domains = 0;

  /** `memoryOf`: what a boot's families leave to and come back from; without it the oldest are forgotten. */
  constructor(
    options: {
      readonly bootsMax?: number;
      readonly domainsMax?: number;
      readonly bounds?: Bounds;
      memoryOf?(hostId: string, bootId: string): FamilyMemory;
    } = {},
  ) {
    this.#memoryOf = options.memoryOf;
    this.#boots = new BoundedMap(options.bootsMax ?? BOOTS_MAX, (boot) => {
      this.#domains -= boot.size;
    });
    this.#domainsMax = options.domainsMax ?? DOMAINS_MAX;
    this.#bounds = options.bounds ?? BOUNDS;
  }

  /** Domains in memory. */
  get size(): number {
    return this.#domains;
  }

  /** Takes note; documents may come in any order and more than once. */
  observe(doc: AnyDocument): void {
    const observation = toObservation(doc);
    if (observation !== undefined) {
      this.#count(doc.host.id, doc.host.boot.id, (boot) => boot.observe(observation));
    }
  }

  /** undefined: not in memory, nor in the one behind it. */
  family(hostId: string, bootId: string, domainId: string): Family | undefined {
    const isKnown = this.#boots.get(bootKey(hostId, bootId)) !== undefined;
    if (!isKnown && this.#memoryOf === undefined) {
      return undefined;
    }
    return this.#count(hostId, bootId, (boot) => boot.family(domainId));
  }

  /** Does it with the boot, which may load domains or let them go. */
  #count<T>(hostId: string, bootId: string, work: (boot: BootFamilies) => T): T {
    const key = bootKey(hostId, bootId);
    const boot = this.#boots.get(key) ?? new BootFamilies(this.#bounds, this.#memoryOf?.(hostId, bootId));
    this.#boots.set(key, boot);
    const before = boot.size;
    const result = work(boot);
    this.#domains += boot.size - before;
    while (this.#domains > this.#domainsMax && this.#boots.size > 1) {
      this.#boots.dropOldest();
    }
    return result;
  }
}

function bootKey(hostId: string, bootId: string): string {
  return JSON.stringify([hostId, bootId]);
}

/** The families of all domains that the observations of one boot name, by domain id. */
export function inferParents(observations: Iterable<Observation>, bounds: Bounds = BOUNDS): Map<string, Family> {
  const boot = new BootFamilies(bounds);
  for (const observation of observations) {
    boot.observe(observation);
  }
  const families = new Map<string, Family>();
  for (const id of boot.domains()) {
    const family = boot.family(id);
    if (family !== undefined) {
      families.set(id, family);
    }
  }
  return families;
}
