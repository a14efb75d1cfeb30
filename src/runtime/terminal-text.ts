// Makes text of unknown origin harmless on a terminal. Programs name their own threads and files, so whatever comes
// out of a record may hold escape sequences, line breaks, or marks that turn the reading direction round.

// C0, DEL, C1; soft hyphen; Arabic letter mark; zero-width and direction marks; line and paragraph separators;
// embeddings, overrides, isolates; byte order mark; lone surrogates; tags; and whatever else Unicode says not to show.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e007f}\p{Default_Ignorable_Code_Point}]/gu;

/** `\x1b` for one byte, `\u{202e}` for more; everything else as it is. The answer is always a single line. */
export function escapeTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** JSON on one line whose strings hold no character of that kind either: `\\u202e`. Its value stays the same. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that escaped text takes on a terminal: two for wide characters, none for combining marks. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Cuts to `columns`, ending in `…` where something was cut away. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) {
    return text;
  }
  let fitted = '';
  let width = 0;
  for (const character of text) {
    width += textWidth(character);
    if (width > columns - 1) {
      break;
    }
    fitted += character;
  }
  return `${fitted}…`;
}
