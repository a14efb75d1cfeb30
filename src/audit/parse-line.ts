// One line of a log to one record, whatever program wrote the line: auditd (RAW, ENRICHED, node=, UNKNOWN[n]), its
// plugins, dmesg and syslog. Joining records to events and reading their fields is left to others.
import { findRecordStart } from './line-prefix.ts';
import { CUT_BY_AUDITD_REASON, INTERPRETED_REASON, malformed } from './malformed.ts';
import { trimmedEnd } from './parse-record.ts';
import type { MalformedRecord, ParsedRecord, Place } from './record.ts';
import { recordTypeNumber } from './record-types.ts';
import { scanStamp } from './stamp.ts';

/** auditd separates the kernel's text from its own interpretation with this byte (log_format = ENRICHED). */
const ENRICHMENT = '\x1d';

const SEPARATOR = /^(?:----|time->.*)$/;
const TYPE_NAME = /^[A-Z][A-Z0-9_]*$/;
const INTERPRETED = /^audit\([^)]{1,80}\) : /;
const CUT_EOE = /^audit\([\d.:]*$/;

function explainStamp(type: string, text: string): string {
  if (INTERPRETED.test(text)) return INTERPRETED_REASON;
  if (!CUT_EOE.test(text)) return 'no audit(SECONDS.MILLIS:SERIAL) after type=';
  return type === 'EOE' ? CUT_BY_AUDITD_REASON : 'cut off inside its time stamp';
}

function parseFrom(line: string, start: number, end: number, place?: Place): ParsedRecord {
  const fail = (reason: string): MalformedRecord => malformed(reason, line.slice(0, end), place);
  let at = start;
  let node = '';
  if (line.startsWith('node=', at)) {
    const nodeEnd = line.indexOf(' ', at);
    if (nodeEnd === -1) return fail('no record after node=');
    node = line.slice(at + 5, nodeEnd);
    at = nodeEnd + 1;
  }
  if (!line.startsWith('type=', at)) return fail('no type= at the start');
  const nameEnd = line.indexOf(' ', at);
  if (nameEnd === -1 || nameEnd >= end) return fail('no record after type=');
  const name = line.slice(at + 5, nameEnd);
  // A name that is not known yet is no reason to drop the record; it is no Landlock record for sure.
  const type = recordTypeNumber(name) ?? (TYPE_NAME.test(name) ? 0 : undefined);
  if (type === undefined) return fail('no record type after type=');
  at = line.startsWith('msg=', nameEnd + 1) ? nameEnd + 5 : nameEnd + 1;
  const stamp = scanStamp(line, at);
  if (stamp === null) return fail(explainStamp(name, line.slice(at, end)));
  const { seconds, millis, serial, bodyStart } = stamp;
  const enriched = line.indexOf(ENRICHMENT, bodyStart);
  const text = line.slice(bodyStart, trimmedEnd(line, bodyStart, enriched === -1 ? end : enriched));
  return { kind: 'record', type, node, seconds, millis, serial, text };
}

/**
 * Parses one line (latin1, with or without its line end). Null for a blank line and for a line that belongs to a
 * known format but is no record: a separator of ausearch, a line of something else in dmesg or syslog.
 */
export function parseLine(line: string, place?: Place): ParsedRecord | null {
  const end = trimmedEnd(line, 0, line.length);
  if (end === 0) return null;
  if (line.startsWith('type=') || line.startsWith('node=')) return parseFrom(line, 0, end, place);
  const text = line.slice(0, end);
  if (SEPARATOR.test(text)) return null;
  const start = findRecordStart(text);
  if (start === 'foreign') return null;
  if (start === 'none') return malformed('not an audit record', text, place);
  return parseFrom(line, start, end, place);
}
