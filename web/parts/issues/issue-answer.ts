// Why an issue is there and what would end it: its latest denial in plain words with the likely causes, and the least
// rules that would have let all its denials pass.
import type { Explanation } from '../../../src/api/schemas/explanation.ts';
import type { SuggestionAnswer } from '../../../src/api/schemas/suggestion.ts';
import { el } from '../../dom/el.ts';
import { rulesParameters } from '../../state/request-parameters.ts';
import { formatCount } from '../../text/format-number.ts';
import { causeList, plainWords } from '../denials/explanation-section.ts';
import { suggestionBox } from '../denials/suggestion-section.ts';

export function issueReason({ sentence, causes }: Explanation): HTMLElement {
  return el(
    'div',
    { class: 'card-body stack-small' },
    el('p', { class: 'quiet' }, 'The latest of them:'),
    plainWords(sentence),
    causes.length > 0 && causeList(causes),
  );
}

export function issueRules(answer: SuggestionAnswer, issue: string, signal: AbortSignal): HTMLElement {
  const { selected } = answer.suggestion.counts;
  return el(
    'div',
    { class: 'card-body stack-small' },
    answer.is_cut && el('p', { class: 'quiet' }, `For the latest ${formatCount(selected)} denials.`),
    suggestionBox(answer, rulesParameters(issue), signal),
  );
}
