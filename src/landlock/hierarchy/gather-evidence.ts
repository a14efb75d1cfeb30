// What speaks for and against ancestors of one domain: looks at the processes inside of it and at their parents.
// It only reads the nodes; choosing among the candidates is boot-families.ts.
import type { DomainNode } from './domain-node.ts';
import { type Contradiction, type HierarchyEvidence, type RuledOut, stronger } from './family.ts';
import type { Membership, ProcessNode } from './process-node.ts';
import { isOtherProcess, processesAbove, startedBefore, startedInside } from './start-times.ts';
import type { Surroundings } from './surroundings.ts';

/** Generations of parent processes that are asked. */
const GENERATIONS_MAX = 8;

export interface Gathered {
  /** By ancestor. */
  readonly evidence: ReadonlyMap<string, readonly HierarchyEvidence[]>;
  readonly ruledOut: readonly RuledOut[];
}

/** Everything about `domain` itself; ancestors of ancestors are not followed. */
export function gatherEvidence(domain: DomainNode, around: Surroundings): Gathered {
  const gathering = new Gathering(domain, around);
  gathering.fromProofs();
  for (const node of domain.processes) {
    gathering.fromProcess(node);
    gathering.fromParents(node);
  }
  return gathering;
}

class Gathering implements Gathered {
  readonly evidence = new Map<string, HierarchyEvidence[]>();
  readonly ruledOut: RuledOut[] = [];
  readonly #domain: DomainNode;
  readonly #around: Surroundings;

  constructor(domain: DomainNode, around: Surroundings) {
    this.#domain = domain;
    this.#around = around;
  }

  fromProofs(): void {
    for (const [ancestor, { kind, records }] of this.#domain.proofs) {
      this.#speaksFor(ancestor, { kind, strength: 'proof', records });
    }
  }

  /** Pairs of domains that one process was refused by, or made. */
  fromProcess(node: ProcessNode): void {
    const own = node.memberships.get(this.#domain.id);
    if (own === undefined) {
      return;
    }
    for (const other of node.memberships.values()) {
      const candidate = this.#around.domain(other.domain);
      if (candidate === undefined || other.number >= this.#domain.number) {
        continue;
      }
      const because = this.#contradiction(candidate, node);
      // What is known of one thread outlives that there are others, as a guess: threads may share a name.
      const isOfOneThread =
        because === 'several-chains' && !node.isCrowded && other.isDenied && isSameThread(other, own);
      if (because !== undefined && !isOfOneThread) {
        this.#speaksAgainst(candidate.id, because);
        continue;
      }
      this.#speaksFor(candidate.id, withinProcess(candidate, node, other, own, isOfOneThread));
    }
  }

  /** Domains of the parent process, and of its parents. */
  fromParents(node: ProcessNode): void {
    const own = node.memberships.get(this.#domain.id);
    if (own === undefined) {
      return;
    }
    const seen = new Set([node]);
    for (const { process: parent, below, isDistant } of processesAbove(node, this.#around)) {
      seen.add(parent);
      this.#fromParent(node, own, parent, isDistant, below);
    }
    let generation = [node];
    for (let i = 0; i < GENERATIONS_MAX && generation.length > 0; i++) {
      const parents = generation
        .flatMap((child) => [...child.parentPids])
        .flatMap((pid) => this.#around.process(pid) ?? []);
      generation = parents.filter((parent) => !seen.has(parent) && !isOtherProcess(node, parent));
      for (const parent of generation) {
        seen.add(parent);
        this.#fromParent(node, own, parent, i > 0);
      }
    }
  }

  /** `childStartedMs`: when the process just below `parent` began, where /proc showed the chain. */
  #fromParent(
    node: ProcessNode,
    own: Membership,
    parent: ProcessNode,
    isDistant: boolean,
    childStartedMs?: number,
  ): void {
    for (const other of parent.memberships.values()) {
      const candidate = this.#around.domain(other.domain);
      if (candidate === undefined || other.number >= this.#domain.number || node.memberships.has(other.domain)) {
        continue;
      }
      const because =
        this.#contradiction(candidate, parent) ??
        (wasThereBefore(node, candidate) ? 'forked-before' : undefined) ??
        (startedBefore(node, childStartedMs, candidate, parent) ? 'forked-before' : undefined) ??
        wouldHaveRefused(candidate, node, parent);
      if (because !== undefined) {
        this.#speaksAgainst(candidate.id, because);
        continue;
      }
      const isBornInside = other.isDenied && isInherited(candidate, parent);
      if (!isBornInside && startedInside(childStartedMs, candidate, parent, other)) {
        this.#speaksFor(candidate.id, {
          kind: 'proc-ancestry',
          strength: 'strong',
          records: records(other, own),
          pid: node.pid,
          parent_pid: parent.pid,
        });
        continue;
      }
      // Whether a process in between was forked before its parent made the domain: with each one the guess gets worse.
      if (isDistant && !isBornInside) {
        continue;
      }
      this.#speaksFor(candidate.id, {
        kind: isBornInside ? 'parent-born-inside' : 'parent-process',
        strength: isBornInside ? 'strong' : 'hint',
        records: records(other, own),
        pid: node.pid,
        parent_pid: parent.pid,
      });
    }
  }

  /** Why `candidate`, known from `node`, cannot be an ancestor. */
  #contradiction(candidate: DomainNode, node: ProcessNode): Contradiction | undefined {
    if (this.#domain.isFreedBefore(candidate)) {
      return 'freed-before';
    }
    if (this.#isTracedElsewhere(candidate)) {
      return 'tracepoint';
    }
    for (const inside of this.#domain.processes) {
      if (candidate.outsiders.has(inside.pid)) {
        return 'outside';
      }
    }
    return hasSeveralChains(node, this.#around) && !isInherited(candidate, node) ? 'several-chains' : undefined;
  }

  /** Whether the kernel's own word about the parents, as far as it goes, passes `candidate` by. */
  #isTracedElsewhere(candidate: DomainNode): boolean {
    let node: DomainNode | undefined = this.#domain;
    while (node?.tracedParent !== undefined && node !== candidate) {
      if (node.tracedParent === null || node.number < candidate.number) {
        return true;
      }
      node = this.#around.domain(node.tracedParent);
    }
    return node !== undefined && node.number < candidate.number;
  }

  #speaksFor(ancestor: string, evidence: HierarchyEvidence): void {
    const known = this.evidence.get(ancestor) ?? [];
    if (!known.some(({ kind, pid }) => kind === evidence.kind && pid === evidence.pid)) {
      this.evidence.set(ancestor, [...known, evidence]);
    }
  }

  #speaksAgainst(domain: string, because: Contradiction): void {
    if (!this.ruledOut.some((known) => known.domain === domain && known.because === because)) {
      this.ruledOut.push({ domain, because });
    }
  }
}

/** Two domains of one process: the older one, made elsewhere or earlier, and `own`. */
function withinProcess(
  candidate: DomainNode,
  node: ProcessNode,
  other: Membership,
  own: Membership,
  isGuess: boolean,
): HierarchyEvidence {
  const common = { records: records(other, own), pid: node.pid };
  if (other.isDenied && isInherited(candidate, node)) {
    return { kind: 'born-inside', strength: 'strong', ...common };
  }
  if (!isGuess && (other.isDenied || own.isDenied) && isSameThread(other, own)) {
    return { kind: 'same-thread', strength: 'strong', ...common };
  }
  return { kind: 'same-process', strength: 'hint', ...common };
}

/** Threads of one name were in both, and are not just alike. */
function isSameThread(older: Membership, younger: Membership): boolean {
  return [...older.names].some((name) => younger.names.has(name)) && !isAlike(older, younger);
}

/** Whether the process was in the domain from its birth: it did not make it, and there is no other way in. */
function isInherited(domain: DomainNode, node: ProcessNode): boolean {
  return domain.creator?.pid !== undefined && domain.creator.pid !== node.pid;
}

/** Both refused the same right: sibling domains of threads that were restricted alike look like that, too. */
function isAlike(older: Membership, younger: Membership): boolean {
  return [...older.blockers].some((blocker) => younger.blockers.has(blocker));
}

/** Seen from a contradiction among the domains of one process: threads, or a process number used again. */
function hasSeveralChains(node: ProcessNode, around: Surroundings): boolean {
  if (node.hasSeveralChains) {
    return true;
  }
  const domains = [...node.memberships.keys()].flatMap((id) => around.domain(id) ?? []);
  return domains.some((younger) =>
    domains.some((older) => older.number < younger.number && younger.isFreedBefore(older)),
  );
}

/** Numbers grow with time: a process that made an older domain was there before the candidate, and not born in it. */
function wasThereBefore(node: ProcessNode, candidate: DomainNode): boolean {
  const isForgotten = node.oldestForgotten !== undefined && node.oldestForgotten < candidate.number;
  return (
    isForgotten ||
    [...node.memberships.values()].some(({ isCreator, number }) => isCreator && number < candidate.number)
  );
}

/** The candidate had refused `parent` what an older domain refused to `node`, which would be inside the candidate. */
function wouldHaveRefused(candidate: DomainNode, node: ProcessNode, parent: ProcessNode): Contradiction | undefined {
  for (const [key, refusals] of node.refusals) {
    const hadRefused = parent.refusals.get(key)?.some(({ number }) => number === candidate.number) ?? false;
    if (hadRefused && refusals.some(({ number }) => number < candidate.number)) {
      return 'would-have-refused';
    }
  }
  return undefined;
}

function records(...memberships: readonly Membership[]): string[] {
  const ids = memberships.flatMap(({ denialRecord, creationRecord }) => denialRecord ?? creationRecord ?? []);
  return [...new Set(ids)];
}

/** The best of several. */
export function bestStrength(evidence: readonly HierarchyEvidence[]): HierarchyEvidence['strength'] {
  return evidence.reduce<HierarchyEvidence['strength']>((best, { strength }) => stronger(best, strength), 'hint');
}
