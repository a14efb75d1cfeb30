// What the readers answer: already in the shape that REST serves (snake_case, times in RFC 3339 UTC), so that
// a route only has to say what may be asked. Times asked for are milliseconds since the epoch.
import type { AnyDocument, HandledRights } from '../landlock/document.ts';

export interface Page<T> {
  readonly data: readonly T[];
  /** Opaque; null on the last page. */
  readonly next_cursor: string | null;
}

/** The questions that all statistics share. `origin` is what the documents' tags say. */
export interface Scope {
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Host id or name. */
  readonly host?: string;
  readonly fleet?: string;
  /** The query language of filter.ts. */
  readonly query?: string;
  /** Default: everything but the canary's own denials. */
  readonly includeCanary?: boolean;
}

export type BlockerClass = 'fs' | 'net' | 'scope' | 'ptrace' | 'namespace' | 'capability' | 'other';

export interface LostCount {
  readonly cause: string;
  readonly count: number;
}

/** The numbers that may distort all the others; they stand beside every statistic. */
export interface Accuracy {
  readonly malformed: number;
  readonly lost: readonly LostCount[];
  /** Denials that the kernel counted in a domain but did not log (deallocated domains only). */
  readonly unlogged: number;
}

export interface Summary extends Accuracy {
  readonly from: string;
  readonly to: string;
  readonly denials: number;
  /** The same span just before, for a delta. */
  readonly denials_before: number;
  readonly domains: { readonly allocated: number; readonly live: number; readonly deallocated: number };
  readonly programs: number;
  readonly hosts: { readonly total: number; readonly denied: number };
  readonly by_class: readonly { readonly class: BlockerClass; readonly denials: number }[];
  readonly by_blocker: readonly { readonly blocker: string; readonly denials: number }[];
  readonly last_denial_at?: string;
}

/** What a count was made from: hourly sums, single denials, or (in hours that are not asked for whole) both. */
export type CountSource = 'rollups' | 'rollups-and-denials' | 'denials';

/** `issue`: by fingerprint. */
export type SeriesKey = 'class' | 'blocker' | 'program' | 'host' | 'fleet' | 'issue' | 'none';

export interface TimeSeries extends Accuracy {
  readonly from: string;
  readonly to: string;
  readonly interval_ms: number;
  readonly group_by: SeriesKey;
  /** One point for each interval, also where it is zero; `start_ms` of point i is start + i * interval. */
  readonly start_ms: number;
  readonly series: readonly { readonly key: string; readonly points: readonly number[] }[];
  readonly counted_from: CountSource;
  /** What was lost over time, by cause. */
  readonly losses: readonly LossSeries[];
  /** When hosts were not heard of, the latest first. */
  readonly silences: readonly Silence[];
}

/** Absent `until`: it goes on. */
export interface Silence {
  readonly host: string;
  readonly name: string;
  readonly since: string;
  readonly until?: string;
}

/** A number of a span, of the one just before, and of equal parts of it. */
export interface Trend {
  readonly now: number;
  readonly before: number;
  readonly points: readonly number[];
}

export interface Trends {
  readonly from: string;
  readonly to: string;
  readonly new_issues: Trend;
  readonly hosts_denied: Trend;
  readonly unlogged: Trend;
}

export interface LossSeries {
  readonly cause: string;
  /** What was noticed in each interval, in the unit of the cause. */
  readonly points: readonly number[];
  /** First and last interval of each time in which something is missing: a loss is noticed after it happened. */
  readonly during: readonly { readonly first: number; readonly last: number }[];
}

/** What denials can be counted by. */
export type TopKey =
  | 'program'
  | 'path'
  | 'host'
  | 'user'
  | 'blocker'
  | 'issue'
  | 'domain'
  | 'port'
  | 'package'
  | 'unit';

/** What can be suggested: a field of the query language. */
export type ValueField = TopKey | 'comm' | 'pid' | 'uid' | 'fleet' | 'kind';

export interface ValueCount {
  /** As the query language takes it: `by:"value"` finds these denials. */
  readonly value: string;
  readonly denials: number;
  /** What a person reads: a host's name, an issue's title. */
  readonly label?: string;
  /** Of a domain, as another host or boot may have one of the same number. */
  readonly host?: string;
  readonly boot?: string;
}

/** The greatest counts of a span, exact. */
export interface TopAnswer extends Accuracy {
  readonly from: string;
  readonly to: string;
  readonly by: TopKey;
  readonly data: readonly ValueCount[];
  /** Values that there are, with those that are not in `data`, and the sum of the counts of these. */
  readonly values: number;
  readonly others: number;
  readonly counted_from: CountSource;
}

/** Values of a field with their counts from `from` to `to`, exact for that time. */
export interface ValuesAnswer {
  readonly from: string;
  readonly to: string;
  readonly field: ValueField;
  readonly data: readonly ValueCount[];
  readonly values: number;
  /** Whether all of the span that was asked for was counted, or only its newest part: then `from` is later. */
  readonly complete: boolean;
  readonly counted_from: CountSource;
}

export interface HostAnswer {
  readonly id: string;
  readonly name: string;
  readonly fleet: string;
  readonly replay: boolean;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly kernel?: string;
  readonly arch?: string;
  readonly distribution?: string;
  readonly landlock_abi?: number;
  readonly boots: number;
  readonly denials: number;
  readonly domains: number;
  readonly malformed: number;
  readonly lost: readonly LostCount[];
  readonly unlogged: number;
  readonly last_denial_at?: string;
  /** Absent where no collector of this host has ever reported. */
  readonly sources?: HostSources;
}

/** What tells of sandboxes on a host beside audit's records, as its collector last said. */
export interface HostSources {
  /** `state` is an open set: off, on, failed, …; `reason`: why it is not on. */
  readonly tracepoints?: { readonly state: string; readonly reason?: string };
  readonly sandbox_rules?: { readonly state: string; readonly reason?: string };
  /** Processes whose ancestry was read, were gone, or were not looked at. */
  readonly ancestry?: { readonly read: number; readonly gone: number; readonly skipped: number };
}

export interface FleetAnswer {
  readonly name: string;
  readonly hosts: number;
  readonly denials: number;
  readonly domains: number;
  readonly unlogged: number;
  readonly last_denial_at?: string;
}

/** `presumed-gone`: never deallocated, but its host has booted again since. */
export type DomainStatus = 'live' | 'gone' | 'presumed-gone';

export interface DomainAnswer {
  readonly host: { readonly id: string; readonly name: string };
  readonly boot: string;
  /** Hexadecimal, as the kernel prints it. */
  readonly id: string;
  readonly status: DomainStatus;
  readonly mode?: string;
  readonly creator?: {
    readonly pid?: number;
    readonly uid?: number;
    readonly executable?: string;
    readonly name?: string;
    /** The task itself, where the kernel's tracepoint told of the domain's making. */
    readonly thread?: { readonly id: number };
  };
  readonly denials: {
    readonly logged: number;
    /** Known only from the deallocation. */
    readonly total?: number;
    readonly unlogged?: number;
    /** Those that audit did not log and the kernel's tracepoints told of; part of `unlogged` once that is known. */
    readonly traced?: number;
  };
  /** Why denials were not logged, as far as known; for one domain and its tree, where there are such. */
  readonly unlogged_because?: readonly UnloggedReason[];
  /** The kernel itself said (tracepoint, Linux 7.3) how the domain was made: without a parent here, it has none. */
  readonly traced?: true;
  /** What it was made from; told by the tracepoint only. */
  readonly ruleset?: RulesetAnswer;
  readonly created_at?: string;
  readonly allocated_at?: string;
  readonly deallocated_at?: string;
  readonly first_denial_at?: string;
  readonly last_denial_at?: string;
  /** Nearest known ancestor with its evidence; absent where none is known. */
  readonly parent?: string;
  readonly evidence: readonly Evidence[];
  /** Least depth: 1 for a domain with no known ancestor. */
  readonly depth_min: number;
  /** What else something speaks for, the nearest first: ancestors beyond the parent, or other candidates. */
  readonly other_ancestors?: readonly AncestorAnswer[];
  /** What looked like an ancestor and is none. */
  readonly ruled_out?: readonly { readonly id: string; readonly because: string; readonly text: string }[];
  /** Only a part of the boot's records was looked at, as it has too many: there may be more evidence, for and against. */
  readonly evidence_incomplete?: true;
}

/** `kind` is an open set; `text` is a sentence. */
export interface UnloggedReason {
  readonly kind: string;
  readonly text: string;
}

export interface RulesetAnswer {
  readonly id: string;
  /** Grows with each change of the ruleset. */
  readonly version?: string;
  /** The rights that it refuses unless allowed. Absent where its creation was not seen. */
  readonly handled?: HandledRights;
  /** Rules that were seen to be added. */
  readonly rules?: number;
}

export interface AncestorAnswer {
  readonly id: string;
  readonly strength: Evidence['strength'];
  readonly evidence: readonly Evidence[];
}

/** A domain with its known ancestors (the farthest first), itself, and its known descendants (the nearest first). */
export interface DomainTreeAnswer {
  readonly domains: readonly DomainAnswer[];
  /** Descendants that are known and not in `domains`, because there are too many. */
  readonly left_out?: number;
}

export interface Evidence {
  readonly kind: string;
  readonly strength: 'proof' | 'strong' | 'hint';
  /** A sentence. */
  readonly text?: string;
  readonly [detail: string]: unknown;
}

/** What one program does with Landlock, over a span of time. */
export interface ProgramAnswer {
  /** The path of its executable. */
  readonly program: string;
  /** Hosts where it made a sandbox or was denied something. */
  readonly hosts: number;
  /** Sandboxes that it made; seen by audit rules on the system calls only, as are the next four. */
  readonly sandboxes: number;
  /** Restrictions that the kernel refused. */
  readonly failed: number;
  readonly rulesets: number;
  readonly rules: number;
  /** Restrictions with these flags (LANDLOCK_RESTRICT_SELF_LOG_*). */
  readonly log_flags: {
    readonly same_exec_off: number;
    readonly new_exec_on: number;
    readonly subdomains_off: number;
  };
  /** Domains that it made, of which the kernel logged something. */
  readonly domains: number;
  /** What it was refused. */
  readonly denials: number;
}

/** One stored document with its raw records. */
export interface StoredDocument {
  readonly doc: AnyDocument;
  /** `type=NAME msg=audit(…): …` lines of the whole event. */
  readonly records: readonly string[];
}

export interface StoreFacts {
  readonly path: string;
  /** With the write-ahead log. */
  readonly bytes: number;
  /** The log's part of it; absent, as is the room on the disk, where the server may not look there any more. */
  readonly log_bytes?: number;
  readonly disk_free_bytes?: number;
  readonly schema_version: number;
  readonly denials: number;
  readonly oldest_denial_at?: string;
  /** What retention and deletion have taken, by kind. */
  readonly removed: readonly Removal[];
}

/** `kind` is an open set; `too_old`: documents that were refused, as their like is gone. */
export interface Removal {
  readonly kind: string;
  readonly count: number;
  readonly last_at: string;
}
