// Domains as trees, each host's boots apart: identity is (host, boot, id). A domain whose parent is not among those
// given stands at the top, and so does one whose line of parents leads back to it. Pure.
import { type HierarchyNode, hierarchy } from 'd3-hierarchy';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';

/** `value`: logged denials of the domain and all below it. */
export type DomainNode = HierarchyNode<DomainAnswer>;

export interface BootForest {
  readonly key: string;
  readonly host: DomainAnswer['host'];
  readonly boot: string;
  /** The latest first. */
  readonly roots: readonly DomainNode[];
  readonly count: number;
}

/** Names a domain among those of all hosts. */
export function domainKey(domain: DomainAnswer): string {
  return keyIn(domain, domain.id);
}

/** The boot of the first domain comes first. */
export function toForest(domains: readonly DomainAnswer[]): readonly BootForest[] {
  const byKey = new Map(domains.map((domain) => [domainKey(domain), domain]));
  const childrenOf = new Map<string, DomainAnswer[]>();
  const boots = new Map<string, { roots: DomainAnswer[]; count: number }>();
  for (const domain of byKey.values()) {
    const bootKey = keyIn(domain, '');
    const boot = boots.get(bootKey) ?? { roots: [], count: 0 };
    boots.set(bootKey, boot);
    boot.count += 1;
    const parentKey = domain.parent === undefined ? undefined : keyIn(domain, domain.parent);
    if (parentKey === undefined || !byKey.has(parentKey) || isOwnAncestor(domain, byKey)) {
      boot.roots.push(domain);
    } else {
      const siblings = childrenOf.get(parentKey);
      if (siblings === undefined) {
        childrenOf.set(parentKey, [domain]);
      } else {
        siblings.push(domain);
      }
    }
  }
  for (const children of childrenOf.values()) {
    children.sort(byAge);
  }
  return [...boots].flatMap(([key, { roots, count }]) => {
    const first = roots[0];
    const trees = roots.sort((a, b) => byAge(b, a)).map((root) => toTree(root, childrenOf));
    return first === undefined ? [] : [{ key, host: first.host, boot: first.boot, roots: trees, count }];
  });
}

/** The tree in which `id` is, of the domains of one boot; undefined where it is not among them. */
export function treeWith(domains: readonly DomainAnswer[], id: string): DomainNode | undefined {
  return toForest(domains)
    .flatMap((forest) => forest.roots)
    .find((root) => root.find((node) => node.data.id === id) !== undefined);
}

function toTree(root: DomainAnswer, childrenOf: ReadonlyMap<string, readonly DomainAnswer[]>): DomainNode {
  return hierarchy(root, (domain) => childrenOf.get(domainKey(domain))).sum((domain) => domain.denials.logged);
}

/** Whether following the parents comes back: such an answer cannot be true and must not hang the page. */
function isOwnAncestor(domain: DomainAnswer, byKey: ReadonlyMap<string, DomainAnswer>): boolean {
  const seen = new Set<DomainAnswer>();
  let at: DomainAnswer | undefined = domain;
  while (at !== undefined) {
    if (seen.has(at)) {
      return true;
    }
    seen.add(at);
    at = at.parent === undefined ? undefined : byKey.get(keyIn(at, at.parent));
  }
  return false;
}

/** Ids rise with time, so they order the domains of one boot also where no time is known. */
function byAge(a: DomainAnswer, b: DomainAnswer): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
}

function keyIn(domain: DomainAnswer, id: string): string {
  return JSON.stringify([domain.host.id, domain.boot, id]);
}
