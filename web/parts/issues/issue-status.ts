// The state of an issue as a small label: a word, and a sign that repeats it.
import type { IssueAnswer, IssueStatus } from '../../../src/api/schemas/issue.ts';
import { el } from '../../dom/el.ts';
import { STATUS_TITLES } from '../../state/issue-list.ts';

export type ShownStatus = IssueStatus | 'new' | 'escalating';

const NOTES: Readonly<Record<IssueStatus | 'new', string>> = {
  open: 'Nobody has dealt with it yet',
  new: 'Open, and never seen before the time that is shown',
  regressed: 'Was resolved, and came back',
  archived: 'Known and put away',
  resolved: 'Done with; it comes back as regressed if it is denied again',
};

/** `fromMs`: what is open and was not seen before is called new. */
export function issueStatus({ status, first_seen: firstSeen }: IssueAnswer, fromMs = Infinity): HTMLElement {
  const isNew = status === 'open' && Date.parse(firstSeen) >= fromMs;
  return issueLabel(isNew ? 'new' : status, isNew ? 'new' : STATUS_TITLES[status], NOTES[isNew ? 'new' : status]);
}

export function issueLabel(status: ShownStatus, words: string, note?: string): HTMLElement {
  return el(
    'span',
    { class: 'issue-status', 'data-status': status, title: note },
    el('span', { class: 'issue-sign', 'aria-hidden': 'true' }),
    words,
  );
}
