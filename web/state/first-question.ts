// What a page asks first, known from its address alone: it is asked while the code of the page is still being loaded.
import type { View } from './page-address.ts';
import { domainParameters, issueParameters, programParameters, scopeParameters } from './request-parameters.ts';
import { rangeParameters } from './time-range.ts';

/** A path below /api/v1 with its parameters. */
export type Question = readonly [path: string, parameters: readonly (readonly [string, string])[]];

/** How many rows the first page of each list has. */
export const FIRST_ROWS = { denials: 200, issues: 50, domains: 200, programs: 100, hosts: 500, fleets: 500 } as const;

/** Undefined: the page has nothing to show that is worth it. */
export function firstQuestion(view: View): Question | undefined {
  switch (view.page) {
    case 'overview':
      return ['/stats/summary', scopeParameters(view)];
    case 'denials':
      return ['/denials', [...scopeParameters(view), limit('denials')]];
    case 'issues':
      return ['/issues', [...issueParameters(view), limit('issues')]];
    case 'issue':
      return [`/issues/${encodeURIComponent(view.issue ?? '')}`, []];
    case 'domains':
      return ['/domains', [...domainParameters(view), limit('domains')]];
    case 'domain':
      return [domainTreePath(view), []];
    case 'hosts':
      return ['/hosts', [...(view.fleet === undefined ? [] : [['fleet', view.fleet] as const]), limit('hosts')]];
    case 'host':
      return [`/hosts/${encodeURIComponent(view.host ?? '')}`, []];
    case 'fleets':
      return ['/fleets', [limit('fleets')]];
    case 'fleet':
      return [`/fleets/${encodeURIComponent(view.fleet ?? '')}/metrics`, rangeParameters(view.range)];
    case 'programs':
      return ['/programs', [...programParameters(view), limit('programs')]];
    case 'people':
    case 'settings':
    case 'nothing':
      return undefined;
  }
}

/** Below /api/v1: the family of the domain that the view names. */
export function domainTreePath({ host = '', boot = '', domain = '' }: View): string {
  return `/domains/${[host, boot, domain].map(encodeURIComponent).join('/')}/tree`;
}

function limit(list: keyof typeof FIRST_ROWS): readonly [string, string] {
  return ['limit', String(FIRST_ROWS[list])];
}
