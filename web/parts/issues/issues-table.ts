// Issues, one line each. Rows whose numbers change stay where they are and keep the focus; where the order changes while
// someone reads, the new order waits behind a button.
import type { IssueAnswer } from '../../../src/api/schemas/issue.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { openOnClick } from '../../dom/open-on-click.ts';
import type { IssueOrder } from '../../state/issue-list.ts';
import { trendDays } from '../../state/issue-trend.ts';
import { toAddress, type View, without } from '../../state/page-address.ts';
import { boundsOf } from '../../state/time-range.ts';
import { countOf, formatCount, formatShortCount } from '../../text/format-number.ts';
import { formatAgo, formatUtc } from '../../text/format-time.ts';
import { sparkline } from '../charts/sparkline.ts';
import { issueDetails, issueLink } from './issue-line.ts';
import { issueStatus } from './issue-status.ts';

export interface IssuesTableFacts {
  readonly view: View;
  readonly issues: readonly IssueAnswer[];
  readonly nowMs: number;
  /** Something arrived that only a new beginning of the list would show. */
  readonly hasNews: boolean;
}

export interface IssuesTable {
  readonly element: HTMLElement;
  update(facts: IssuesTableFacts): void;
}

interface Column {
  readonly name: string;
  readonly title: string;
  readonly note?: string;
  readonly order?: IssueOrder;
}

const COLUMNS: readonly Column[] = [
  { name: 'issue', title: 'Issue' },
  { name: 'trend', title: '30 days', note: 'Denials by the day (UTC), up to today' },
  { name: 'number', title: 'Denials', note: 'Of all times and hosts', order: 'denials' },
  { name: 'number', title: 'Hosts', note: 'Where it was ever seen', order: 'hosts' },
  { name: 'ago', title: 'First seen', order: 'first_seen' },
  { name: 'ago', title: 'Last seen', order: 'last_seen' },
  { name: 'status', title: 'State' },
];

/** `onNews`: the list is wanted from its beginning. */
export function createIssuesTable(onNews: () => void): IssuesTable {
  const head = el('tr');
  const body = el('tbody');
  const more = el('button', { class: 'more-rows', type: 'button', hidden: true });
  const announcer = el('p', { class: 'off-screen', 'aria-live': 'polite' });
  const table = el(
    'table',
    { class: 'table issues' },
    el('caption', { class: 'off-screen' }, 'Issues'),
    el('thead', {}, head),
    body,
  );
  const rows = new Map<string, IssueRow>();
  let last: IssuesTableFacts | undefined;
  let shownView = '';
  const show = (facts: IssuesTableFacts): void => {
    const fresh = facts.issues.filter((issue) => !rows.has(issue.id)).length;
    syncRows(body, rows, facts);
    const viewKey = toAddress(without(facts.view, 'denial'));
    if (viewKey === shownView && fresh > 0) {
      setText(announcer, countOf(fresh, 'more issue'));
    }
    shownView = viewKey;
  };
  const update = (facts: IssuesTableFacts, mayMove: boolean): void => {
    last = facts;
    const isOther = toAddress(without(facts.view, 'denial')) !== shownView;
    const isAppended = [...rows.keys()].every((id, index) => facts.issues[index]?.id === id);
    const mustWait = !isOther && !isAppended && !mayMove;
    more.hidden = !(mustWait || facts.hasNews);
    setText(more, facts.hasNews ? 'More was denied since – begin anew' : 'The order has changed – show');
    if (mustWait) {
      for (const issue of facts.issues) {
        rows.get(issue.id)?.update(issue, facts);
      }
      return;
    }
    if (isOther || head.childElementCount === 0) {
      fill(head, ...COLUMNS.map((column) => columnHead(column, facts.view)));
    }
    show(facts);
  };
  more.addEventListener('click', () => {
    if (last?.hasNews === true) {
      onNews();
    } else if (last !== undefined) {
      update(last, true);
      body.querySelector<HTMLAnchorElement>('.issue-link')?.focus();
    }
  });
  const isHeld = (): boolean => body.matches(':hover') || body.contains(document.activeElement);
  body.addEventListener('pointerleave', () => last !== undefined && update(last, !isHeld()));
  body.addEventListener('keydown', walk);
  openOnClick(body);
  return {
    element: el('div', {}, more, el('div', { class: 'table-box' }, table), announcer),
    update: (facts) => update(facts, !isHeld()),
  };
}

function columnHead({ name, title, note, order }: Column, view: View): HTMLElement {
  const isSortable = order !== undefined && view.tab !== 'new';
  const shown = view.tab === 'new' ? 'first_seen' : (view.order ?? 'last_seen');
  const { order: _old, denial: _denial, ...rest } = view;
  return el(
    'th',
    { scope: 'col', class: name, title: note, 'aria-sort': order !== undefined && order === shown && 'descending' },
    isSortable
      ? el('a', { class: 'sort-link', href: toAddress(order === 'last_seen' ? rest : { ...rest, order }) }, title)
      : title,
  );
}

interface IssueRow {
  readonly element: HTMLTableRowElement;
  update(issue: IssueAnswer, facts: Pick<IssuesTableFacts, 'view' | 'nowMs'>): void;
}

function createRow(): IssueRow {
  const name = el('th', { scope: 'row', class: 'issue' });
  const trend = el('td', { class: 'trend' });
  const denials = el('td', { class: 'number' });
  const hosts = el('td', { class: 'number' });
  const first = el('td', { class: 'ago' });
  const latest = el('td', { class: 'ago' });
  const status = el('td', { class: 'status' });
  const shown = new Map<HTMLElement, string>();
  /** Fills a cell only where what it says has changed: the focus may be in it. */
  const put = (cell: HTMLElement, key: string, make: () => readonly Node[]): void => {
    if (shown.get(cell) !== key) {
      shown.set(cell, key);
      fill(cell, ...make());
    }
  };
  return {
    element: el('tr', {}, name, trend, denials, hosts, first, latest, status),
    update(issue, { view, nowMs }) {
      const { fromMs } = boundsOf(view.range, nowMs);
      const nameKey = JSON.stringify([issue.title, issue.assignee, issue.note, view.range]);
      put(name, nameKey, () => [issueLink(issue, view), issueDetails(issue)]);
      const days = issue.trend === undefined ? [] : trendDays(issue.trend, nowMs).map((day) => day.denials);
      put(trend, days.join(), () => trendCell(days));
      put(denials, formatCount(issue.denials), () => counted(issue.denials, 'denial'));
      put(hosts, formatCount(issue.hosts), () => counted(issue.hosts, 'host'));
      put(first, `${issue.first_seen} ${agoOf(issue.first_seen, nowMs)}`, () => ago(issue.first_seen, nowMs, 'first '));
      put(latest, `${issue.last_seen} ${agoOf(issue.last_seen, nowMs)}`, () => ago(issue.last_seen, nowMs, 'last '));
      const label = issueStatus(issue, fromMs);
      put(status, label.dataset.status ?? '', () => [label]);
    },
  };
}

function trendCell(days: readonly number[]): readonly Node[] {
  const sum = days.reduce((all, count) => all + count, 0);
  return sum === 0
    ? [el('span', { class: 'quiet' }, 'none')]
    : [sparkline(days), el('span', { class: 'off-screen' }, `${countOf(sum, 'denial')} in 30 days`)];
}

/** The number; on narrow screens, without the heads of columns, its noun too. */
function counted(count: number, noun: string): readonly Node[] {
  return [
    el('span', { title: formatCount(count) }, formatShortCount(count)),
    el('span', { class: 'narrow-word' }, ` ${noun}${count === 1 ? '' : 's'}`),
  ];
}

function agoOf(at: string, nowMs: number): string {
  return formatAgo(Date.parse(at), nowMs);
}

function ago(at: string, nowMs: number, word: string): readonly Node[] {
  return [
    el('span', { class: 'narrow-word' }, word),
    el('time', { datetime: at, title: formatUtc(Date.parse(at)) }, agoOf(at, nowMs)),
  ];
}

/** Adds, moves and removes rows; `rows` ends in the order of the list. */
function syncRows(body: HTMLElement, rows: Map<string, IssueRow>, facts: IssuesTableFacts): void {
  const before = new Map(rows);
  rows.clear();
  let next: Element | null = body.firstElementChild;
  for (const issue of facts.issues) {
    const row = before.get(issue.id) ?? createRow();
    before.delete(issue.id);
    row.update(issue, facts);
    rows.set(issue.id, row);
    if (row.element === next) {
      next = next.nextElementSibling;
    } else {
      body.insertBefore(row.element, next);
    }
  }
  for (const gone of before.values()) {
    gone.element.remove();
  }
}

const STEPS: ReadonlyMap<string, number> = new Map([
  ['j', 1],
  ['ArrowDown', 1],
  ['k', -1],
  ['ArrowUp', -1],
]);

/** j and k, or the arrows, go from issue to issue. */
function walk(event: KeyboardEvent): void {
  const step = STEPS.get(event.key);
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) {
    return;
  }
  const row = event.target.closest('tr');
  const other = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  other?.querySelector<HTMLAnchorElement>('.issue-link')?.focus();
  event.preventDefault();
}
