// The words of describe.ts that depend on the blockers alone, and the rule for text that is shown inside a sentence.
import type { Blocker } from './blockers.ts';

// Control characters, and those that turn the direction of writing or do not show.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HIDDEN_ALL = new RegExp(HIDDEN, 'gu');
const PLAIN = /^[\x20-\x7e]*$/;

/** Text from a record inside a sentence: characters that do not show are written as `\u{a}`. */
export function shown(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!HIDDEN.test(text)) return text;
  return text.replace(HIDDEN_ALL, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}

function listed(verbs: readonly string[]): string {
  if (verbs.length <= 1) return verbs[0] ?? '';
  return `${verbs.slice(0, -1).join(', ')} and ${verbs.at(-1) ?? ''}`;
}

/** How the deed is told, worked out once for each set of blockers: the words before and after the object. */
export interface Phrase {
  readonly before: string;
  readonly after: string;
}

/** What is said behind the path of a deed that was to happen inside a directory. */
export const PARENT = ' (the record names the parent directory, not the file itself)';

/** The words for a set of blockers, known and unknown ones apart. */
export function phraseOf(known: readonly Blocker[], strange: readonly string[]): Phrase {
  const direct: string[] = [];
  const within: string[] = [];
  for (const { inDirectory, verb } of known) (inDirectory ? within : direct).push(verb);
  const unknown =
    strange.length === 0 ? '' : `do what ${listed(strange.map(shown))} stands for (this version does not know)`;
  if (known.length === 0) return { before: `${unknown} on `, after: '' };
  const rest = unknown === '' ? '' : `, and to ${unknown}`;
  if (within.length === 0) return { before: `${listed(direct)} `, after: rest };
  if (direct.length === 0) return { before: `${listed(within)} in `, after: PARENT + rest };
  return { before: `${listed(direct)}, and to ${listed(within)} in, `, after: PARENT + rest };
}
