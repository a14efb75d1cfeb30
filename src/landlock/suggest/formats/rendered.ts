// What every format of a suggestion makes, and the remarks that those with comments put in front.
import type { Suggestion } from '../suggest.ts';

/** A suggestion in one format. */
export interface Rendered {
  /** Ends with a line feed. */
  readonly text: string;
  /** What of the suggestion this format cannot say, and where it says more than it was to. */
  readonly cannot: readonly string[];
}

/**
 * `texts` as comments behind `mark`, each on a line of its own. Only what can be printed in ASCII stays as it is, so that
 * nothing in it ends the comment: no line feed, and in C neither a backslash at the end nor a trigraph.
 */
export function commentLines(mark: string, texts: readonly string[]): string {
  const lines = texts.map((text) => {
    const safe = text.replace(/[^\x20-\x7e]/gu, (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16)}>`);
    return `${mark} ${safe.replaceAll('\\', '/').replaceAll('??', '? ?')}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** How many denials the rules let pass, and what is to be known of them. */
export function remarksOn({ counts, differences, withheld, impossible, abi }: Suggestion): readonly string[] {
  return [
    `Lets pass ${counts.allowed} of ${counts.selected} selected denials; needs Landlock ABI ${abi}.`,
    ...differences.map(({ granted }) => `Gives ${granted}.`),
    ...withheld.map(({ tier, what, reason }) => `Left out (${tier}): ${what}: ${reason}.`),
    ...impossible.map(({ what, reason, instead }) => `No rule: ${what}. ${reason} ${instead}`),
  ];
}
