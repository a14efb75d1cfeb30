// One domain with its ancestors and descendants, as far as they are known.
import type { DomainAnswer } from './answers.ts';
import { getDomain } from './domains.ts';
import type { Database } from './open.ts';

/** Landlock allows 16 layers (LANDLOCK_MAX_NUM_LAYERS, security/landlock/limits.h). */
const depthMax = 16;

/** Ancestors first, then the domain itself; undefined where it is not known. */
export function domainTree(
  db: Database,
  host: string,
  boot: string,
  number: string,
): { readonly domains: readonly DomainAnswer[] } | undefined {
  const self = getDomain(db, host, boot, number);
  if (self === undefined) return undefined;
  const family = [self];
  for (let parent = self.parent; parent !== undefined && family.length < depthMax; ) {
    const domain = getDomain(db, self.host.id, boot, parent);
    if (domain === undefined) break;
    family.unshift(domain);
    parent = domain.parent;
  }
  return { domains: family };
}
