// What a domain descends from. The kernel's audit records do not say it, so this is where an engine that gathers
// evidence comes in; as long as there is none, no domain has a known parent, and nothing is guessed.
import type { DomainAnswer } from './answers.ts';
import type { Database } from './open.ts';

/** The part of an answer that tells of descent. */
export type Kinship = Pick<DomainAnswer, 'parent' | 'evidence' | 'depth_min'>;

/** Gathers evidence for one domain, by its row id. */
export type HierarchyEngine = (db: Database, domain: number) => Kinship;

const noEngine: HierarchyEngine = () => ({ evidence: [], depth_min: 1 });

/** The known parent of a domain (by row id) with its evidence. */
export function kinshipOf(db: Database, domain: number, engine: HierarchyEngine = noEngine): Kinship {
  return engine(db, domain);
}
