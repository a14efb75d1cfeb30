// Words for a shell. They hold what records hold, so each is quoted as a whole, and what a terminal would obey or an
// eye would not see is written as an escape. Pure.

const PLAIN = /^[\w@%+=:,./-]+$/;
/** Control and format characters, and separators of lines. */
const ODD = /[\p{C}\p{Zl}\p{Zp}]/u;

/** One word for a POSIX shell; with odd characters in the $'…' of bash, zsh and POSIX 2024. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  if (!ODD.test(text)) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }
  const bytes = new TextEncoder();
  const escaped = Array.from(text, (character) => {
    if (character === "'" || character === '\\') {
      return `\\${character}`;
    }
    // Octal digits are at most three, so nothing that follows can be taken for a part of them.
    return ODD.test(character)
      ? Array.from(bytes.encode(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
      : character;
  });
  return `$'${escaped.join('')}'`;
}

export function commandOf(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
