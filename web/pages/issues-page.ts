// Denials of one kind each, to be dealt with one by one.
import { el, fill, setText } from '../dom/el.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { createListInstead } from '../parts/blocks/list-instead.ts';
import { createNotices } from '../parts/blocks/notices.ts';
import { createIssueFilters, type IssueFilters } from '../parts/issues/issue-filters.ts';
import { createIssuesTable } from '../parts/issues/issues-table.ts';
import { emptyTabWords, TAB_NOTES, TAB_TITLES } from '../state/issue-list.ts';
import { isNarrowed, type View } from '../state/page-address.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import { DataPage } from './data-page.ts';
import { ISSUES_MAX, IssuesData } from './issues-data.ts';
import type { PageOptions } from './page.ts';

/** How long ago things were moves on. */
const TICK_MS = 15_000;

export class IssuesPage extends DataPage<IssuesData> {
  readonly #filters: IssueFilters;
  readonly #pills = createFilterPills();
  readonly #notices = createNotices();
  readonly #title = el('h2', {}, '');
  readonly #note = el('span', { class: 'quiet' });
  readonly #table = createIssuesTable(() => this.data.start());
  readonly #instead = createListInstead('issue', () => this.data.start());
  readonly #foot = createListFoot(() => this.data.loadMore());

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new IssuesData(view, changes), TICK_MS);
    const { navigate } = options;
    this.#filters = createIssueFilters(navigate);
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Issues'),
        el(
          'p',
          { class: 'quiet' },
          'Denials that share the program, the right and the object, on whatever hosts: one line each, to be dealt with once.',
        ),
      ),
      this.#filters.element,
      this.#pills.element,
      this.#notices.element,
      el(
        'section',
        { class: 'card', 'aria-label': 'List of issues' },
        el('div', { class: 'card-head' }, this.#title, this.#note),
        this.#table.element,
        this.#instead.element,
        this.#foot.element,
      ),
    );
  }

  override addDenial(): void {
    this.data.hear();
  }

  protected draw(): void {
    const { view, issues, hosts, isAnswered, failure, hasMore, isLoading, hasNews, nextCursor } = this.data;
    const { tab = 'open' } = view;
    const nowMs = Date.now();
    this.#filters.update(view);
    this.#pills.update(view, hosts);
    setText(this.#title, `${TAB_TITLES[tab]} issues`);
    const count = issues.length === 0 ? '' : `${hasMore ? 'the first ' : ''}${formatCount(issues.length)}: `;
    setText(this.#note, `${count}${TAB_NOTES[tab]}`);
    const isFull = nextCursor !== null && !hasMore;
    const note = isFull ? `The first ${countOf(ISSUES_MAX, 'issue')}; search for others` : '';
    this.#foot.update({ hasMore: hasMore && isAnswered, isLoading, note });
    const hasRows = isAnswered && issues.length > 0;
    this.#notices.update(
      hasRows && failure !== undefined
        ? [
            {
              key: 'issues-failed',
              level: 'warn',
              text: `The list may be old: it could not be loaded. ${failure.message}`,
            },
          ]
        : [],
    );
    this.#table.element.hidden = !hasRows;
    if (hasRows) {
      this.#instead.hide();
      this.#table.update({ view, issues, nowMs, hasNews });
    } else {
      this.#drawInstead(nowMs);
    }
  }

  #drawInstead(nowMs: number): void {
    const { isAnswered, failure, hasStatus, view, status, hosts } = this.data;
    this.#instead.show({
      view,
      nowMs,
      hosts,
      ...(status === undefined ? {} : { status }),
      failure,
      isWaiting: !isAnswered || !hasStatus,
      expected: isNarrowed(view) ? undefined : emptyTabWords(view.tab ?? 'open'),
    });
  }
}
