// Makes what would not be seen visible. Strings from records are chosen by whoever was denied: control
// characters, invisible ones and those that turn the direction of text are shown as escapes. Pure: elements are
// made of the pieces by record-text.ts.

export interface PlainPiece {
  readonly kind: 'plain';
  readonly text: string;
}

export interface OddPiece {
  readonly kind: 'odd';
  /** As it is shown: `\n`, `\x1b`, `\u{202e}`. */
  readonly text: string;
  /** For the tooltip: `U+202E right-to-left override`. */
  readonly title: string;
}

export type Piece = PlainPiece | OddPiece;

/** Control, format, private and unassigned characters, lone surrogates, spaces but U+0020, blank letters. */
const ODD =
  /[\p{C}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\ufe00-\ufe0f]/gu;

const SHORT = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
]);

const NAMES = new Map([
  [0x00, 'null'],
  [0x09, 'tab'],
  [0x0a, 'line feed'],
  [0x0d, 'carriage return'],
  [0x1b, 'escape'],
  [0x7f, 'delete'],
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x200b, 'zero-width space'],
  [0x200c, 'zero-width non-joiner'],
  [0x200d, 'zero-width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'pop directional formatting'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2068, 'first strong isolate'],
  [0x2069, 'pop directional isolate'],
  [0xfeff, 'byte order mark'],
]);

/** How many pieces one text is cut into at most; the rest follows as one escaped plain piece. */
export const PIECES_MAX = 2_000;

/** Cuts `text` into pieces that can be shown; all pieces together stand for the whole text. */
export function toPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(ODD)) {
    if (pieces.length >= PIECES_MAX) {
      break;
    }
    if (match.index > from) {
      pieces.push({ kind: 'plain', text: text.slice(from, match.index) });
    }
    pieces.push(oddPiece(match[0].codePointAt(0) ?? 0));
    from = match.index + match[0].length;
  }
  if (from < text.length) {
    pieces.push({ kind: 'plain', text: escapeOdd(text.slice(from)) });
  }
  return pieces;
}

/** The same as one string, for tooltips and accessible names. */
export function escapeOdd(text: string): string {
  return text.replace(ODD, (character) => escapeOf(character.codePointAt(0) ?? 0));
}

/** Cuts at `lengthMax` characters and says how long the text was. Never cuts within a character. */
export function shorten(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) {
    return text;
  }
  const last = text.charCodeAt(lengthMax - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax;
  return `${text.slice(0, end)}… (${text.length.toLocaleString('en-GB')} characters)`;
}

function oddPiece(code: number): OddPiece {
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(code);
  return { kind: 'odd', text: escapeOf(code), title: name === undefined ? number : `${number} ${name}` };
}

function escapeOf(code: number): string {
  const short = SHORT.get(code);
  if (short !== undefined) {
    return short;
  }
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}
