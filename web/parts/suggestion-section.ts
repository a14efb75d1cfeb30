// What would have allowed a denial: the least rules, what is held back and why, and what no rule can give.
import type { SuggestionAnswer } from '../../src/api/schemas/suggestion.ts';
import { el } from '../dom/el.ts';
import { recordLines, recordText } from '../dom/record-text.ts';
import { titled } from './denial-sections.ts';
import { copyButton } from './states.ts';

export function suggestionSection({ suggestion, text, cannot }: SuggestionAnswer): HTMLElement {
  const { rules, withheld, impossible, notes } = suggestion;
  return titled(
    'What would allow it',
    rules.length === 0
      ? undefined
      : el(
          'div',
          { class: 'suggested' },
          recordLines(text),
          copyButton(() => text, 'Copy'),
        ),
    remarks(withheld.map(({ what, reason }) => `Held back: ${what}. ${reason}`)),
    remarks(impossible.map(({ what, reason, instead }) => `No rule gives ${what}: ${reason}. Instead: ${instead}`)),
    remarks([...notes, ...cannot]),
    rules.length + withheld.length + impossible.length === 0
      ? el('p', { class: 'quiet' }, 'Nothing can be suggested for it.')
      : undefined,
  );
}

function remarks(texts: readonly string[]): HTMLElement | undefined {
  return texts.length === 0
    ? undefined
    : el('ul', { class: 'plain-list' }, ...texts.map((text) => el('li', {}, recordText(text, { whole: true }))));
}
