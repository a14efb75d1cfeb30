// Whether a domain is still there, as far as can be known: the kernel tells only of domains that it logged.
import type { DomainStatus } from '../answers.ts';

/**
 * On a row `b` of boots: the host has booted again since. A derived boot id may be that of a boot known by its real
 * one, so it ends no boot but a derived one.
 */
export const BOOT_SUPERSEDED_SQL = `EXISTS (
        SELECT 1
        FROM boots later
        WHERE later.host = b.host AND later.first_ms > b.first_ms AND later.is_derived <= b.is_derived
      )`;

/** `isSuperseded`: of its boot, by BOOT_SUPERSEDED_SQL. */
export function domainStatus(deallocatedMs: number | null, isSuperseded: boolean): DomainStatus {
  if (deallocatedMs !== null) return 'gone';
  return isSuperseded ? 'presumed-gone' : 'live';
}
