// Issues that deserve a look first, on the overview.
import { el, fill } from '../../dom/el.ts';
import { holdsFocus } from '../../dom/holds-focus.ts';
import { trendDays } from '../../state/issue-trend.ts';
import { toAddress, toPage, type View } from '../../state/page-address.ts';
import type { RisingIssue } from '../../state/rising-issues.ts';
import { countOf, formatShortCount } from '../../text/format-number.ts';
import { formatAgo, formatUtc } from '../../text/format-time.ts';
import { sparkline } from '../charts/sparkline.ts';
import { issueDetails, issueLink } from './issue-line.ts';
import { issueLabel } from './issue-status.ts';

export interface RisingCard {
  readonly element: HTMLElement;
  update(issues: readonly RisingIssue[], view: View, nowMs: number): void;
  showInstead(box: HTMLElement): void;
}

const CAUSE_NOTES: Readonly<Record<RisingIssue['cause'], string>> = {
  regressed: 'Was resolved, and came back',
  new: 'Never seen before the time that is shown',
  escalating: 'Denials of one of the last two days against a day of the week before',
};

export function createRisingCard(): RisingCard {
  const all = el('a', { class: 'card-link', href: '/issues' }, 'All issues');
  const body = el('div');
  let drawn: string | undefined;
  return {
    element: el(
      'section',
      { class: 'card rising', 'aria-label': 'New and escalating issues' },
      el('div', { class: 'card-head' }, el('h2', {}, 'New and escalating issues'), all),
      body,
    ),
    update(issues, view, nowMs) {
      all.href = toAddress(toPage(view, 'issues'));
      const key = JSON.stringify([issues, view, Math.floor(nowMs / 60_000)]);
      if (key !== drawn && !holdsFocus(body)) {
        drawn = key;
        fill(body, issues.length === 0 ? nothing() : list(issues, view, nowMs));
      }
    },
    showInstead(box) {
      drawn = undefined;
      fill(body, box);
    },
  };
}

function nothing(): HTMLElement {
  return el(
    'p',
    { class: 'card-body quiet' },
    'Nothing new, nothing that came back, nothing that is denied far more often than before.',
  );
}

function list(issues: readonly RisingIssue[], view: View, nowMs: number): HTMLElement {
  return el('ul', { class: 'rising-list' }, ...issues.map((one) => line(one, view, nowMs)));
}

function line({ issue, cause, words }: RisingIssue, view: View, nowMs: number): HTMLElement {
  const atMs = Date.parse(issue.last_seen);
  return el(
    'li',
    { class: 'rising-line' },
    el('span', { class: 'rising-cause' }, issueLabel(cause, words, CAUSE_NOTES[cause])),
    el('div', { class: 'rising-what' }, issueLink(issue, view), issueDetails(issue)),
    el(
      'span',
      { class: 'rising-trend' },
      issue.trend !== undefined && sparkline(trendDays(issue.trend, nowMs).map((day) => day.denials)),
    ),
    el(
      'span',
      { class: 'rising-numbers' },
      el(
        'span',
        {},
        `${formatShortCount(issue.denials)} ${issue.denials === 1 ? 'denial' : 'denials'} on ${countOf(issue.hosts, 'host')}`,
      ),
      el('time', { class: 'quiet', datetime: issue.last_seen, title: formatUtc(atMs) }, formatAgo(atMs, nowMs)),
    ),
  );
}
