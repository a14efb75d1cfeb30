// What the readers answer: already in the shape that REST serves (snake_case, times in RFC 3339 UTC), so that
// a route only has to say what may be asked. Times asked for are milliseconds since the epoch.
import type { AnyDocument } from '../landlock/document.ts';

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

export type SeriesKey = 'class' | 'blocker' | 'host' | 'fleet' | 'none';

export interface TimeSeries extends Accuracy {
  readonly from: string;
  readonly to: string;
  readonly interval_ms: number;
  readonly group_by: SeriesKey;
  /** One point for each interval, also where it is zero; `start_ms` of point i is start + i * interval. */
  readonly start_ms: number;
  readonly series: readonly { readonly key: string; readonly points: readonly number[] }[];
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
  };
  readonly denials: {
    readonly logged: number;
    /** Known only from the deallocation. */
    readonly total?: number;
    readonly unlogged?: number;
  };
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
  readonly ruled_out?: readonly { readonly id: string; readonly because: string }[];
  /** Only a part of the boot's records was looked at, as it has too many: there may be more evidence, for and against. */
  readonly evidence_incomplete?: true;
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
  readonly [detail: string]: unknown;
}

/** One stored document with its raw records. */
export interface StoredDocument {
  readonly doc: AnyDocument;
  /** `type=NAME msg=audit(…): …` lines of the whole event. */
  readonly records: readonly string[];
}

export interface StoreFacts {
  readonly path: string;
  readonly bytes: number;
  readonly schema_version: number;
  readonly denials: number;
  readonly oldest_denial_at?: string;
}
