// Texts with `*` wildcards, as SQL and in memory with the same meaning. A pattern is the literal pieces between the
// wildcards: `a*b` is ['a', 'b'], `a*` is ['a', ''], a pattern without a wildcard is one piece.

export type Pattern = readonly string[];

/** Whether the pattern stands for the whole of `value`; exact in case. Linear in its length for each piece. */
export function matchesPattern(pattern: Pattern, value: string): boolean {
  const first = pattern[0] ?? '';
  if (pattern.length === 1) return value === first;
  if (!value.startsWith(first)) return false;
  if (pattern.length === 2 && pattern[1] === '') return true;
  return matchesPieces(pattern.map(foldNonCharacters), foldNonCharacters(value));
}

/** SQLite's GLOB and LIKE take U+FFFE and U+FFFF for U+FFFD. */
function foldNonCharacters(text: string): string {
  return text.replace(/[\ufffe\uffff]/g, '\ufffd');
}

function matchesPieces(pattern: Pattern, value: string): boolean {
  const first = pattern[0] ?? '';
  const last = pattern.at(-1) ?? '';
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let at = first.length;
  for (const piece of pattern.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** `text` with A–Z in lower case, as SQLite's LIKE folds: other letters keep their case. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The pattern for SQLite's GLOB. */
export function toGlob(pattern: Pattern): string {
  return pattern.map((piece) => piece.replace(/[*?[]/g, '[$&]')).join('*');
}

/** The pattern for SQLite's LIKE … ESCAPE '\', anywhere in the text. */
export function toLikeAnywhere(pattern: Pattern): string {
  return `%${pattern.map((piece) => piece.replace(/[\\%_]/g, '\\$&')).join('%')}%`;
}

/** The least text that is greater than all that begin with `prefix` in order of code points; undefined: none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last >= 0x10ffff) continue;
    // The surrogates are no code points of their own.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}
