// One domain as the hierarchy knows it.
import type { AllocationSeen } from './observation.ts';
import type { ProcessNode } from './process-node.ts';

/** Processes remembered for each domain: enough to find its place, however many it has. */
const PROCESSES_MAX = 32;
/** A chain has at most 16 domains; more would be a contradiction. */
const PROVEN_MAX = 16;

/** An ancestor that is proven, with the records that prove it. */
export interface Proof {
  readonly kind: 'tracepoint' | 'same-event';
  readonly records: readonly string[];
}

export class DomainNode {
  readonly id: string;
  /** Domains made later have greater numbers. */
  readonly number: bigint;
  creator: AllocationSeen['creator'] | undefined;
  /** Serial of its deallocation. */
  freedAt: number | undefined;
  /** Serial of the last record of any kind that names it: it was alive then. */
  lastSeenAt = 0;
  /** Unix time of the first record that names it: it was there by then. */
  firstSeenMs = Number.POSITIVE_INFINITY;
  /** Unix time at which it was made, where the kernel told. */
  tracedMs: number | undefined;
  /** Inside of it, or its creator. */
  readonly processes = new Set<ProcessNode>();
  /** Numbers of processes that it refused to signal or trace: they are not inside. */
  readonly outsiders = new Set<number>();
  readonly proofs = new Map<string, Proof>();
  /** From the tracepoint: null for a domain without a parent. */
  tracedParent: string | null | undefined;

  constructor(id: string, number: bigint) {
    this.id = id;
    this.number = number;
  }

  addProcess(node: ProcessNode): void {
    if (this.processes.size < PROCESSES_MAX) {
      this.processes.add(node);
    }
  }

  addOutsider(pid: number): void {
    if (this.outsiders.size < PROCESSES_MAX) {
      this.outsiders.add(pid);
    }
  }

  prove(ancestor: string, proof: Proof): void {
    if (this.proofs.size < PROVEN_MAX && !this.proofs.has(ancestor)) {
      this.proofs.set(ancestor, proof);
    }
  }

  /** Whether `other` cannot be an ancestor, because it ended while this one was still there. */
  isFreedBefore(other: DomainNode): boolean {
    return other.freedAt !== undefined && other.freedAt < this.lastSeenAt;
  }
}
