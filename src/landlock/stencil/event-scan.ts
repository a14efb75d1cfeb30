// Finds one whole denial event in the bytes of a log, and tells apart what may vary from event to event (holes) from
// what stays (segments between them). It decides nothing about meaning: a stencil (stencil.ts) is made by the
// ordinary way from a text with these holes. So a hole may only hold values which that way copies word for word;
// everything else stands in a segment, or the event is left to the ordinary way.

import { LANDLOCK_ACCESS, LANDLOCK_DOMAIN, PROCTITLE, SYSCALL } from '../../audit/record-types.ts';
import { isAddress, isNumber, isPlain, isPlainHex, isWord } from './hole-values.ts';
import { FORM, HOLE } from './holes.ts';
import {
  ACCESS_LINES,
  ALLOCATED,
  ARGUMENTS,
  BLOCKERS,
  COMM,
  DOMAIN,
  DOMAIN_LINES,
  EXE,
  FIELDS,
  ITEMS,
  PARENT,
  PID,
  PROCTITLE_LINE,
  SESSION,
  SYSCALL_LINE,
  TTY,
  UID,
} from './record-words.ts';
import { SegmentScan } from './segment-scan.ts';

/** Accesses of an event; one with more is left to the ordinary way. */
const accessesMax = 4;
/** Records of LANDLOCK_ACCESS and LANDLOCK_DOMAIN of an event. */
export const landlockMax = accessesMax * 2;
/** With SYSCALL and PROCTITLE. */
const recordsMax = landlockMax + 2;

const LF = 10;
const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
/** auditd's mark before its own interpretation. */
const ENRICHMENT = 0x1d;

/** The scan of one event. One object is used for all: read what you need before the next scan. */
export class EventScan extends SegmentScan {
  /** After the event's last line feed. */
  end = 0;
  /** Lines, one record each: type and body. */
  records = 0;
  readonly types = new Int32Array(recordsMax);
  readonly bodyStarts = new Int32Array(recordsMax);
  readonly bodyEnds = new Int32Array(recordsMax);
  /** Records of LANDLOCK_ACCESS and LANDLOCK_DOMAIN, which come first. */
  landlock = 0;
  /** Where KnownEvents has got to. */
  reached = 0;
  /** Whether any line has auditd's interpretation; undefined while nobody has looked. */
  #isEnriched: boolean | undefined;
  #at = 0;
  /** Where the body ends that is being read, and its line. */
  #limit = 0;
  #feed = 0;

  /** Bytes to scan in, up to `end`; they may change between scans only by another call of this. */
  load(bytes: Uint8Array, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.bytesEnd = end;
    this.#isEnriched = undefined;
  }

  /** Whether the scan that failed last may have failed because the bytes end. */
  get isCut(): boolean {
    return this.isLineCut(this.#at);
  }

  /** Whether the bytes end before the line does in which `at` is. */
  isLineCut(at: number): boolean {
    return this.#feedAfter(at) === -1;
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
    this.open(start);
    this.records = 0;
    this.landlock = 0;
    if (!this.#accesses()) return false;
    if (!this.#line(SYSCALL_LINE, SYSCALL) || !this.#syscall()) return false;
    if (!this.#line(PROCTITLE_LINE, PROCTITLE) || !this.#proctitle()) return false;
    this.end = this.#at;
    return this.close(this.end);
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
      if (!this.matches(at, beginning)) continue;
      this.landlock++;
      return this.#line(beginning, type);
    }
    return false;
  }

  /** The beginning of a line with its stamp; leaves the position at the body. */
  #line(beginning: Uint8Array, type: number): boolean {
    const { bytes } = this;
    if (!this.matches(this.#at, beginning)) return false;
    const start = this.#at + beginning.length;
    if (this.records === 0 ? !this.readStamp(start) : !this.isSameStamp(start)) return false;
    const end = start + this.serialEnd - this.stampStart;
    if (bytes[end] !== 41 || bytes[end + 1] !== 58 || bytes[end + 2] !== SPACE) return false;
    if (!this.hole(start, end, HOLE.stamp, FORM.verbatim)) return false;
    this.#at = end + 3;
    if (!this.#findLimit()) return false;
    const record = this.records++;
    this.types[record] = type;
    this.bodyStarts[record] = this.#at;
    this.bodyEnds[record] = this.#limit;
    return true;
  }

  #feedAfter(at: number): number {
    const feed = this.bytes.indexOf(LF, at);
    return feed < this.bytesEnd ? feed : -1;
  }

  /** Where the body ends that begins here; it must have no blanks at its end. */
  #findLimit(): boolean {
    const { bytes } = this;
    const feed = this.#feedAfter(this.#at);
    if (feed === -1) return false;
    let end = feed;
    this.#isEnriched ??= bytes.includes(ENRICHMENT);
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
    if (this.#limit < this.#feed && !this.hole(this.#limit, this.#feed, HOLE.enrichment, FORM.verbatim)) return false;
    this.#at = this.#feed + 1;
    return true;
  }

  /** `domain=` and its id. */
  #domain(): boolean {
    if (!this.matches(this.#at, DOMAIN)) return false;
    const { bytes } = this;
    const start = this.#at + DOMAIN.length;
    let at = start;
    let code = bytes[at] ?? 0;
    while ((code >= 48 && code <= 57) || (code >= 97 && code <= 102)) code = bytes[++at] ?? 0;
    if (at === start || at - start > 16) return false;
    this.#at = at;
    return this.hole(start, at, HOLE.domain, FORM.verbatim);
  }

  #access(): boolean {
    if (!this.#domain() || !this.matches(this.#at, BLOCKERS)) return false;
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
      if (name !== undefined && name.length === end - start && this.matches(start, name)) return i;
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
        if (end - start < 3 || !isPlain(this.bytes, start + 1, end - 1)) return true;
        return this.hole(start + 1, end - 1, hole, FORM.verbatim);
      }
      return isPlainHex(this.bytes, start, end, 1) ? this.hole(start, end, hole, FORM.hex) : true;
    }
    if (hole === HOLE.word) return isWord(this.bytes, start, end) ? this.hole(start, end, hole, FORM.verbatim) : true;
    if (hole === HOLE.address)
      return isAddress(this.bytes, start, end) ? this.hole(start, end, hole, FORM.verbatim) : true;
    return isNumber(this.bytes, hole, start, end) ? this.hole(start, end, hole, FORM.verbatim) : true;
  }

  /** An allocation is of the domain that was denied just before it: the only way the kernel writes it. */
  #allocation(denied: number): boolean {
    const { bytes } = this;
    const body = this.#at;
    if (!this.#domain()) return false;
    const other = this.bodyStarts[denied] ?? 0;
    for (let at = body; at < this.#at; at++) if (bytes[at] !== bytes[other + at - body]) return false;
    if (bytes[other + this.#at - body] !== SPACE || !this.matches(this.#at, ALLOCATED)) return false;
    let at = this.#at + ALLOCATED.length;
    while (at < this.#limit && bytes[at] !== SPACE) at++;
    this.#at = at;
    if (!this.#named(PID, HOLE.number) || !this.matches(this.#at, UID)) return false;
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
      if (at === start || at - start > 16 || !this.hole(start, at, HOLE.ignored, FORM.verbatim)) return false;
    }
    if (!this.matches(at, ITEMS)) return false;
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
    if (!this.matches(this.#at, name)) return false;
    const start = this.#at + name.length;
    const end = this.#endOfValue(start);
    if (end === -1) return false;
    this.#at = end;
    return this.#value(hole, start, end);
  }

  #proctitle(): boolean {
    const { bytes } = this;
    const limit = this.#limit;
    if (!this.matches(this.#at, ARGUMENTS)) return false;
    const start = this.#at + ARGUMENTS.length;
    if (bytes[start] === QUOTE) {
      // With its quotes, which are JSON's too.
      const isText = limit - start >= 3 && bytes[limit - 1] === QUOTE && isPlain(this.bytes, start + 1, limit - 1);
      if (isText && !this.hole(start, limit, HOLE.args, FORM.verbatim)) return false;
    } else if (isPlainHex(this.bytes, start, limit, 0)) {
      if (!this.hole(start, limit, HOLE.args, FORM.hexArgs)) return false;
    }
    return this.#endLine();
  }
}
