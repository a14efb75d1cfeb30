// Makes the value that stands for input which is no audit record. Counting and keeping it is left to others.
import type { MalformedRecord, Place } from './record.ts';

/** How much of the input a malformed record keeps, in characters. */
export const malformedTextMax = 4096;

/** The reason of a line that auditd 4.2.1 cut when it gave it to a plugin (log_format=RAW without a node name). */
export const CUT_BY_AUDITD_REASON =
  'cut off by 16 bytes: auditd 4.2.1 does this to what it gives to plugins with log_format = RAW and ' +
  'name_format = NONE; set name_format = HOSTNAME or log_format = ENRICHED';

/** The reason of a line of `ausearch -i`. */
export const INTERPRETED_REASON =
  'interpreted output (ausearch -i) has lost what the kernel wrote; use ausearch --raw or the log itself';

/** A malformed record; `text` is latin1 and cut at {@link malformedTextMax}. */
export function malformed(reason: string, text: string, place?: Place): MalformedRecord {
  const kept = text.length > malformedTextMax ? text.slice(0, malformedTextMax) : text;
  return place === undefined
    ? { kind: 'malformed', reason, text: kept }
    : { kind: 'malformed', reason, text: kept, place };
}
