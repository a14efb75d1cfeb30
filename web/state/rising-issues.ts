// Which issues deserve a look first: those that came back, those that are new, those that are denied far more often
// than before. Pure.
import type { IssueAnswer } from '../../src/api/schemas/issue.ts';
import { escalationOf, trendDays } from './issue-trend.ts';
import { boundsOf, type TimeRange } from './time-range.ts';

export interface RisingIssue {
  readonly issue: IssueAnswer;
  readonly cause: 'regressed' | 'new' | 'escalating';
  /** Why it is here: `came back`, `new`, `8× the week before`. */
  readonly words: string;
}

/** Newest first, as the server answers each. */
export interface RisingFacts {
  readonly regressed: readonly IssueAnswer[];
  /** Open ones, the last to be first seen first. */
  readonly youngest: readonly IssueAnswer[];
  /** Open ones with most denials, with their trends. */
  readonly busiest: readonly IssueAnswer[];
  readonly range: TimeRange;
  readonly nowMs: number;
}

export const RISING_MAX = 5;
const OLD_MS = 10 * 86_400_000;

/** At most five, of each cause in turn, each once. */
export function risingIssues({ regressed, youngest, busiest, range, nowMs }: RisingFacts): readonly RisingIssue[] {
  const { fromMs } = boundsOf(range, nowMs);
  const back = regressed.map((issue): RisingIssue => ({ issue, cause: 'regressed', words: 'came back' }));
  const fresh = youngest
    .filter((issue) => Date.parse(issue.first_seen) >= fromMs)
    .map((issue): RisingIssue => ({ issue, cause: 'new', words: 'new' }));
  return inTurn([back, fresh, escalating(busiest, nowMs)]).slice(0, RISING_MAX);
}

function escalating(busiest: readonly IssueAnswer[], nowMs: number): readonly RisingIssue[] {
  return busiest
    .flatMap((issue) => {
      const factor = issue.trend && escalationOf(trendDays(issue.trend, nowMs));
      // Of what is younger than a week nobody knows how often a week has it.
      const isTold = factor !== undefined && (Number.isFinite(factor) || isOld(issue, nowMs));
      return isTold ? [{ issue, factor }] : [];
    })
    .sort((a, b) => (a.factor === b.factor ? b.issue.denials - a.issue.denials : b.factor - a.factor))
    .map(({ issue, factor }) => ({ issue, cause: 'escalating', words: factorWords(factor) }));
}

function isOld(issue: IssueAnswer, nowMs: number): boolean {
  return nowMs - Date.parse(issue.first_seen) >= OLD_MS;
}

function factorWords(factor: number): string {
  return Number.isFinite(factor) ? `${Math.round(factor)}× the week before` : 'after a silent week';
}

/** The first of each list, then the second of each, and so on; an issue that was there is passed over. */
function inTurn(lists: readonly (readonly RisingIssue[])[]): readonly RisingIssue[] {
  const seen = new Set<string>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? []))
    .flat()
    .filter(({ issue }) => !seen.has(issue.id) && seen.add(issue.id));
}
