// Under which boot an event is stored already. Whoever reads an old log again can then give its records the identity
// that they have, whether they came live or from a file that was cut elsewhere.
import type { HostFields } from '../../landlock/document.ts';
import { spillOfFlags } from '../columns/denial-flags.ts';
import { firstSlot, slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** How far after its time a denial is looked for, when its millisecond was full. */
const SPILL_MS_MAX = 1_000;

const FIND_DENIAL = `
  SELECT denials.id, denials.flags, boots.boot_id, boots.is_derived
  FROM denials
  JOIN hosts ON hosts.id = denials.host
  JOIN domains ON domains.id = denials.domain
  JOIN boots ON boots.id = domains.boot
  WHERE denials.id >= ? AND denials.id < ?
    AND denials.serial = ?
    AND hosts.host_id = ?`;

const FIND_DOMAIN_EVENT = `
  SELECT boots.boot_id, boots.is_derived
  FROM domain_events
  JOIN domains ON domains.id = domain_events.domain
  JOIN hosts ON hosts.id = domains.host
  JOIN boots ON boots.id = domains.boot
  WHERE domain_events.at_ms = ?
    AND domain_events.serial = ?
    AND hosts.host_id = ?`;

interface BootRow {
  readonly boot_id: string;
  readonly is_derived: number;
}

/**
 * The boot of the stored event of that host with exactly that time and serial; undefined where there is none. Serial 0
 * is no serial of audit's.
 */
export function knownBoot(
  db: Database,
  hostId: string,
  timestampMs: number,
  serial: number,
): HostFields['boot'] | undefined {
  if (serial === 0) return undefined;
  const denials = statement<BootRow & { id: number; flags: number }>(db, FIND_DENIAL);
  const from = firstSlot(timestampMs);
  for (const row of denials.all(from, firstSlot(timestampMs + SPILL_MS_MAX), serial, hostId)) {
    if (slotMs(row.id) - spillOfFlags(row.flags) === timestampMs) return toBoot(row);
  }
  const row = statement<BootRow>(db, FIND_DOMAIN_EVENT).get(timestampMs, serial, hostId);
  return row === undefined ? undefined : toBoot(row);
}

function toBoot({ boot_id: id, is_derived: isDerived }: BootRow): HostFields['boot'] {
  return isDerived === 1 ? { id, derived: true } : { id };
}
