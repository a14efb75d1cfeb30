// One domain with its ancestors and descendants, as far as they are known.
import type { DomainAnswer, DomainTreeAnswer } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { familiesIn } from './domain-family.ts';
import { findDomain } from './domains.ts';

/** Landlock allows 16 layers (LANDLOCK_MAX_NUM_LAYERS, security/landlock/limits.h). */
const depthMax = 16;
/** Descendants in one answer; how many are left out is told. */
const descendantsMax = 500;

/** undefined: the domain is not known. */
export function domainTree(db: Database, host: string, boot: string, number: string): DomainTreeAnswer | undefined {
  const families = familiesIn(db).ask();
  const self = findDomain(db, host, boot, number, families);
  if (self === undefined) return undefined;
  const find = (id: string) => findDomain(db, self.answer.host.id, boot, id, families)?.answer;
  const ancestors: DomainAnswer[] = [];
  for (let { parent } = self.answer; parent !== undefined && ancestors.length < depthMax; ) {
    const domain = find(parent);
    if (domain === undefined) break;
    ancestors.unshift(domain);
    parent = domain.parent;
  }
  const descendants = families.descendantsOf(self.ref);
  const shown = descendants.slice(0, descendantsMax);
  const leftOut = descendants.length - shown.length;
  return {
    domains: [...ancestors, self.answer, ...shown.flatMap((id) => find(id) ?? [])],
    ...(leftOut > 0 && { left_out: leftOut }),
  };
}
