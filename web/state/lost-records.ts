// One number for all losses. Causes overlap and have different units, so they cannot simply be added: an overrun is
// counted in overruns, and what our queue or a rate limit dropped leaves a gap in the serials as well.
interface LostCount {
  readonly cause: string;
  readonly count: number;
}

/** Causes whose records leave a gap in the serials too. */
const ALSO_GAPS = new Set(['queue-overflow', 'rate-limit']);
/** Counted in overruns or documents, or of another source than audit. */
const NO_RECORDS = new Set(['socket-overrun', 'trace-lost', 'undeliverable', 'server-restored']);

/** How many records are missing at least. 1 where something is lost that has no number of records. */
export function lostRecords(lost: readonly LostCount[]): number {
  let gaps = 0;
  let dropped = 0;
  let others = 0;
  for (const { cause, count } of lost) {
    if (cause === 'serial-gap') gaps += count;
    else if (ALSO_GAPS.has(cause)) dropped += count;
    else if (!NO_RECORDS.has(cause)) others += count;
  }
  const records = Math.max(gaps, dropped) + others;
  return records === 0 && lost.some(({ count }) => count > 0) ? 1 : records;
}
