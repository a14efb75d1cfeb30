// Untrusted strings in trace events: bytes that are blank, special or not printable are written with a backslash
// (lib/string_helpers.c string_escape_mem, ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NAP | ESCAPE_OCTAL).

const ESCAPE = /\\(?:([0-7]{3})|([nrtvfae"\\]))/g;

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['f', '\f'],
  ['a', '\x07'],
  ['e', '\x1b'],
  ['"', '"'],
  ['\\', '\\'],
]);

/** The bytes (latin1). What is no escape stays as it is. */
export function unescapeText(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(ESCAPE, (whole, octal: string | undefined, letter: string | undefined) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return LETTERS.get(letter ?? '') ?? whole;
  });
}
