// What the page of one issue knows: the issue with whom it concerns, and its denials as far as they were asked for.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { Explanation } from '../../src/api/schemas/explanation.ts';
import type { IssueChange, IssueDetail } from '../../src/api/schemas/issue.ts';
import type { SuggestionAnswer } from '../../src/api/schemas/suggestion.ts';
import type { UserAnswer } from '../../src/api/schemas/user.ts';
import { type Answer, type Failure, getJson, type Page, type Parameters, patchJson } from '../net/api-client.ts';
import { rulesParameters } from '../state/request-parameters.ts';
import type { Section } from './section.ts';
import { ViewData } from './view-data.ts';

/** Of one answer, and on the page. */
const DENIAL_ROWS = 50;
const DENIALS_MAX = 1_000;
const NEWS_DELAY_MS = 2_000;

export class IssueData extends ViewData {
  issue: IssueDetail | undefined;
  issueFailure: Failure | undefined;
  denials: readonly Denial[] | undefined;
  denialsFailure: Failure | undefined;
  /** Of its latest denial when the page was opened, and for all its denials then: what somebody reads stays. */
  readonly reason: Section<Explanation> = {};
  readonly rules: Section<SuggestionAnswer> = {};
  /** What users are called. */
  readonly users: Section<readonly UserAnswer[]> = {};
  nextCursor: string | null = null;
  isLoadingMore = false;
  isChanging = false;

  get hasMore(): boolean {
    return this.nextCursor !== null && (this.denials?.length ?? 0) < DENIALS_MAX;
  }

  /** For what is asked in another format. */
  get rulesSignal(): AbortSignal {
    return this.signal;
  }

  start(): void {
    void this.#loadIssue().then(() => this.#loadAnswers());
    void this.#loadDenials(undefined);
  }

  refresh(): void {
    this.start();
  }

  /** A denial of this issue arrived: asked for together, soon. */
  hear(): void {
    this.soon(NEWS_DELAY_MS, () => this.start());
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoadingMore && this.nextCursor !== null) {
      this.isLoadingMore = true;
      this.options.onChange();
      void this.#loadDenials(this.nextCursor);
    }
  }

  /** Says what becomes of the issue. Answers why not, where the server refuses. */
  async change(change: IssueChange): Promise<Failure | undefined> {
    this.isChanging = true;
    this.options.onChange();
    const { signal } = this;
    const answer = await patchJson<IssueDetail>(this.#path, change);
    if (signal.aborted) {
      return undefined;
    }
    this.isChanging = false;
    return this.#take(answer);
  }

  /** The issue as it is on the server now, to see whether someone else has changed it. */
  async check(): Promise<Failure | undefined> {
    const { signal } = this;
    const answer = await getJson<IssueDetail>(this.#path, [], signal);
    return signal.aborted ? undefined : this.#take(answer);
  }

  protected forget(): void {
    this.issue = undefined;
    this.issueFailure = undefined;
    this.denials = undefined;
    this.denialsFailure = undefined;
    for (const section of [this.reason, this.rules, this.users]) {
      delete section.value;
      delete section.failure;
    }
    this.nextCursor = null;
    this.isLoadingMore = false;
    this.isChanging = false;
  }

  get #path(): string {
    return `/issues/${encodeURIComponent(this.view.issue ?? '')}`;
  }

  #take(answer: Answer<IssueDetail>): Failure | undefined {
    if (answer.ok) {
      this.issue = answer.value;
    } else if (answer.failure.kind === 'signed-out') {
      this.options.onSignedOut();
    }
    this.options.onChange();
    return answer.ok ? undefined : answer.failure;
  }

  async #loadIssue(): Promise<void> {
    const { signal } = this;
    const failure = await this.check();
    if (!signal.aborted) {
      this.issueFailure = failure;
      this.options.onChange();
    }
  }

  #loadAnswers(): void {
    const { issue } = this;
    const latest = issue?.samples[0]?.event.id;
    if (issue === undefined || latest === undefined) {
      return;
    }
    if (this.users.value === undefined) {
      const host = issue.hosts === 1 ? issue.host_list[0]?.id : undefined;
      const asked: Parameters = [
        ['from', issue.first_seen],
        ['include', 'canary'],
        ['limit', '200'],
        ...(host === undefined ? [] : [['host', host] as const]),
      ];
      void this.load<Page<UserAnswer>, readonly UserAnswer[]>('/users', asked, this.users, ({ data }) => data);
    }
    const same = <T>(value: T): T => value;
    if (this.reason.value === undefined) {
      void this.load<Explanation>(`/denials/${encodeURIComponent(latest)}/explanation`, [], this.reason, same);
    }
    if (this.rules.value === undefined) {
      void this.load<SuggestionAnswer>('/suggestions', rulesParameters(issue.id), this.rules, same);
    }
  }

  async #loadDenials(cursor: string | undefined): Promise<void> {
    const { signal } = this;
    const parameters: Parameters = [
      ['q', `issue:${this.view.issue ?? ''}`],
      ['include', 'canary'],
      ['limit', String(DENIAL_ROWS)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ];
    const answer = await getJson<Page<Denial>>('/denials', parameters, signal);
    if (signal.aborted) {
      return;
    }
    this.isLoadingMore = false;
    if (answer.ok) {
      this.#addDenials(answer.value, cursor === undefined);
    }
    this.denialsFailure = answer.ok ? undefined : answer.failure;
    this.options.onChange();
  }

  /** What was loaded beyond the first page stays when that one comes anew, unless there is a hole between the two. */
  #addDenials({ data, next_cursor: nextCursor }: Page<Denial>, isFirst: boolean): void {
    const known = this.denials ?? [];
    const ids = new Set((isFirst ? data : known).map((denial) => denial.event.id));
    const others = (isFirst ? known : data).filter((denial) => !ids.has(denial.event.id));
    const isAnew = isFirst && others.length === known.length;
    this.denials = isAnew ? data : isFirst ? [...data, ...others] : [...known, ...others];
    if (isAnew || !isFirst) {
      this.nextCursor = nextCursor;
    }
  }
}
