// One issue in a list: its sentence as a link, and below it what the sentence leaves out. All text is from records.
import type { IssueAnswer } from '../../../src/api/schemas/issue.ts';
import { el } from '../../dom/el.ts';
import { recordPath, recordText } from '../../dom/record-text.ts';
import { issueView, toAddress, type View } from '../../state/page-address.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { blockerList } from '../denials/denial-row.ts';

/** Of a tooltip. */
const TITLE_MAX = 400;
const ASSIGNEE_MAX = 40;

export function issueLink(issue: IssueAnswer, view: Pick<View, 'range'>): HTMLAnchorElement {
  return el(
    'a',
    {
      class: 'row-link issue-link clip',
      href: toAddress(issueView(view.range, issue.id)),
      title: escapeOdd(shorten(issue.title, TITLE_MAX)),
    },
    recordText(issue.title),
  );
}

/** Blockers, the program as a path, who looks after it. */
export function issueDetails(issue: IssueAnswer): HTMLElement {
  return el(
    'div',
    { class: 'second-line issue-details' },
    blockerList(issue.blockers),
    issue.program_class === 'executable' && el('span', { class: 'issue-program' }, recordPath(issue.program)),
    issue.canary === true && el('span', { class: 'tag', title: 'Provoked by Trespass itself, as a test' }, 'canary'),
    issue.assignee !== undefined &&
      el('span', { class: 'issue-assignee' }, 'for ', recordText(shorten(issue.assignee, ASSIGNEE_MAX))),
    issue.note !== undefined && el('span', { class: 'tag', title: escapeOdd(shorten(issue.note, TITLE_MAX)) }, 'note'),
  );
}
