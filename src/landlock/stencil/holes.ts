// The holes of an event's text: what varies from event to event.

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

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const DELETE = 127;

/** 1 for the characters of a text hole: printable ASCII without quote and backslash. */
export const PLAIN = new Uint8Array(256);
for (let code = SPACE; code < DELETE; code++) PLAIN[code] = code === QUOTE || code === BACKSLASH ? 0 : 1;

/** The value of an upper-case hexadecimal digit; 255 for anything else. */
export const HEX_VALUES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) HEX_VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
