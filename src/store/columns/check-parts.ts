// The parts that documents of several kinds share, as checks. Each bound is at least what the kernel can give.
import { type Check, integer, list, literal, matching, object, text } from './check-shape.ts';
import { isEventId } from './event-key.ts';
import { TIME_MS_MAX, TIME_MS_MIN } from './slot.ts';

/** PATH_MAX bytes, each of which may have become one U+FFFD or one of up to three bytes. */
export const pathMax = 4_096 * 3;
const nameMax = 1_024;
export const sentenceMax = pathMax * 2;
export const u32Max = 2 ** 32 - 1;

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

export const time: Check = (value) =>
  timeMs(value) === undefined ? ': not a time in UTC with milliseconds' : undefined;
export const id: Check = (value) =>
  typeof value === 'string' && isEventId(value) ? undefined : ': not 26 characters of base32';
export const domainId = matching(/^(0|[1-9a-f][0-9a-f]{0,15})$/, 'a 64-bit number in hexadecimal');
export const pid = integer(0, u32Max);
const port = integer(0, 65_535);
export const label = text(nameMax);
export const path = text(pathMax);
const userId = object({ id: text(64) });
export const endpoint = object({}, { ip: label, port });
export const tags = list(text(64), 8);

const name = text(255, 1);
/** Compared in SQL, so without U+0000, at which SQLite's text functions end. */
const identifier: Check = (value) =>
  name(value) ?? (typeof value === 'string' && value.includes('\0') ? ': has a U+0000' : undefined);

const identifierOrEmpty: Check = (value) => (value === '' ? undefined : identifier(value));

export const host = object(
  { id: identifier, boot: object({ id: identifier }, { derived: literal(true) }) },
  { name: identifier },
);

export const unknownFields = list(object({ record: label, name: label, value: text(pathMax) }), 256);
const pathEntry = object({}, { name: path, type: label, inode: text(64), device: label });

export const landlockObject = object(
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

export const provider = literal('tracepoint');

const ancestor = object(
  { pid, start_ticks: integer(0, Number.MAX_SAFE_INTEGER) },
  { started_at: time, executable: path, cgroup: path },
);
export const ancestry = list(ancestor, 64);

export const processFields = object(
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
    thread: object({ id: pid }),
    ancestry,
  },
);

/** Whose process it was. */
export const userFields = object(
  {},
  { id: text(64), audit: userId, effective: userId, saved: userId, filesystem: userId },
);
export const groupFields = object({ id: text(64) });

export const syscallFields = object(
  {},
  {
    arch: text(64),
    name: text(64),
    number: integer(-(2 ** 31), u32Max),
    exit: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  },
);

/** What the host found out about the process. */
export const packageFields = object({ name: identifier, version: identifierOrEmpty }, { type: text(64) });
export const systemdFields = object({}, { unit: identifier, user_unit: identifier });
export const containerFields = object({ id: identifier });
