// Finds one whole denial event in the bytes of a log, and tells apart what may vary from event to event (holes) from
// what stays (segments between them). It decides nothing about meaning: a stencil (stencil.ts) is made by the
// ordinary way from a text with these holes. So a hole may only hold values which that way copies word for word;
// everything else stands in a segment, or the event is left to the ordinary way.

import { LANDLOCK_ACCESS, LANDLOCK_DOMAIN, PROCTITLE, SYSCALL } from '../../audit/record-types.ts';

/** What stands in a hole. */
export const HOLE = {
  /** `SECONDS.MMM:SERIAL`, the same in all lines of the event. */
  stamp: 0,
  /** Arguments of the system call, which no document has. */
  ignored: 1,
  /** A domain's id: 1 to 16 hexadecimal digits. */
  domain: 2,
  /** 1 to 999,999,999 in decimal: never a value that means "none". */
  number: 3,
  /** A file's number: up to 19 digits, not zero. */
  inode: 4,
  /** 1 to 65535. */
  port: 5,
  /** An IPv4 address. */
  address: 6,
  /** Printable ASCII that JSON need not escape. */
  text: 7,
  /** Arguments of the same characters. */
  args: 8,
  /** Letters and digits. */
  word: 10,
  /** auditd's interpretation at the end of a line, which no document has. */
  enrichment: 9,
} as const;

/** How a hole's bytes become output. */
export const FORM = {
  verbatim: 0,
  /** Upper-case hexadecimal digits of the text. */
  hex: 1,
  /** The same, of arguments that are separated by NUL. */
  hexArgs: 2,
} as const;

/** Segments of an event; one with more is left to the ordinary way. */
const segmentsMax = 64;
/** Accesses of an event; one with more is left to the ordinary way. */
const accessesMax = 4;
/** Records of LANDLOCK_ACCESS and LANDLOCK_DOMAIN of an event. */
export const landlockMax = accessesMax * 2;
/** With SYSCALL and PROCTITLE. */
const recordsMax = landlockMax + 2;

/** Bytes are compared and copied by four: so many behind an event may be looked at. */
const wordSlack = 4;

const LF = 10;
const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const BACKSLASH = 92;
/** auditd's mark before its own interpretation. */
const ENRICHMENT = 0x1d;

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The ways to begin a line that have no other meaning, by what follows. */
const ACCESS_LINES = ['type=UNKNOWN[1423] msg=audit(', 'type=LANDLOCK_ACCESS msg=audit('].map(ascii);
const DOMAIN_LINES = ['type=UNKNOWN[1424] msg=audit(', 'type=LANDLOCK_DOMAIN msg=audit('].map(ascii);
const SYSCALL_LINE = ascii('type=SYSCALL msg=audit(');
const PROCTITLE_LINE = ascii('type=PROCTITLE msg=audit(');

const DOMAIN = ascii('domain=');
const BLOCKERS = ascii(' blockers=');
const ALLOCATED = ascii(' status=allocated mode=');
const PID = ascii(' pid=');
const PARENT = ascii(' ppid=');
const ITEMS = ascii(' items=');
const UID = ascii(' uid=');
const TTY = ascii(' tty=');
const SESSION = ascii(' ses=');
const COMM = ascii(' comm=');
const EXE = ascii(' exe=');
const ARGUMENTS = ascii('proctitle=');

/** Fields of an access whose values are holes where they can be, by name. */
const FIELDS: readonly (readonly [name: Uint8Array, hole: number])[] = (
  [
    ['path', HOLE.text],
    ['ino', HOLE.inode],
    ['src', HOLE.port],
    ['dest', HOLE.port],
    ['saddr', HOLE.address],
    ['daddr', HOLE.address],
    ['opid', HOLE.number],
    ['ocomm', HOLE.text],
  ] as const
).map(([name, hole]) => [ascii(name), hole]);

const digitsMax: readonly number[] = [0, 0, 16, 9, 19, 5, 15];

/** 1 for the characters of a text hole: printable ASCII without quote and backslash. */
const PLAIN = new Uint8Array(256);
for (let code = SPACE; code < 127; code++) PLAIN[code] = code === QUOTE || code === BACKSLASH ? 0 : 1;

/** The value of an upper-case hexadecimal digit; 255 for anything else. */
export const HEX_VALUES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) HEX_VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;

/** The scan of one event. One object is used for all: read what you need before the next scan. */
export class EventScan {
  /** What was scanned last. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** After the event's last line feed. */
  end = 0;
  seconds = 0;
  millis = 0;
  serial = 0;
  /** Where `SECONDS.MMM` and the serial stand, for the first line. */
  stampStart = 0;
  serialStart = 0;
  serialEnd = 0;
  /** Lines, one record each: type and body. */
  records = 0;
  readonly types = new Int32Array(recordsMax);
  readonly bodyStarts = new Int32Array(recordsMax);
  readonly bodyEnds = new Int32Array(recordsMax);
  /** Records of LANDLOCK_ACCESS and LANDLOCK_DOMAIN, which come first. */
  landlock = 0;
  /** Segments; hole n lies between the segments n and n + 1. */
  segments = 0;
  readonly segmentStarts = new Int32Array(segmentsMax);
  readonly segmentEnds = new Int32Array(segmentsMax);
  readonly holes = new Uint8Array(segmentsMax);
  readonly forms = new Uint8Array(segmentsMax);
  /** Over the segments' bytes. */
  hash = 0;

  #isEnriched = false;
  #at = 0;
  /** Where the open segment began. */
  #open = 0;
  /** Where the body ends that is being read, and its line. */
  #limit = 0;
  #feed = 0;

  /** Bytes to scan in; they may change between scans only by another call of this. */
  load(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isEnriched = bytes.includes(ENRICHMENT);
  }

  /** Whether a line that may begin a denial's event starts at `at`. */
  mayStart(at: number): boolean {
    const { bytes } = this;
    // `type=U` of UNKNOWN[1423] or `type=L` of LANDLOCK_ACCESS.
    const letter = bytes[at + 5];
    return (letter === 85 || letter === 76) && bytes[at] === 116;
  }

  /**
   * Scans the event whose first line starts at `start`: accesses, at most one allocation after each, SYSCALL and
   * PROCTITLE, in lines that follow each other. False where it is none of that, or not all of it is here.
   */
  scan(start: number): boolean {
    this.#at = start;
    this.#open = start;
    this.segments = 0;
    this.records = 0;
    this.landlock = 0;
    this.hash = 0;
    if (!this.#accesses()) return false;
    if (!this.#line(SYSCALL_LINE, SYSCALL) || !this.#syscall()) return false;
    if (!this.#line(PROCTITLE_LINE, PROCTITLE) || !this.#proctitle()) return false;
    this.end = this.#at;
    return this.end + wordSlack <= this.bytes.length && this.#close(this.end);
  }

  #accesses(): boolean {
    for (let accesses = 0; accesses < accessesMax; accesses++) {
      if (!this.#landlockLine(ACCESS_LINES, LANDLOCK_ACCESS) || !this.#access()) return false;
      const denied = this.records - 1;
      if (this.#isAtSyscall()) return true;
      if (!this.#landlockLine(DOMAIN_LINES, LANDLOCK_DOMAIN)) continue;
      if (!this.#allocation(denied)) return false;
      if (this.#isAtSyscall()) return true;
    }
    return false;
  }

  #isAtSyscall(): boolean {
    return this.bytes[this.#at + 5] === 83;
  }

  #landlockLine(beginnings: readonly Uint8Array[], type: number): boolean {
    const at = this.#at;
    for (const beginning of beginnings) {
      if (!this.#matches(at, beginning)) continue;
      this.landlock++;
      return this.#line(beginning, type);
    }
    return false;
  }

  /** The beginning of a line with its stamp; leaves the position at the body. */
  #line(beginning: Uint8Array, type: number): boolean {
    const { bytes } = this;
    if (!this.#matches(this.#at, beginning)) return false;
    const start = this.#at + beginning.length;
    if (this.records === 0 ? !this.#firstStamp(start) : !this.#sameStamp(start)) return false;
    const end = start + this.serialEnd - this.stampStart;
    if (bytes[end] !== 41 || bytes[end + 1] !== 58 || bytes[end + 2] !== SPACE) return false;
    if (!this.#hole(start, end, HOLE.stamp, FORM.verbatim)) return false;
    this.#at = end + 3;
    if (!this.#findLimit()) return false;
    const record = this.records++;
    this.types[record] = type;
    this.bodyStarts[record] = this.#at;
    this.bodyEnds[record] = this.#limit;
    return true;
  }

  /** Where the body ends that begins here; it must have no blanks at its end. */
  #findLimit(): boolean {
    const { bytes } = this;
    const feed = bytes.indexOf(LF, this.#at);
    if (feed === -1) return false;
    let end = feed;
    if (this.#isEnriched) {
      const mark = bytes.subarray(this.#at, feed).indexOf(ENRICHMENT);
      if (mark !== -1) end = this.#at + mark;
    }
    this.#limit = end;
    this.#feed = feed;
    return end > this.#at && (bytes[end - 1] ?? 0) > SPACE;
  }

  /** The line ends at the limit of its body; what is behind it belongs to nothing. */
  #endLine(): boolean {
    if (this.#limit < this.#feed && !this.#hole(this.#limit, this.#feed, HOLE.enrichment, FORM.verbatim)) return false;
    this.#at = this.#feed + 1;
    return true;
  }

  #firstStamp(start: number): boolean {
    const { bytes } = this;
    let at = start;
    let seconds = 0;
    let digit = (bytes[at] ?? 0) - 48;
    if (digit === 0) return false;
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit;
      digit = (bytes[++at] ?? 0) - 48;
    }
    if (at === start || at - start > 11 || bytes[at] !== 46) return false;
    const a = (bytes[at + 1] ?? 0) - 48;
    const b = (bytes[at + 2] ?? 0) - 48;
    const c = (bytes[at + 3] ?? 0) - 48;
    if (a < 0 || a > 9 || b < 0 || b > 9 || c < 0 || c > 9 || bytes[at + 4] !== 58) return false;
    const serialStart = at + 5;
    at = serialStart;
    let serial = 0;
    digit = (bytes[at] ?? 0) - 48;
    if (digit === 0) return false;
    while (digit >= 0 && digit <= 9) {
      serial = serial * 10 + digit;
      digit = (bytes[++at] ?? 0) - 48;
    }
    if (at === serialStart || serial > 0xffff_ffff) return false;
    this.seconds = seconds;
    this.millis = a * 100 + b * 10 + c;
    this.serial = serial;
    this.stampStart = start;
    this.serialStart = serialStart;
    this.serialEnd = at;
    return true;
  }

  #sameStamp(start: number): boolean {
    const { bytes } = this;
    const shift = start - this.stampStart;
    // The serial differs from that of other events in its last digits.
    for (let at = this.serialEnd - 1; at >= this.stampStart; at--) if (bytes[at] !== bytes[at + shift]) return false;
    return true;
  }

  #matches(at: number, expected: Uint8Array): boolean {
    const { bytes } = this;
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
    return true;
  }

  /** Ends the segment that is open at the hole's start, and opens the next one at its end. */
  #hole(start: number, end: number, hole: number, form: number): boolean {
    const at = this.segments;
    if (!this.#close(start)) return false;
    this.holes[at] = hole;
    this.forms[at] = form;
    this.#open = end;
    return true;
  }

  #close(end: number): boolean {
    const at = this.segments++;
    if (at >= segmentsMax) return false;
    const start = this.#open;
    this.segmentStarts[at] = start;
    this.segmentEnds[at] = end;
    const { view } = this;
    let hash = this.hash;
    let from = start;
    for (const last = end - 4; from <= last; from += 4) {
      hash = Math.imul(hash ^ view.getInt32(from, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (; from < end; from++) hash = Math.imul(hash ^ view.getUint8(from), 0x9e3779b1);
    this.hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
    return true;
  }

  /** `domain=` and its id. */
  #domain(): boolean {
    if (!this.#matches(this.#at, DOMAIN)) return false;
    const { bytes } = this;
    const start = this.#at + DOMAIN.length;
    let at = start;
    let code = bytes[at] ?? 0;
    while ((code >= 48 && code <= 57) || (code >= 97 && code <= 102)) code = bytes[++at] ?? 0;
    if (at === start || at - start > 16) return false;
    this.#at = at;
    return this.#hole(start, at, HOLE.domain, FORM.verbatim);
  }

  #access(): boolean {
    if (!this.#domain() || !this.#matches(this.#at, BLOCKERS)) return false;
    const { bytes } = this;
    let at = this.#at + BLOCKERS.length;
    const first = bytes[at];
    // ptrace: what it means depends on the two pids being the same or not.
    if (first === 112) return false;
    // An abstract socket's path is no path.
    const isAbstract = first === 115 && bytes[at + 6] === 97;
    while (at < this.#limit && bytes[at] !== SPACE) at++;
    this.#at = at;
    let seen = 0;
    while (this.#at < this.#limit) {
      const field = this.#field(seen, isAbstract);
      if (field === -1) return false;
      seen |= field;
    }
    return this.#at === this.#limit && this.#endLine();
  }

  /** One field with the blank before it. Answers its bit, 0 for one that is no hole, -1 where it is no field. */
  #field(seen: number, isAbstract: boolean): number {
    const { bytes } = this;
    const nameStart = this.#at + 1;
    let at = nameStart;
    while (at < this.#limit && bytes[at] !== EQUALS && bytes[at] !== SPACE && bytes[at] !== QUOTE) at++;
    if (at === nameStart || bytes[this.#at] !== SPACE || bytes[at] !== EQUALS) return -1;
    const start = at + 1;
    const known = this.#fieldAt(nameStart, at);
    const end = this.#endOfValue(start);
    if (end === -1) return -1;
    this.#at = end;
    if (known === -1) return 0;
    // A second one of a name means something else.
    if ((seen & (1 << known)) !== 0) return -1;
    const hole = FIELDS[known]?.[1] ?? HOLE.ignored;
    if (isAbstract && hole === HOLE.text) return 1 << known;
    return this.#value(hole, start, end) ? 1 << known : -1;
  }

  #fieldAt(start: number, end: number): number {
    for (let i = 0; i < FIELDS.length; i++) {
      const name = FIELDS[i]?.[0];
      if (name !== undefined && name.length === end - start && this.#matches(start, name)) return i;
    }
    return -1;
  }

  #endOfValue(start: number): number {
    const { bytes } = this;
    let at = start;
    if (bytes[at] !== QUOTE) {
      while (at < this.#limit && bytes[at] !== SPACE) at++;
      return at;
    }
    at++;
    while (at < this.#limit && bytes[at] !== QUOTE) at++;
    return at < this.#limit ? at + 1 : -1;
  }

  /** Makes a hole of a value that may be one; else it stays in the segment. False only where there is no room. */
  #value(hole: number, start: number, end: number): boolean {
    if (hole === HOLE.text) {
      if (this.bytes[start] === QUOTE) {
        if (end - start < 3 || !this.#isPlain(start + 1, end - 1)) return true;
        return this.#hole(start + 1, end - 1, hole, FORM.verbatim);
      }
      return this.#isPlainHex(start, end, 1) ? this.#hole(start, end, hole, FORM.hex) : true;
    }
    if (hole === HOLE.word) return this.#isWord(start, end) ? this.#hole(start, end, hole, FORM.verbatim) : true;
    if (hole === HOLE.address) return this.#isAddress(start, end) ? this.#hole(start, end, hole, FORM.verbatim) : true;
    return this.#isNumber(hole, start, end) ? this.#hole(start, end, hole, FORM.verbatim) : true;
  }

  /** A text that begins with a bracket may be a word of the kernel's: `<too_long>`, `(null)`. */
  #isPlain(start: number, end: number): boolean {
    const { bytes } = this;
    if (bytes[start] === 60 || bytes[start] === 40) return false;
    for (let at = start; at < end; at++) if (PLAIN[bytes[at] ?? 0] === 0 || bytes[at] === SPACE) return false;
    return true;
  }

  /** Whether these are hexadecimal digits of plain text; `nulls` is 0 where it may have NUL. */
  #isPlainHex(start: number, end: number, nulls: number): boolean {
    const { bytes } = this;
    if (end - start < 2 || ((end - start) & 1) !== 0) return false;
    for (let at = start; at < end; at += 2) {
      const high = HEX_VALUES[bytes[at] ?? 0] ?? 255;
      const low = HEX_VALUES[bytes[at + 1] ?? 0] ?? 255;
      if (high > 15 || low > 15) return false;
      const code = (high << 4) | low;
      if (PLAIN[code] === 0 && (code !== 0 || nulls !== 0)) return false;
    }
    // As above: `<` is 3C, `(` is 28.
    const isBracket = bytes[start] === 51 ? bytes[start + 1] === 67 : bytes[start] === 50 && bytes[start + 1] === 56;
    return nulls === 0 || !isBracket;
  }

  #isWord(start: number, end: number): boolean {
    const { bytes } = this;
    for (let at = start; at < end; at++) {
      const code = bytes[at] ?? 0;
      const isDigit = code >= 48 && code <= 57;
      if (!isDigit && (code < 97 || code > 122)) return false;
    }
    return end > start;
  }

  #isAddress(start: number, end: number): boolean {
    const { bytes } = this;
    if (end - start < 7 || end - start > 15) return false;
    for (let at = start; at < end; at++) {
      const code = bytes[at] ?? 0;
      if (code !== 46 && (code < 48 || code > 57)) return false;
    }
    return true;
  }

  #isNumber(hole: number, start: number, end: number): boolean {
    const { bytes } = this;
    if (end === start || end - start > (digitsMax[hole] ?? 0) || bytes[start] === 48) return false;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = (bytes[at] ?? 0) - 48;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
    }
    return hole !== HOLE.port || value <= 65_535;
  }

  /** An allocation is of the domain that was denied just before it: the only way the kernel writes it. */
  #allocation(denied: number): boolean {
    const { bytes } = this;
    const body = this.#at;
    if (!this.#domain()) return false;
    const other = this.bodyStarts[denied] ?? 0;
    for (let at = body; at < this.#at; at++) if (bytes[at] !== bytes[other + at - body]) return false;
    if (bytes[other + this.#at - body] !== SPACE || !this.#matches(this.#at, ALLOCATED)) return false;
    let at = this.#at + ALLOCATED.length;
    while (at < this.#limit && bytes[at] !== SPACE) at++;
    this.#at = at;
    if (!this.#named(PID, HOLE.number) || !this.#matches(this.#at, UID)) return false;
    this.#at = this.#endOfValue(this.#at + UID.length);
    return this.#named(EXE, HOLE.text) && this.#named(COMM, HOLE.text) && this.#endLine();
  }

  #syscall(): boolean {
    const { bytes } = this;
    const limit = this.#limit;
    let at = this.#at;
    // Up to ` a0=`: the system call and what it returned.
    while (at < limit && (bytes[at] !== SPACE || bytes[at + 1] !== 97 || bytes[at + 2] !== 48)) at++;
    for (let argument = 0; argument < 4; argument++) {
      if (bytes[at] !== SPACE || bytes[at + 1] !== 97 || bytes[at + 2] !== 48 + argument) return false;
      if (bytes[at + 3] !== EQUALS) return false;
      const start = at + 4;
      at = start;
      let code = bytes[at] ?? 0;
      while ((code >= 48 && code <= 57) || (code >= 97 && code <= 102)) code = bytes[++at] ?? 0;
      if (at === start || at - start > 16 || !this.#hole(start, at, HOLE.ignored, FORM.verbatim)) return false;
    }
    if (!this.#matches(at, ITEMS)) return false;
    at += ITEMS.length;
    while (at < limit && bytes[at] !== SPACE) at++;
    this.#at = at;
    if (!this.#named(PARENT, HOLE.number) || !this.#named(PID, HOLE.number)) return false;
    // The ids in between are as they are: what is shown of them depends on which are the same.
    at = this.#at;
    while (at < limit && (bytes[at] !== 116 || bytes[at + 1] !== 116 || bytes[at + 2] !== 121)) at++;
    this.#at = at - 1;
    return this.#taskEnd();
  }

  /** The terminal, the session and the program, and whatever comes behind. */
  #taskEnd(): boolean {
    if (!this.#named(TTY, HOLE.word) || !this.#named(SESSION, HOLE.number)) return false;
    if (!this.#named(COMM, HOLE.text) || !this.#named(EXE, HOLE.text)) return false;
    return this.#endLine();
  }

  /** A field of this name, whose value becomes a hole where it can be one. */
  #named(name: Uint8Array, hole: number): boolean {
    if (!this.#matches(this.#at, name)) return false;
    const start = this.#at + name.length;
    const end = this.#endOfValue(start);
    if (end === -1) return false;
    this.#at = end;
    return this.#value(hole, start, end);
  }

  #proctitle(): boolean {
    const { bytes } = this;
    const limit = this.#limit;
    if (!this.#matches(this.#at, ARGUMENTS)) return false;
    const start = this.#at + ARGUMENTS.length;
    if (bytes[start] === QUOTE) {
      // With its quotes, which are JSON's too.
      const isText = limit - start >= 3 && bytes[limit - 1] === QUOTE && this.#isPlain(start + 1, limit - 1);
      if (isText && !this.#hole(start, limit, HOLE.args, FORM.verbatim)) return false;
    } else if (this.#isPlainHex(start, limit, 0)) {
      if (!this.#hole(start, limit, HOLE.args, FORM.hexArgs)) return false;
    }
    return this.#endLine();
  }
}
