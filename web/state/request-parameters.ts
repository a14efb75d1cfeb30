// What the server is asked with for a view of the page.
import { classQuery } from './blocker-class.ts';
import { isOfAllTime, statusOfTab } from './issue-list.ts';
import type { View } from './page-address.ts';
import { rangeParameters } from './time-range.ts';

/** What every question about denials is asked with. */
export function scopeParameters(view: View): readonly (readonly [string, string])[] {
  return [...rangeParameters(view.range), ...streamParameters(view)];
}

/** What the list of issues is asked with. Those that are done with are shown whenever they were seen. */
export function issueParameters(view: View): readonly (readonly [string, string])[] {
  const { tab = 'open', order = 'last_seen' } = view;
  return [
    ...(isOfAllTime(tab) ? streamParameters(view) : scopeParameters(view)),
    ['status', statusOfTab(tab)],
    ['sort', tab === 'new' ? 'first_seen' : order],
    ['trend', 'true'],
  ];
}

/** What the list of domains is asked with. */
export function domainParameters(view: View): readonly (readonly [string, string])[] {
  const asked = [
    ['host', view.host],
    ['fleet', view.fleet],
    ['boot', view.boot],
    ['program', view.program],
    ['status', view.status],
    ['has', view.has],
  ] as const;
  return [
    ...rangeParameters(view.range),
    ...asked.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  ];
}

/** What the list of programs is asked with. */
export function programParameters(view: View): readonly (readonly [string, string])[] {
  return domainParameters(view).filter(([name]) => ['from', 'to', 'host', 'fleet', 'program'].includes(name));
}

/** The same for what comes from now on. */
export function streamParameters(view: View): readonly (readonly [string, string])[] {
  const query = queryOf(view);
  return [
    ...(view.host === undefined ? [] : [['host', view.host] as const]),
    ...(view.fleet === undefined ? [] : [['fleet', view.fleet] as const]),
    ...(query === undefined ? [] : [['q', query] as const]),
  ];
}

/** Time, host and fleet, without a query. */
export function rangeAndPlace(view: View): readonly (readonly [string, string])[] {
  return scopeParameters(view).filter(([name]) => name !== 'q');
}

/** What the list of users is asked with: those with most denials. */
export function userParameters(view: View): readonly (readonly [string, string])[] {
  return [...rangeAndPlace(view), ['limit', '200']];
}

/** In the query language. */
function queryOf({ domain, issue, blockerClass, query, user }: View): string | undefined {
  if (user !== undefined) {
    return `user:${user}`;
  }
  if (domain !== undefined) {
    return `domain:${domain}`;
  }
  if (issue !== undefined) {
    return `issue:${issue}`;
  }
  const ofClass = blockerClass && classQuery(blockerClass);
  return ofClass === undefined || query === undefined ? (ofClass ?? query) : `(${ofClass}) and (${query})`;
}

/** Of all denials of an issue. Paths that differ from run to run are one issue: their rule is one, too. */
export function rulesParameters(issue: string): readonly (readonly [string, string])[] {
  return [
    ['issue', issue],
    ['generalise', 'true'],
  ];
}
