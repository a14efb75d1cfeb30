// The families of one boot of one machine: takes observations in any order, answers for one domain at a time.
// An observation costs about constant time; the answer is made when it is asked for, from what is in memory then.
// With a memory behind it (family-memory.ts) families that have ended leave, and come back when they are named again.
import { BoundedMap } from './bounded-map.ts';
import { DomainNode } from './domain-node.ts';
import type { Ancestor, Family, RuledOut } from './family.ts';
import type { FamilyMemory } from './family-memory.ts';
import { bestStrength, gatherEvidence } from './gather-evidence.ts';
import type { Actor, AllocationSeen, CallSeen, CreationTraced, DenialSeen, Observation } from './observation.ts';
import { ProcessNode } from './process-node.ts';
import { SerialOrder } from './serial-order.ts';
import type { Surroundings } from './surroundings.ts';

/** The layers of a domain (security/landlock/limits.h). */
const LAYERS_MAX = 16;

/** Beyond each of these the least recently seen is forgotten. */
export interface Bounds {
  readonly domainsMax: number;
  readonly processesMax: number;
  /** Events that may still get a second denial. */
  readonly eventsMax: number;
  /** Domains that have ended and wait for records that are late, where there is a memory for them to go to. */
  readonly settlingMax?: number;
}

const SETTLING_MAX = 1_024;

/** As the kernel prints them. */
const DOMAIN_ID = /^[0-9a-f]{1,16}$/;

/** A domain with its processes takes some 3.4 kB: 70 MB at the most for one boot. */
export const BOUNDS: Bounds = { domainsMax: 20_000, processesMax: 20_000, eventsMax: 1_024 };

interface Gathered {
  readonly ancestors: readonly Ancestor[];
  readonly ruledOut: readonly RuledOut[];
}

export class BootFamilies implements Surroundings {
  readonly #domains: BoundedMap<string, DomainNode>;
  readonly #processes: BoundedMap<number, ProcessNode>;
  /** By time stamp and serial: denials of one system call by the task's own domains. */
  readonly #events: BoundedMap<string, { domain: string; record: string }[]>;
  /** Calls that were taken note of already, by event id. */
  readonly #calls: BoundedMap<string, true>;
  readonly #order = new SerialOrder();
  /** Made when first asked for, void with the next observation: ancestors are asked for once for each descendant. */
  readonly #gathered = new Map<string, Gathered>();
  readonly #memory: FamilyMemory | undefined;
  readonly #settling: BoundedMap<string, DomainNode>;
  #isRecalling = false;
  /** Those that ended long ago, and were brought back for one question. */
  #recalled: DomainNode[] = [];

  constructor(bounds: Bounds = BOUNDS, memory?: FamilyMemory) {
    this.#memory = memory;
    this.#settling = new BoundedMap(bounds.settlingMax ?? SETTLING_MAX, (domain) => this.#settle(domain));
    this.#domains = new BoundedMap(bounds.domainsMax);
    this.#processes = new BoundedMap(bounds.processesMax);
    this.#events = new BoundedMap(bounds.eventsMax);
    this.#calls = new BoundedMap(bounds.eventsMax);
  }

  domain(id: string): DomainNode | undefined {
    return this.#domains.get(id);
  }

  process(pid: number): ProcessNode | undefined {
    return this.#processes.get(pid);
  }

  /** How many domains are in memory. */
  get size(): number {
    return this.#domains.size;
  }

  /** All domains in memory. */
  domains(): IterableIterator<string> {
    return this.#domains.keys();
  }

  /** Takes note. The same observation may come twice, and late. */
  observe(seen: Observation): void {
    this.#gathered.clear();
    if (seen.kind === 'call') {
      this.#called(seen);
      return;
    }
    const domain = this.#touchDomain(seen.domain);
    if (domain === undefined) {
      return;
    }
    if (seen.kind === 'creation') {
      this.#created(domain, seen);
      return;
    }
    const serial = this.#order.extend(seen.serial);
    domain.lastSeenAt = Math.max(domain.lastSeenAt, serial);
    domain.firstSeenMs = Math.min(domain.firstSeenMs, seen.timeMs ?? Number.POSITIVE_INFINITY);
    switch (seen.kind) {
      case 'denial':
        this.#denied(domain, seen, serial);
        break;
      case 'allocation':
        this.#allocated(domain, seen);
        break;
      case 'deallocation':
        domain.freedAt = serial;
        if (this.#isRecalling) this.#recalled.push(domain);
        else if (this.#memory !== undefined) this.#settling.set(domain.id, domain);
        break;
    }
  }

  /** undefined: the domain is not (any more) in memory, nor in the one behind it. */
  family(id: string): Family | undefined {
    if (this.#domains.get(id) === undefined) this.#recall(id);
    const domain = this.#domains.get(id);
    if (domain === undefined) {
      return undefined;
    }
    const { ancestors, ruledOut } = this.#ancestors(domain);
    const [parent] = ancestors;
    return {
      domain: id,
      ...(parent !== undefined && { parent }),
      ancestors,
      ruledOut,
      depthMin: Math.min(LAYERS_MAX, 1 + this.#sureAncestors(domain).size),
    };
  }

  /** Youngest first, so that the first one is the nearest. */
  #ancestors(domain: DomainNode): Gathered {
    const known = this.#gathered.get(domain.id);
    if (known !== undefined) return known;
    const made = this.#gather(domain);
    this.#gathered.set(domain.id, made);
    return made;
  }

  #gather(domain: DomainNode): Gathered {
    const { evidence, ruledOut } = gatherEvidence(domain, this);
    const ancestors = [...evidence].map(([id, known]) => {
      return { domain: id, strength: bestStrength(known), evidence: known };
    });
    ancestors.sort((a, b) => (numberOf(a.domain) < numberOf(b.domain) ? 1 : -1));
    return { ancestors, ruledOut };
  }

  /** Proven and strong ancestors, also those of ancestors. */
  #sureAncestors(domain: DomainNode): Set<string> {
    const sure = new Set<string>();
    const open = [domain];
    for (let next = open.pop(); next !== undefined && sure.size < LAYERS_MAX; next = open.pop()) {
      for (const { domain: id, strength } of this.#ancestors(next).ancestors) {
        const ancestor = this.#domains.get(id);
        if (strength !== 'hint' && !sure.has(id)) {
          sure.add(id);
          open.push(...(ancestor === undefined ? [] : [ancestor]));
        }
      }
    }
    return sure;
  }

  #touchDomain(id: string): DomainNode | undefined {
    if (!DOMAIN_ID.test(id)) {
      return undefined;
    }
    const known = this.#domains.get(id);
    const domain = known ?? new DomainNode(id, numberOf(id));
    this.#domains.set(id, domain);
    if (known === undefined) this.#recall(id);
    return domain;
  }

  /** The domains that come with it are not followed further: they are asked for when they are named themselves. */
  #recall(id: string): void {
    if (this.#memory === undefined || this.#isRecalling || !DOMAIN_ID.test(id)) {
      return;
    }
    // Those of the question before may leave again.
    const before = this.#recalled.splice(0);
    for (const domain of before) this.#settling.set(domain.id, domain);
    this.#isRecalling = true;
    try {
      for (const seen of this.#memory.recall(id)) this.observe(seen);
    } finally {
      this.#isRecalling = false;
    }
  }

  /** A domain that has ended is nobody's parent any more: whoever is named after its end was never inside (E2). */
  #settle(domain: DomainNode): void {
    if (this.#domains.get(domain.id) !== domain) {
      return;
    }
    const family = this.family(domain.id);
    const isOutlivedBy = (id: string) => this.domain(id)?.isFreedBefore(domain) === true;
    for (const node of domain.processes) node.forget(domain, isOutlivedBy);
    this.#domains.delete(domain.id);
    this.#gathered.clear();
    if (family !== undefined) this.#memory?.settled(family);
  }

  #denied(domain: DomainNode, seen: DenialSeen, serial: number): void {
    if (seen.isOwnCheck) {
      this.#sameEvent(domain, seen);
    }
    if (seen.actor !== undefined) {
      const node = this.#touchProcess(seen.actor, domain.id);
      node.met(seen.actor, seen.timeMs);
      node.denied(seen, domain.number, serial);
      domain.addProcess(node);
      // The creator's own records may have come before the one that says who it is.
      this.#linkCreator(domain, seen.record);
    }
    if (seen.outsiderPid !== undefined) {
      domain.addOutsider(seen.outsiderPid);
    }
  }

  /** One system call of one task: whatever domains refuse it belong to one chain. */
  #sameEvent(domain: DomainNode, seen: DenialSeen): void {
    const known = this.#events.get(seen.event) ?? [];
    for (const { domain: otherId, record } of known) {
      const other = this.#domains.get(otherId);
      if (other !== undefined && other !== domain) {
        const [older, younger] = other.number < domain.number ? [other, domain] : [domain, other];
        younger.prove(older.id, { kind: 'same-event', records: [record, seen.record] });
      }
    }
    if (!known.some((entry) => entry.domain === domain.id) && known.length < LAYERS_MAX) {
      this.#events.set(seen.event, [...known, { domain: domain.id, record: seen.record }]);
    }
  }

  #allocated(domain: DomainNode, seen: AllocationSeen): void {
    domain.creator ??= seen.creator;
    this.#linkCreator(domain, seen.record, seen.timeMs);
  }

  #called(seen: CallSeen): void {
    const node = this.#touchProcess(seen.actor, '');
    node.met(seen.actor, seen.timeMs);
    if (seen.makesDomain && !this.#calls.get(seen.record)) {
      this.#calls.set(seen.record, true);
      node.restricted(seen);
    }
  }

  /** Enters the domain into its creator's memberships, where the creator is known from records of its own. */
  #linkCreator(domain: DomainNode, record: string, timeMs?: number): void {
    const { pid, executable, name, lineage } = domain.creator ?? {};
    if (pid === undefined) {
      return;
    }
    const actor = { pid, ...(executable !== undefined && { executable }), ...(lineage !== undefined && { lineage }) };
    const known = this.#processes.get(pid);
    if (known !== undefined && !known.isSame(actor, domain.id)) {
      return;
    }
    const node = known ?? this.#touchProcess(actor, domain.id);
    if (timeMs !== undefined) {
      node.met(node.executable === undefined ? actor : { ...actor, executable: node.executable }, timeMs);
    }
    node.executable ??= executable;
    node.created(domain.id, domain.number, record, name);
    domain.addProcess(node);
  }

  #touchProcess(actor: Actor, domain: string): ProcessNode {
    const known = this.#processes.get(actor.pid);
    const node = known?.isSame(actor, domain) ? known : new ProcessNode(actor.pid);
    this.#processes.set(actor.pid, node);
    return node;
  }

  #created(domain: DomainNode, seen: CreationTraced): void {
    domain.tracedParent = seen.parent ?? null;
    domain.tracedMs = seen.timeMs;
    const parent = seen.parent === undefined ? undefined : this.#touchDomain(seen.parent);
    if (parent !== undefined) {
      domain.prove(parent.id, { kind: 'tracepoint', records: [seen.record] });
    }
  }
}

function numberOf(id: string): bigint {
  return BigInt(`0x${id}`);
}
