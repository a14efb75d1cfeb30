// What the time before and the company of a denial say about its cause: whether it is new, whether it has always been so,
// and whether the same process tried many things at once.
import { type Cause, cause } from './cause.ts';

/** What is stored of the issue that a denial belongs to, and of the process around it. */
export interface IssueHistory {
  /** Times of the issue's first and last denial that were ever stored. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When the denial happened. */
  readonly atMs: number;
  readonly denials: number;
  readonly hosts: number;
  /** Somebody put the issue aside. */
  readonly isArchived: boolean;
  /** Other issues of the same process within a minute of the denial. */
  readonly otherIssues: number;
  /** When the first denial of all was stored: nothing is new before it. */
  readonly sinceMs?: number;
}

const DAY_MS = 86_400_000;
/** For so long it must have been going on to count as the usual state of things. */
const USUAL_DAYS = 7;
const USUAL_DENIALS_MIN = 20;
/** Issues of one process at once that look like a search. */
const PROBING_ISSUES_MIN = 8;

/** Causes that are told by the history alone. */
export function historyCauses(history: IssueHistory, creator: string): readonly Cause[] {
  const { firstMs, lastMs, atMs, sinceMs, denials, hosts, isArchived, otherIssues } = history;
  const causes: Cause[] = [];
  const isUsual = lastMs - firstMs >= USUAL_DAYS * DAY_MS && denials >= USUAL_DENIALS_MIN;
  if (isUsual || isArchived) {
    const remedy = 'leave it refused; from Linux 7.2 on a quiet rule keeps it out of the log';
    const because = isArchived
      ? 'somebody looked at it and put it aside'
      : `it has gone on for ${Math.floor((lastMs - firstMs) / DAY_MS)} days without anybody minding`;
    causes.push(cause(isArchived ? 'likely' : 'possible', 'nothing that people need is broken', because, remedy));
  }
  const isWatched = sinceMs !== undefined && firstMs - sinceMs >= DAY_MS;
  if (isWatched && atMs - firstMs < DAY_MS) {
    const where = hosts > 1 ? ` on ${hosts} hosts` : '';
    causes.push(
      cause(
        'possible',
        `something was updated or set up anew${where} just before`,
        'the program does something that it did not do before, and the policy was written for the old one',
        `compare the time with that of the update, and give ${creator} the rule that the new version needs`,
      ),
    );
  }
  if (otherIssues >= PROBING_ISSUES_MIN) {
    causes.push(
      cause(
        'possible',
        'the program has no reason to touch all that',
        `the same process was refused ${otherIssues} other things within a minute, as when somebody looks for a way out`,
        'look at the process and at what started it before anything is allowed',
      ),
      cause(
        'possible',
        'it is an ordinary program that hardly starts',
        'the sandbox was set up with far too few rules, as with a flag of the launcher that is wrong or missing',
        `compare the command line of ${creator} with one that works`,
      ),
    );
  }
  return causes;
}
