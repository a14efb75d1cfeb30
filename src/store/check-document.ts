// The boundary: is a value from the wire a Document of src/landlock/document.ts, within bounds? The writer asks it for
// every line, so that nobody can forget to. It changes nothing and throws nothing. What a newer collector added is
// let through and kept.
import type { Document } from '../landlock/document.ts';
import { type Check, integer, isRecord, list, literal, matching, object, text } from './check-shape.ts';
import { isEventId } from './event-key.ts';
import { TIME_MS_MAX, TIME_MS_MIN } from './slot.ts';

/** PATH_MAX bytes, each of which may have become one U+FFFD or one of up to three bytes. */
const pathMax = 4_096 * 3;
const nameMax = 1_024;
const sentenceMax = pathMax * 2;
const u32Max = 2 ** 32 - 1;

let lastTime = '';
let lastTimeMs = 0;
/** The last time up to its seconds (`YYYY-MM-DDTHH:MM:SS.`): the next one mostly differs in the milliseconds alone. */
let lastSeconds = 'none';
let lastSecondsMs = 0;

/** Milliseconds of a canonical `YYYY-MM-DDTHH:MM:SS.mmmZ`; undefined for anything else or an unstorable time. */
export function timeMs(value: unknown): number | undefined {
  if (value === lastTime) return lastTimeMs;
  if (typeof value !== 'string' || value.length !== 24) return undefined;
  const millis = value.startsWith(lastSeconds) ? millisOf(value) : -1;
  const ms = millis >= 0 ? lastSecondsMs + millis : Date.parse(value);
  if (!(ms >= TIME_MS_MIN && ms <= TIME_MS_MAX)) return undefined;
  if (millis < 0) {
    if (new Date(ms).toISOString() !== value) return undefined;
    lastSeconds = value.slice(0, SECONDS_LENGTH);
    lastSecondsMs = Math.floor(ms / 1000) * 1000;
  }
  lastTime = value;
  lastTimeMs = ms;
  return ms;
}

const SECONDS_LENGTH = 20;

/** The `mmm` of a time that ends with `mmmZ`; -1 where it does not. */
function millisOf(time: string): number {
  const hundreds = time.charCodeAt(SECONDS_LENGTH) - 48;
  const tens = time.charCodeAt(SECONDS_LENGTH + 1) - 48;
  const ones = time.charCodeAt(SECONDS_LENGTH + 2) - 48;
  const isNumber = hundreds >= 0 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  return isNumber && time.endsWith('Z') ? hundreds * 100 + tens * 10 + ones : -1;
}

const time: Check = (value) => (timeMs(value) === undefined ? ': not a time in UTC with milliseconds' : undefined);
const id: Check = (value) =>
  typeof value === 'string' && isEventId(value) ? undefined : ': not 26 characters of base32';
const domainId = matching(/^(0|[1-9a-f][0-9a-f]{0,15})$/, 'a 64-bit number in hexadecimal');
const pid = integer(0, u32Max);
const port = integer(0, 65_535);
const label = text(nameMax);
const path = text(pathMax);
const userId = object({ id: text(64) });
const endpoint = object({}, { ip: label, port });
const tags = list(text(64), 8);

const name = text(255, 1);
/** Compared in SQL, so without U+0000, at which SQLite's text functions end. */
const identifier: Check = (value) =>
  name(value) ?? (typeof value === 'string' && value.includes('\0') ? ': has a U+0000' : undefined);

const host = object(
  { id: identifier, boot: object({ id: identifier }, { derived: literal(true) }) },
  { name: identifier },
);

const unknownFields = list(object({ record: label, name: label, value: text(pathMax) }), 256);
const pathEntry = object({}, { name: path, type: label, inode: text(64), device: label });

const landlockObject = object(
  { kind: text(64) },
  {
    name: label,
    ioctl_command: text(64),
    namespace: object({ type: text(64) }, { id: text(64) }),
    capability: object({ number: integer(0, u32Max) }, { name: text(64) }),
    bound: endpoint,
    connected: endpoint,
    entries: list(pathEntry, 64),
  },
);

const processFields = object(
  {},
  {
    pid,
    parent: object({ pid }),
    name: label,
    executable: path,
    args: list(text(pathMax), 4_096),
    working_directory: path,
    tty: label,
    session_id: integer(0, u32Max),
  },
);

const denial = object(
  {
    kind: literal('denial'),
    '@timestamp': time,
    event: object({
      id,
      sequence: integer(0, u32Max),
      action: literal('violated-landlock-policy'),
      outcome: literal('failure'),
      category: list(text(64), 16),
      type: list(literal('denied'), 1, 1),
      reason: text(sentenceMax),
    }),
    host,
    landlock: object(
      {
        domain: object({ id: domainId }),
        blockers: list(text(256), 128),
        object: landlockObject,
        actor_certainty: text(64),
      },
      { target: object({ process: object({}, { pid, name: label }) }), unknown_fields: unknownFields },
    ),
  },
  {
    tags,
    file: object({}, { path, path_raw: text(pathMax * 2), name: path, device: label, inode: text(64) }),
    source: endpoint,
    destination: endpoint,
    process: processFields,
    user: object({}, { id: text(64), audit: userId, effective: userId, saved: userId, filesystem: userId }),
    group: object({ id: text(64) }),
    syscall: object(
      {},
      {
        arch: text(64),
        name: text(64),
        number: integer(-(2 ** 31), u32Max),
        exit: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      },
    ),
  },
);

const domainEvent = object({ id, sequence: integer(0, u32Max) });

const domainAllocated = object(
  {
    kind: literal('domain-allocated'),
    '@timestamp': time,
    event: domainEvent,
    host,
    landlock: object(
      {
        domain: object(
          { id: domainId, creator: object({}, { pid, uid: integer(0, u32Max), executable: path, name: label }) },
          { mode: text(64) },
        ),
      },
      { unknown_fields: unknownFields },
    ),
  },
  { tags },
);

const totalNumber = integer(0, Number.MAX_SAFE_INTEGER);
const totalText = matching(/^[1-9][0-9]{15,19}$/, 'a number');
const denialsTotal: Check = (value) => (typeof value === 'string' ? totalText(value) : totalNumber(value));

const domainDeallocated = object(
  {
    kind: literal('domain-deallocated'),
    '@timestamp': time,
    event: domainEvent,
    host,
    landlock: object({ domain: object({ id: domainId, denials: denialsTotal }) }, { unknown_fields: unknownFields }),
  },
  { tags },
);

const malformed = object(
  {
    kind: literal('malformed'),
    event: object({ id }),
    host,
    reason: text(4_096),
    text: text(4_096),
  },
  {
    '@timestamp': time,
    tags,
    place: object(
      {},
      { file: path, line: integer(0, Number.MAX_SAFE_INTEGER), byte: integer(0, Number.MAX_SAFE_INTEGER) },
    ),
  },
);

const gap = object(
  {
    kind: literal('gap'),
    '@timestamp': time,
    event: object({ id }),
    host,
    count: integer(0, Number.MAX_SAFE_INTEGER),
    cause: text(64, 1),
  },
  { tags, first: integer(0, u32Max), last: integer(0, u32Max), since: time },
);

const CHECKS: ReadonlyMap<unknown, Check> = new Map([
  ['denial', denial],
  ['domain-allocated', domainAllocated],
  ['domain-deallocated', domainDeallocated],
  ['malformed', malformed],
  ['gap', gap],
]);

/** `value` itself where it is a Document within bounds; otherwise one sentence that says what is wrong with it. */
export function checkDocument(value: unknown): Document | string {
  if (!isRecord(value)) return 'document: not an object';
  const check = CHECKS.get(value.kind);
  if (check === undefined) return 'document.kind: unknown';
  const complaint = check(value);
  return complaint === undefined ? toDocument(value) : `document${complaint}`;
}

/** The one place that believes: every check above has passed. */
function toDocument(value: Record<string, unknown>): Document {
  return value as unknown as Document;
}
