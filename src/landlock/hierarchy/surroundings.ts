// What the weighing of evidence may look at: the domains and processes in memory, by their numbers.
import type { DomainNode } from './domain-node.ts';
import type { ProcessNode } from './process-node.ts';

/** Where the nodes are found. */
export interface Surroundings {
  domain(id: string): DomainNode | undefined;
  process(pid: number): ProcessNode | undefined;
}
