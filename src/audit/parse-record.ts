// One audit message as the netlink socket and auditd's binary plugin protocol deliver it: the type comes from the
// header, the payload is `audit(SECONDS.MMM:SERIAL): BODY`. Lines of log files are parse-line.ts's business.
import { malformed } from './malformed.ts';
import type { ParsedRecord } from './record.ts';
import { scanStamp } from './stamp.ts';

/** The index after the last character that is not a NUL, a line end or a blank. */
export function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start) {
    const code = text.charCodeAt(last - 1);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 0) break;
    last--;
  }
  return last;
}

/**
 * Parses one message. `type` is the header's; nothing in `payload` (latin1) can change it. Blanks, NULs and line
 * ends after the body are dropped.
 */
export function parseRecord(type: number, payload: string, node = ''): ParsedRecord {
  const stamp = scanStamp(payload, 0);
  if (stamp === null) return malformed('no audit(SECONDS.MILLIS:SERIAL) at the start', payload);
  return {
    kind: 'record',
    type,
    node,
    seconds: stamp.seconds,
    millis: stamp.millis,
    serial: stamp.serial,
    text: payload.substring(stamp.bodyStart, trimmedEnd(payload, stamp.bodyStart, payload.length)),
  };
}
