// What a batch adds to one hour of one host, in memory: how many denials by blockers, program, user and issue. An issue
// mostly decides on its blockers and program, so that what is counted for each denial is the issue alone.
import type { CodeCounts } from './packed-counts.ts';

/** By codes of packed-counts.ts. */
export interface HourSums {
  /** Those of the kinds of `issues` are only added by `settle`. */
  readonly blockers: CodeCounts;
  readonly programs: CodeCounts;
  readonly users: CodeCounts;
  readonly issues: Map<number, IssueSums>;
  /** The user that was denied something last, and how often in a row: mostly it is one. */
  user: number | null;
  userDenials: number;
}

export interface IssueSums {
  denials: number;
  firstMs: number;
  lastMs: number;
  /** What they are counted by beside the issue, which mostly decides on it. */
  readonly kind: Kind;
}

/** Codes of the blockers and of the program. */
interface Kind {
  readonly blockers: number;
  readonly program: number | null;
  denials: number;
  /** Another one of the same issue. */
  next: Kind | undefined;
}

/** Kinds of an issue that are told apart one by one; who makes up ever new programs must not make that long. */
const kindsMax = 8;

export function emptyHour(): HourSums {
  return {
    blockers: new Map(),
    programs: new Map(),
    users: new Map(),
    issues: new Map(),
    user: null,
    userDenials: 0,
  };
}

export function increment(counts: Map<number, number>, key: number, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

export function addUser(sums: HourSums, user: number): void {
  if (user !== sums.user) {
    settleUser(sums);
    sums.user = user;
  }
  sums.userDenials += 1;
}

function settleUser(sums: HourSums): void {
  if (sums.user !== null && sums.userDenials > 0) increment(sums.users, sums.user, sums.userDenials);
  sums.userDenials = 0;
}

/** One denial; `blockers` and `program` are codes. */
interface Added {
  readonly issue: number;
  readonly ms: number;
  readonly blockers: number;
  readonly program: number | null;
}

export function addIssue(hour: HourSums, { issue, ms, blockers, program }: Added): void {
  const sums = hour.issues.get(issue);
  if (sums === undefined) {
    const kind = { blockers, program, denials: 1, next: undefined };
    hour.issues.set(issue, { denials: 1, firstMs: ms, lastMs: ms, kind });
    return;
  }
  sums.denials += 1;
  if (ms < sums.firstMs) sums.firstMs = ms;
  if (ms > sums.lastMs) sums.lastMs = ms;
  const kind = kindOf(sums.kind, blockers, program);
  if (kind !== undefined) kind.denials += 1;
  else addKind(hour, { blockers, program, denials: 1 });
}

/** That of the issue whose first kind is given; undefined where it has too many. */
function kindOf(first: Kind, blockers: number, program: number | null): Kind | undefined {
  let kind = first;
  for (let others = 1; kind.blockers !== blockers || kind.program !== program; others++) {
    if (others === kindsMax) return undefined;
    kind.next ??= { blockers, program, denials: 0, next: undefined };
    kind = kind.next;
  }
  return kind;
}

function addKind(sums: HourSums, { blockers, program, denials }: Omit<Kind, 'next'>): void {
  increment(sums.blockers, blockers, denials);
  if (program !== null) increment(sums.programs, program, denials);
}

/** Adds up what was counted by issue and in a row. Once, when nothing more is added. */
export function settle(sums: HourSums): void {
  settleUser(sums);
  for (const { kind } of sums.issues.values()) {
    for (let each: Kind | undefined = kind; each !== undefined; each = each.next) addKind(sums, each);
  }
}
