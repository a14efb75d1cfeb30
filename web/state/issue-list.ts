// Which issues a list shows, in which order, and what their states are called. Pure.
import type { IssueSort, IssueStatus } from '../../src/api/schemas/issue.ts';

/** `new`: open, and first seen in the time that is shown. */
export type IssueTab = 'open' | 'new' | 'regressed' | 'archived' | 'resolved';
export type IssueOrder = IssueSort;

export const ISSUE_TABS: readonly IssueTab[] = ['open', 'new', 'regressed', 'archived', 'resolved'];
export const ISSUE_ORDERS: readonly IssueOrder[] = ['last_seen', 'first_seen', 'denials', 'hosts'];

export const TAB_TITLES: Readonly<Record<IssueTab, string>> = {
  open: 'Open',
  new: 'New',
  regressed: 'Regressed',
  archived: 'Archived',
  resolved: 'Resolved',
};

/** What a tab holds, in the words of a heading. */
export const TAB_NOTES: Readonly<Record<IssueTab, string>> = {
  open: 'nobody has dealt with them yet',
  new: 'open, and never seen before this time',
  regressed: 'were resolved, and came back',
  archived: 'known and put away, whenever they were seen',
  resolved: 'done with, whenever they were seen',
};

export const ORDER_TITLES: Readonly<Record<IssueOrder, string>> = {
  last_seen: 'last seen',
  first_seen: 'first seen',
  denials: 'most denials',
  hosts: 'most hosts',
};

export const STATUS_TITLES: Readonly<Record<IssueStatus, string>> = {
  open: 'open',
  regressed: 'regressed',
  archived: 'archived',
  resolved: 'resolved',
};

export function statusOfTab(tab: IssueTab): IssueStatus {
  return tab === 'new' ? 'open' : tab;
}

/** What is done with is looked for by what it is, not by when it was last seen. */
export function isOfAllTime(tab: IssueTab): boolean {
  return tab === 'archived' || tab === 'resolved';
}

/** What an empty tab means where the list itself works; undefined: the general words say it. */
export function emptyTabWords(tab: IssueTab): readonly [title: string, words: string] | undefined {
  switch (tab) {
    case 'open':
      return undefined;
    case 'new':
      return ['Nothing new in this time', 'Whatever was refused, was refused before too: see the open issues.'];
    case 'regressed':
      return ['Nothing came back in this time', 'An issue that is resolved and is denied again stands here.'];
    case 'archived':
      return ['No issue is archived', 'Archive what is known and will not change; it stays out of the other tabs.'];
    case 'resolved':
      return ['No issue is resolved', 'Resolve what is mended: if it is denied again, it comes back as regressed.'];
  }
}
