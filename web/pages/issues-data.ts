// What the list of issues knows: pages of it as far as they were asked for.
import type { IssueAnswer } from '../../src/api/schemas/issue.ts';
import type { Page, Parameters } from '../net/api-client.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import { issueParameters } from '../state/request-parameters.ts';
import { boundsOf } from '../state/time-range.ts';
import { ListedData } from './listed-data.ts';

/** On the page. */
export const ISSUES_MAX = 2_000;
/** News are asked for together, not faster than this. */
const NEWS_DELAY_MS = 3_000;

export class IssuesData extends ListedData<IssueAnswer> {
  issues: readonly IssueAnswer[] = [];
  /** Something arrived, but someone has gone further down the list and is not thrown back to its beginning. */
  hasNews = false;
  protected readonly path = '/issues';
  protected readonly pageRows = FIRST_ROWS.issues;
  protected readonly rowsMax = ISSUES_MAX;

  get rows(): readonly IssueAnswer[] {
    return this.issues;
  }

  hear(): void {
    this.soon(NEWS_DELAY_MS, () => this.refresh());
  }

  override refresh(): void {
    if (this.issues.length > FIRST_ROWS.issues) {
      this.hasNews = true;
      this.options.onChange();
    } else {
      this.start();
    }
  }

  protected parameters(): Parameters {
    return issueParameters(this.view);
  }

  protected override forget(): void {
    super.forget();
    this.issues = [];
    this.hasNews = false;
  }

  /** The first page begins anew: counts change the order, so parts of different times do not fit together. */
  protected take({ data, next_cursor: nextCursor }: Page<IssueAnswer>, isFirst: boolean): void {
    const fitting = this.view.tab === 'new' ? data.filter((issue) => this.#isNew(issue)) : data;
    const known = new Set(isFirst ? [] : this.issues.map((issue) => issue.id));
    this.issues = isFirst ? fitting : [...this.issues, ...fitting.filter((issue) => !known.has(issue.id))];
    // The new ones are asked for by the time they were first seen: after one that is older there is no new one.
    this.nextCursor = fitting.length < data.length ? null : nextCursor;
    if (isFirst) {
      this.hasNews = false;
    }
  }

  #isNew(issue: IssueAnswer): boolean {
    return Date.parse(issue.first_seen) >= boundsOf(this.view.range, Date.now()).fromMs;
  }
}
