// The rows of a boot, or of a stretch of it, that its families are inferred from.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { ObservedRows } from './boot-observations.ts';
import {
  BOOT_CALLS_SQL,
  BOOT_CREATIONS_SQL,
  BOOT_DENIALS_SQL,
  BOOT_DOMAIN_EVENTS_SQL,
  BOOT_DOMAINS_SQL,
  type BootRow,
  type CallRow,
  type CreationRow,
  type DenialColumnValues,
  type EventRow,
  type Stretch,
} from './boot-rows.ts';

/** Denials read at a time: row by row takes longer, and all at once is too much memory. */
const chunkRows = 2_000;
/** Calls of a stretch; the later ones are left out. */
const callsMax = 100_000;

export interface BootReading {
  readonly rows: ObservedRows;
  /** Whether there was more than the bounds allow. */
  readonly isCut: boolean;
  /** Denials that were read so far, also those of other boots. */
  denials(): number;
}

export function readBoot(db: Database, boot: BootRow, stretch: Stretch, domainsMax: number): BootReading {
  const { fromMs, toMs } = stretch;
  const domains = statement<{ id: number; number: string }>(db, BOOT_DOMAINS_SQL);
  const numbers = new Map<number, string>();
  for (const row of domains.iterate(boot.boot, fromMs, toMs, domainsMax + 1)) numbers.set(row.id, row.number);
  const calls = statement<CallRow>(db, BOOT_CALLS_SQL).all(boot.boot, fromMs, toMs, callsMax + 1);
  let read = 0;
  const rows: ObservedRows = {
    numbers,
    events: statement<EventRow>(db, BOOT_DOMAIN_EVENTS_SQL).all(boot.boot, fromMs, toMs),
    creations: statement<CreationRow>(db, BOOT_CREATIONS_SQL).all(boot.boot, fromMs, toMs),
    calls,
    denials: inChunks(db, boot.host, stretch, (count) => {
      read += count;
    }),
  };
  return { rows, isCut: numbers.size > domainsMax || calls.length > callsMax, denials: () => read };
}

function* inChunks(
  db: Database,
  host: number,
  { firstSlot, endSlot }: Stretch,
  onRead: (count: number) => void,
): Generator<readonly DenialColumnValues[]> {
  const read = statement<DenialColumnValues>(db, BOOT_DENIALS_SQL).raw();
  for (let from = firstSlot; ; ) {
    const rows = read.all(host, from, endSlot, chunkRows);
    onRead(rows.length);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < chunkRows) return;
    from = last[0] + 1;
  }
}
