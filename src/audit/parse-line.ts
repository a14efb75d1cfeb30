// One line of a log to one record, whatever program wrote the line: auditd (RAW, ENRICHED, node=, UNKNOWN[n]), its
// plugins, dmesg and syslog. Joining records to events and reading their fields is left to others. A line may be
// part of a larger text, so that whoever reads a file need not cut it into lines first.
import { findRecordStart } from './line-prefix.ts';
import { CUT_BY_AUDITD_REASON, INTERPRETED_REASON, malformed } from './malformed.ts';
import { trimmedEnd } from './parse-record.ts';
import type { MalformedRecord, ParsedRecord, Place } from './record.ts';
import { recordTypeNumber } from './record-types.ts';
import { scanStamp } from './stamp.ts';

/** auditd separates the kernel's text from its own interpretation with this byte (log_format = ENRICHED). */
const ENRICHMENT = '\x1d';

/** Longer than any type's name or node's. */
const wordMax = 256;

const SPACE = 32;
const SEPARATOR = /^(?:----|time->.*)$/;
const TYPE_NAME = /^[A-Z][A-Z0-9_]*$/;
const INTERPRETED = /^audit\([^)]{1,80}\) : /;
const CUT_EOE = /^audit\([\d.:]*$/;

function explainStamp(type: string, text: string): string {
  if (INTERPRETED.test(text)) return INTERPRETED_REASON;
  if (!CUT_EOE.test(text)) return 'no audit(SECONDS.MILLIS:SERIAL) after type=';
  return type === 'EOE' ? CUT_BY_AUDITD_REASON : 'cut off inside its time stamp';
}

interface TypeName {
  readonly name: string;
  /** Undefined for what is no type's name. */
  readonly type: number | undefined;
}

/** The names that came last, by length and outer letters; a machine's log has a dozen. */
const typeNames: (TypeName | undefined)[] = new Array<TypeName | undefined>(256).fill(undefined);

/** The type behind the name from `start` up to `end`. A name that nobody knows is 0: no Landlock record for sure. */
function typeAt(text: string, start: number, end: number): number | undefined {
  const slot = ((end - start) * 37 + text.charCodeAt(start) * 5 + text.charCodeAt(end - 1)) & 255;
  const known = typeNames[slot];
  if (known !== undefined && known.name === text.substring(start, end)) return known.type;
  const name = text.slice(start, end);
  const type = recordTypeNumber(name) ?? (TYPE_NAME.test(name) ? 0 : undefined);
  if (name.length < 64) typeNames[slot] = { name: `${name} `.slice(0, -1), type };
  return type;
}

function endOfWord(text: string, start: number, end: number): number {
  const last = Math.min(end, start + wordMax);
  let at = start;
  while (at < last && text.charCodeAt(at) !== SPACE) at++;
  return at === last ? -1 : at;
}

function parseFrom(
  text: string,
  lineStart: number,
  start: number,
  end: number,
  placeOf: () => Place | undefined,
): ParsedRecord {
  const fail = (reason: string): MalformedRecord => malformed(reason, text.slice(lineStart, end), placeOf());
  let at = start;
  let node = '';
  if (text.startsWith('node=', at)) {
    const nodeEnd = endOfWord(text, at, end);
    if (nodeEnd === -1) return fail('no record after node=');
    node = text.slice(at + 5, nodeEnd);
    at = nodeEnd + 1;
  }
  if (!text.startsWith('type=', at)) return fail('no type= at the start');
  const nameEnd = endOfWord(text, at, end);
  if (nameEnd === -1) return fail('no record after type=');
  const type = typeAt(text, at + 5, nameEnd);
  if (type === undefined) return fail('no record type after type=');
  const nameStart = at + 5;
  at = text.startsWith('msg=', nameEnd + 1) ? nameEnd + 5 : nameEnd + 1;
  const stamp = scanStamp(text, at);
  if (stamp === null || stamp.bodyStart > end + 1) {
    return fail(explainStamp(text.slice(nameStart, nameEnd), text.slice(at, end)));
  }
  const { seconds, millis, serial, bodyStart } = stamp;
  // The blank after the stamp of an empty body is trimmed off the line already.
  let body = bodyStart < end ? text.substring(bodyStart, end) : '';
  const cut = body.indexOf(ENRICHMENT);
  if (cut !== -1) body = body.substring(0, trimmedEnd(body, 0, cut));
  return { kind: 'record', type, node, seconds, millis, serial, text: body };
}

/** A file system may leave them at the end of what was being written when the machine went down. */
const NUL_REASON = 'nothing but NUL bytes, which a crash leaves where records were being written';

function holdsNul(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === 0) return true;
  return false;
}

const NO_PLACE = (): undefined => undefined;

/**
 * Parses the line from `start` up to `end` of a larger text (latin1, without its line feed). `placeOf` is asked only
 * for a malformed one. The record's strings are views of `text`: copy them if they outlive it.
 */
export function parseSpan(
  text: string,
  start: number,
  end: number,
  placeOf: () => Place | undefined = NO_PLACE,
): ParsedRecord | null {
  const last = trimmedEnd(text, start, end);
  if (last === start) return holdsNul(text, start, end) ? malformed(NUL_REASON, '', placeOf()) : null;
  if (text.startsWith('type=', start) || text.startsWith('node=', start)) {
    return parseFrom(text, start, start, last, placeOf);
  }
  const line = text.slice(start, last);
  if (SEPARATOR.test(line)) return null;
  const record = findRecordStart(line);
  if (record === 'foreign') return null;
  if (record === 'none') return malformed('not an audit record', line, placeOf());
  return parseFrom(text, start, start + record, last, placeOf);
}

/**
 * Parses one line (latin1, with or without its line end). Null for a blank line (without NUL) and for a line that belongs to a
 * known format but is no record: a separator of ausearch, a line of something else in dmesg or syslog.
 */
export function parseLine(line: string, place?: Place): ParsedRecord | null {
  return parseSpan(line, 0, line.length, () => place);
}
