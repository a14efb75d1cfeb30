// What would have allowed a denial, or all of an issue: the least rules, in the format of whatever makes the sandbox, what is held back and
// why, and what no rule can give.
import type { SuggestionAnswer } from '../../../src/api/schemas/suggestion.ts';
import { el, fill } from '../../dom/el.ts';
import { recordLines, recordText } from '../../dom/record-text.ts';
import { getJson, type Parameters } from '../../net/api-client.ts';
import { copyButton, failureText } from '../blocks/states.ts';

type Format = SuggestionAnswer['format'];

const FORMAT_WORDS: Readonly<Record<Format, string>> = {
  text: 'in words',
  json: 'JSON',
  'landlockconfig-toml': 'landlockconfig, TOML',
  'landlockconfig-json': 'landlockconfig, JSON',
  rust: 'Rust: the landlock crate',
  go: 'Go: go-landlock',
  c: 'C: system calls',
  sandboxer: 'sandboxer of the kernel’s samples',
  landrun: 'landrun',
  setpriv: 'setpriv of util-linux',
  systemd: 'systemd unit',
};

/** `first`: in words, as it was asked for with `selection`, which says of what. */
export function suggestionBox(first: SuggestionAnswer, selection: Parameters, signal: AbortSignal): HTMLElement {
  const said = el('div', { class: 'stack-small', role: 'status' });
  const format = el(
    'select',
    { class: 'field-input' },
    ...Object.entries(FORMAT_WORDS).map(([value, words]) => el('option', { value }, words)),
  );
  const guarded = el('input', { type: 'checkbox' });
  const box = el('div', { class: 'suggestion-box' });
  fill(box, ...suggestionParts(first));
  const ask = async (): Promise<void> => {
    const chosen = format.value;
    const asked: Parameters = [
      ...selection,
      ['format', chosen],
      ...(guarded.checked ? ([['include_guarded', 'true']] as const) : []),
    ];
    const answer = await getJson<SuggestionAnswer>('/suggestions', asked, signal);
    if (signal.aborted || chosen !== format.value) {
      return;
    }
    fill(said, answer.ok ? false : failureText(answer.failure));
    if (answer.ok) {
      fill(box, ...suggestionParts(answer.value));
    }
  };
  format.addEventListener('change', () => void ask());
  guarded.addEventListener('change', () => void ask());
  const { rules, withheld } = first.suggestion;
  const isGuarded = withheld.some(({ tier }) => tier === 'guarded');
  const hasChoice = rules.length > 0 || isGuarded;
  return el(
    'div',
    { class: 'suggestion-box' },
    hasChoice
      ? el(
          'div',
          { class: 'filter-bar' },
          el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'Rules for'), format),
          isGuarded && el('label', { class: 'field-check' }, guarded, 'also guarded rules, which can give away much'),
        )
      : undefined,
    said,
    box,
  );
}

function suggestionParts({ suggestion, text, cannot, format }: SuggestionAnswer): readonly HTMLElement[] {
  const { rules, withheld, impossible, notes, differences } = suggestion;
  // In words all of it stands in the text already.
  const isInWords = format === 'text' && rules.length > 0;
  const guarded = rules.flatMap((rule) => (rule.tier === 'guarded' ? [`Guarded: ${rule.reason ?? ''}`] : []));
  const told = isInWords
    ? cannot
    : [
        ...guarded,
        ...differences.map(({ granted, observed }) => `Gives ${granted}; seen: ${observed.join('; ')}`),
        ...withheld.map(({ tier, what, reason }) => `${HELD_WORDS[tier]}: ${what}. ${reason}`),
        ...impossible.map(({ what, reason, instead }) => `No rule gives ${what}: ${reason}. Instead: ${instead}`),
        ...notes,
        ...cannot,
      ];
  const isNothing = rules.length + withheld.length + impossible.length === 0;
  return [
    rules.length === 0
      ? undefined
      : el(
          'div',
          { class: 'suggested' },
          recordLines(text),
          copyButton(() => text, 'Copy'),
        ),
    remarks(told),
    isNothing ? el('p', { class: 'quiet' }, 'Nothing can be suggested for it.') : undefined,
  ].filter((part) => part !== undefined);
}

const HELD_WORDS = { guarded: 'Held back, as it can give away much', never: 'Never suggested' } as const;

function remarks(texts: readonly string[]): HTMLElement | undefined {
  return texts.length === 0
    ? undefined
    : el('ul', { class: 'plain-list' }, ...texts.map((text) => el('li', {}, recordText(text, { whole: true }))));
}
