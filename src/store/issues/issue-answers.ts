// What is answered of issues, in the shape that REST serves (see answers.ts).
import type { Denial } from '../../landlock/document.ts';

/** `regressed`: was resolved, and came back. */
export const ISSUE_STATUSES = ['open', 'archived', 'resolved', 'regressed'] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

/** What people can say of an issue. */
export const SETTABLE_STATUSES = ['open', 'archived', 'resolved'] as const;

export const ISSUE_SORTS = ['last_seen', 'first_seen', 'denials', 'hosts'] as const;
export type IssueSort = (typeof ISSUE_SORTS)[number];

export interface IssueAnswer {
  /** Its fingerprint: 26 characters, the same wherever these denials come from. */
  readonly id: string;
  /** One plain sentence. */
  readonly title: string;
  /** Template of the executable, or of the name (`program_class`); empty where neither is known. */
  readonly program: string;
  readonly program_class: string;
  /** In alphabetical order. */
  readonly blockers: readonly string[];
  /** `key`: template of a path or name, port, …; `detail`: an ioctl's command. */
  readonly object: { readonly class: string; readonly key: string; readonly detail?: string };
  /** Different objects in one: the program had too many issues with these blockers. */
  readonly gathered?: true;
  readonly canary?: true;
  readonly status: IssueStatus;
  readonly status_changed_at?: string;
  readonly note?: string;
  readonly assignee?: string;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly denials: number;
  readonly hosts: number;
  /** In a list only where it was asked for. */
  readonly trend?: IssueTrend;
}

/** Denials by the day (UTC), the days up to its last one. */
export interface IssueTrend {
  readonly start: string;
  readonly interval_ms: number;
  readonly points: readonly number[];
}

export interface IssueDetailAnswer extends IssueAnswer {
  /** Those with most denials; `host_list` may be shorter than `hosts`. */
  readonly host_list: readonly {
    readonly id: string;
    readonly name: string;
    readonly denials: number;
    readonly first_seen: string;
    readonly last_seen: string;
  }[];
  /** Of the latest denials only, as many as `sampled`. */
  readonly programs: readonly { readonly program: string; readonly denials: number }[];
  readonly users: readonly { readonly user: string; readonly denials: number }[];
  readonly sampled: number;
  /** The latest denials. */
  readonly samples: readonly Denial[];
  readonly trend: IssueTrend;
}
