// One issue: what it is, whom it concerns, its denials, and what becomes of it.
import type { Explanation } from '../../src/api/schemas/explanation.ts';
import type { IssueChange, IssueDetail } from '../../src/api/schemas/issue.ts';
import type { SuggestionAnswer } from '../../src/api/schemas/suggestion.ts';
import { el, fill } from '../dom/el.ts';
import { holdsFocus } from '../dom/holds-focus.ts';
import type { Failure } from '../net/api-client.ts';
import { createAnswerCard } from '../parts/blocks/answer-card.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { createNotices } from '../parts/blocks/notices.ts';
import { failedBox, loadingBox, notShownBox } from '../parts/blocks/states.ts';
import { trendChart } from '../parts/charts/trend-chart.ts';
import { createNewestDenials, storedNote } from '../parts/denials/newest-denials.ts';
import { createIssueActions, type IssueActions } from '../parts/issues/issue-actions.ts';
import { issueReason, issueRules } from '../parts/issues/issue-answer.ts';
import { createIssueNote, type IssueNote } from '../parts/issues/issue-note.ts';
import {
  issueFacts,
  issueHosts,
  issuePrograms,
  issueTiles,
  issueTitle,
  issueTrail,
  issueUsers,
} from '../parts/issues/issue-sections.ts';
import { issueStatus } from '../parts/issues/issue-status.ts';
import { trendDays } from '../state/issue-trend.ts';
import type { View } from '../state/page-address.ts';
import { countOf } from '../text/format-number.ts';
import { formatAgo, formatUtc, type TimeFormats } from '../text/format-time.ts';
import { DataPage } from './data-page.ts';
import { IssueData } from './issue-data.ts';
import type { PageOptions } from './page.ts';

/** The stream tells of denials by their own fingerprint, so those that were gathered into one issue are asked for. */
const REFRESH_EVERY_MS = 30_000;

export class IssuePage extends DataPage<IssueData> {
  readonly #formats: TimeFormats;
  readonly #head = el('div', { class: 'domain-head' });
  readonly #notices = createNotices();
  readonly #trend = el('div');
  readonly #reason = createAnswerCard<Explanation>({
    title: 'Why, and what to do',
    what: 'The likely causes',
    onRetry: () => this.data.refresh(),
  });
  readonly #rules = createAnswerCard<SuggestionAnswer>({
    title: 'What would allow it',
    what: 'The rules',
    onRetry: () => this.data.refresh(),
  });
  readonly #aside = el('div', { class: 'stack issue-aside' });
  readonly #state = el('p', { class: 'issue-state' });
  readonly #actions: IssueActions;
  readonly #note: IssueNote;
  readonly #decide: HTMLElement;
  readonly #columns: HTMLElement;
  readonly #denials;
  readonly #foot = createListFoot(() => this.data.loadMore());
  readonly #drawn = new Map<HTMLElement, string>();

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new IssueData(view, changes), REFRESH_EVERY_MS);
    const { formats } = options;
    this.#formats = formats;
    this.#actions = createIssueActions((change) => this.#change(change));
    this.#note = createIssueNote({
      check: () => this.data.check().finally(() => this.draw()),
      change: (change) => this.#change(change),
    });
    this.#denials = createNewestDenials(formats, 'Denials of this issue', () => undefined);
    this.#denials.element.append(this.#foot.element);
    this.#decide = decideCard(this.#state, this.#actions, this.#note);
    this.#columns = el(
      'div',
      { class: 'columns columns-top issue-columns', hidden: true },
      this.#decide,
      el(
        'div',
        { class: 'stack issue-main' },
        this.#reason.element,
        this.#rules.element,
        this.#trend,
        this.#denials.element,
      ),
      this.#aside,
    );
    this.element.classList.add('issue-page');
    fill(this.element, this.#head, this.#notices.element, this.#columns);
  }

  /** Asks again, and is drawn with the answer. */
  protected override tick(): void {
    if (!document.hidden) {
      this.data.refresh();
    }
  }

  override addDenial(): void {
    this.data.hear();
  }

  /** Shown at once: the focus goes to what is there then. */
  async #change(change: IssueChange): Promise<Failure | undefined> {
    const failure = await this.data.change(change);
    this.draw();
    return failure;
  }

  protected draw(): void {
    const { issue, issueFailure, view } = this.data;
    this.#columns.hidden = issue === undefined;
    this.#notices.update(
      issue !== undefined && issueFailure !== undefined
        ? [
            {
              key: 'issue-failed',
              level: 'warn',
              text: `This may be old: it could not be loaded. ${issueFailure.message}`,
            },
          ]
        : [],
    );
    if (issue === undefined) {
      this.#put(this.#head, JSON.stringify(issueFailure ?? null), () => [
        issueTrail(view),
        el('div', { class: 'page-title' }, el('h1', {}, 'Issue')),
        el(
          'section',
          { class: 'card', 'aria-label': 'Issue' },
          issueFailure === undefined
            ? loadingBox('the issue')
            : notShownBox('This issue', issueFailure, view, () => this.data.refresh()),
        ),
      ]);
      return;
    }
    this.#drawIssue(issue, Date.now());
    this.#drawAnswers(issue);
    this.#drawDenials(issue);
  }

  #drawIssue(issue: IssueDetail, nowMs: number): void {
    const { view, isChanging } = this.data;
    const formats = this.#formats;
    const minute = Math.floor(nowMs / 60_000);
    const key = JSON.stringify([{ ...issue, samples: [] }, view.range, minute]);
    this.#put(this.#head, key, () => [issueTrail(view), issueTitle(issue), issueTiles(issue, formats, nowMs)]);
    const trendKey = JSON.stringify([issue.trend, Math.floor(nowMs / 86_400_000)]);
    this.#put(this.#trend, trendKey, () => [trendChart(trendDays(issue.trend, nowMs))]);
    const users = this.data.users.value;
    this.#put(this.#aside, JSON.stringify([key, users]), () => [
      issueFacts(issue, view, formats),
      issueHosts(issue, view, nowMs),
      issuePrograms(issue),
      issueUsers(issue, users),
    ]);
    this.#put(this.#state, JSON.stringify([issue.status, issue.status_changed_at, minute]), () =>
      stateWords(issue, nowMs),
    );
    this.#actions.update(issue.status, isChanging);
    this.#note.update(issue);
  }

  /** None where no denial is left to tell of. */
  #drawAnswers(issue: IssueDetail): void {
    const { reason, rules, rulesSignal } = this.data;
    const isLeft = issue.samples.length > 0;
    this.#reason.element.hidden = !isLeft;
    this.#rules.element.hidden = !isLeft;
    this.#reason.update(reason, issue.id, issueReason);
    this.#rules.update(rules, issue.id, (answer) => issueRules(answer, issue.id, rulesSignal));
  }

  /** Fills a part only when it says something else: the focus, or an open part, may be in it. */
  #put(part: HTMLElement, key: string, make: () => readonly Node[]): void {
    if (this.#drawn.get(part) !== key && !holdsFocus(part)) {
      this.#drawn.set(part, key);
      const open = part.querySelector('details')?.open ?? false;
      fill(part, ...make());
      part.querySelector('details')?.toggleAttribute('open', open);
    }
  }

  #drawDenials(issue: IssueDetail): void {
    const { view, denials, denialsFailure, hasMore, isLoadingMore } = this.data;
    this.#foot.update({ hasMore, isLoading: isLoadingMore, note: '' });
    if (denials === undefined) {
      this.#denials.showInstead(
        denialsFailure === undefined
          ? loadingBox('its denials')
          : failedBox('Its denials', denialsFailure, () => this.data.refresh()),
      );
    } else if (denials.length === 0) {
      this.#denials.showInstead(noDenials(issue));
    } else {
      const note = storedNote(denials.length, hasMore);
      const nowMs = Date.now();
      this.#denials.update({ view, denials, fresh: new Set(), waitingCount: 0, elsewhereCount: 0, nowMs, note });
    }
  }
}

function decideCard(state: HTMLElement, actions: IssueActions, note: IssueNote): HTMLElement {
  return el(
    'section',
    { class: 'card issue-decision', 'aria-label': 'What becomes of it' },
    el('div', { class: 'card-head' }, el('h2', {}, 'What becomes of it')),
    el('div', { class: 'card-body issue-decide' }, state, actions.element, note.element),
  );
}

function stateWords(issue: IssueDetail, nowMs: number): readonly Node[] {
  const { status_changed_at: at } = issue;
  return [
    issueStatus(issue),
    ...(at === undefined
      ? []
      : [
          el(
            'time',
            { class: 'quiet', datetime: at, title: formatUtc(Date.parse(at)) },
            formatAgo(Date.parse(at), nowMs),
          ),
        ]),
  ];
}

/** Counted, but none is left. */
function noDenials({ denials }: IssueDetail): HTMLElement {
  return el(
    'div',
    { class: 'empty', 'data-empty': 'no-denials' },
    el('p', { class: 'empty-title' }, 'No denials to show'),
    el(
      'p',
      {},
      `${countOf(denials, 'denial')} of it ${denials === 1 ? 'was' : 'were'} counted, but none is stored any more: they are older than the retention.`,
    ),
  );
}
