// What the page shows is all in its address: a link copied from the address bar shows the same to someone else.
// Parsing never fails; what is not understood is left out. Pure.
import type { DomainStatus } from '../../src/api/schemas/domain.ts';
import type { BlockerClass } from '../../src/api/schemas/stats.ts';
import { isBlockerClass } from './blocker-class.ts';
import { ISSUE_ORDERS, ISSUE_TABS, type IssueOrder, type IssueTab } from './issue-list.ts';
import { DEFAULT_RANGE, spanMsOf, type TimeRange } from './time-range.ts';

export type PageName =
  | 'overview'
  | 'denials'
  | 'issues'
  | 'issue'
  | 'domains'
  | 'domain'
  | 'hosts'
  | 'host'
  | 'fleets'
  | 'fleet'
  | 'programs'
  | 'people'
  | 'settings'
  | 'nothing';
/** Pages of one thing, which has to be named. */
export type DetailPage = 'issue' | 'domain' | 'host' | 'fleet';
/** Those that stand for themselves. */
export type ListPage = Exclude<PageName, DetailPage | 'nothing'>;

export interface View {
  readonly page: PageName;
  readonly range: TimeRange;
  /** Host id. */
  readonly host?: string;
  readonly fleet?: string;
  readonly blockerClass?: BlockerClass;
  /** event.id of the denial whose drawer is open. */
  readonly denial?: string;
  /** Boot id. */
  readonly boot?: string;
  /** Hexadecimal; only on the page of a domain. */
  readonly domain?: string;
  /** Executable of the program that made a domain. */
  readonly program?: string;
  readonly status?: DomainStatus;
  readonly has?: 'unlogged';
  /** Fingerprint; only on the page of an issue. */
  readonly issue?: string;
  /** Of the list of issues: which ones (absent: open), in which order (absent: last seen), and found by what. */
  readonly tab?: IssueTab;
  readonly order?: IssueOrder;
  readonly query?: string;
  /** A user's number; only on the page of people. */
  readonly user?: string;
  /** Another fleet that the page of a fleet compares with. */
  readonly against?: string;
  /** A package; only on the page of a fleet. */
  readonly package?: string;
  /** What the list of hosts is searched for. */
  readonly find?: string;
  /** Where nothing is; only on the page that says so. */
  readonly path?: string;
}

export type Filter = Exclude<keyof View, 'page' | 'range' | 'path'>;

/**
 * Of each page. What names a domain follows as parameters: ids of hosts and boots may hold dots and slashes, which a
 * path does not survive.
 */
const PATHS: Readonly<Record<Exclude<PageName, 'nothing'>, string>> = {
  overview: '/',
  denials: '/denials',
  issues: '/issues',
  issue: '/issue',
  domains: '/domains',
  domain: '/domain',
  hosts: '/hosts',
  host: '/host',
  fleets: '/fleets',
  fleet: '/fleet',
  programs: '/programs',
  people: '/people',
  settings: '/settings',
};
const PAGE_PATHS = Object.entries(PATHS) as readonly (readonly [Exclude<PageName, 'nothing'>, string])[];
export const DOMAIN_STATUSES: readonly DomainStatus[] = ['live', 'gone', 'presumed-gone'];

/** The query language takes no longer ones. */
export const QUERY_LENGTH_MAX = 1_500;

/** Filters by their name in the address, in the order in which they stand there. An `id` tells by itself of what it is. */
const FILTERS = [
  ['host', 'host'],
  ['boot', 'boot'],
  ['id', 'domain'],
  ['id', 'issue'],
  ['fleet', 'fleet'],
  ['class', 'blockerClass'],
  ['program', 'program'],
  ['status', 'status'],
  ['has', 'has'],
  ['tab', 'tab'],
  ['sort', 'order'],
  ['q', 'query'],
  ['user', 'user'],
  ['against', 'against'],
  ['package', 'package'],
  ['find', 'find'],
  ['denial', 'denial'],
] as const satisfies readonly (readonly [string, Filter])[];

/** The page that a path belongs to; undefined: none of ours. */
export function pageOfPath(path: string): PageName | undefined {
  return PAGE_PATHS.find(([, known]) => known === path)?.[0];
}

/** What says something on these pages only. */
const OWN_FILTERS = [
  ['domain', ['domain']],
  ['issue', ['issue']],
  ['tab', ['issues']],
  ['order', ['issues']],
  ['query', ['issues', 'denials']],
  ['user', ['people']],
  ['against', ['fleet']],
  ['package', ['fleet']],
  ['find', ['hosts']],
] as const satisfies readonly (readonly [Filter, readonly PageName[]])[];

/** Reads path and query of an address; one of no page of ours leads to the page that says so. A domain or issue that is not named in full is looked for in its list. */
export function parseAddress(address: string): View {
  const { pathname, searchParams } = new URL(address, 'http://address');
  const filters: { [name in Filter]?: string } = {};
  for (const [name, filter] of FILTERS) {
    const value = searchParams.get(name);
    if (value !== null && value !== '' && isSensible(filter, value)) {
      filters[filter] = value;
    }
  }
  const named = pageOfPath(pathname);
  if (named === undefined) {
    return { page: 'nothing', range: parseRange(searchParams), path: pathname };
  }
  const page = pageOf(named, filters);
  for (const [filter, owners] of OWN_FILTERS) {
    if (!owners.some((owner) => owner === page)) {
      delete filters[filter];
    }
  }
  return { page, range: parseRange(searchParams), ...(filters as Omit<View, 'page' | 'range'>) };
}

function pageOf(named: PageName, filters: { readonly [name in Filter]?: string }): PageName {
  const { host, boot, domain, issue, fleet } = filters;
  switch (named) {
    case 'domain':
      return host === undefined || boot === undefined || domain === undefined ? 'domains' : named;
    case 'issue':
      return issue === undefined ? 'issues' : named;
    case 'host':
      return host === undefined ? 'hosts' : named;
    case 'fleet':
      return fleet === undefined ? 'fleets' : named;
    default:
      return named;
  }
}

function isSensible(filter: Filter, value: string): boolean {
  switch (filter) {
    case 'blockerClass':
      return isBlockerClass(value);
    case 'domain':
      return /^[0-9a-f]{1,16}$/.test(value);
    case 'status':
      return DOMAIN_STATUSES.some((status) => status === value);
    case 'has':
      return value === 'unlogged';
    case 'issue':
      return /^[a-z2-7]{26}$/.test(value);
    case 'user':
      return /^\d{1,15}$/.test(value);
    case 'tab':
      return ISSUE_TABS.some((tab) => tab === value && tab !== 'open');
    case 'order':
      return ISSUE_ORDERS.some((order) => order === value && order !== 'last_seen');
    case 'query':
      return value.length <= QUERY_LENGTH_MAX;
    default:
      return true;
  }
}

/** The address of a view; `/` alone for the default one. */
export function toAddress(view: View): string {
  const parameters = new URLSearchParams();
  if (view.range.kind === 'fixed') {
    parameters.set('from', new Date(view.range.fromMs).toISOString());
    parameters.set('to', new Date(view.range.toMs).toISOString());
  } else if (view.range.preset !== '24h') {
    parameters.set('range', view.range.preset);
  }
  for (const [name, filter] of FILTERS) {
    const value = view[filter];
    if (value !== undefined) {
      parameters.set(name, value);
    }
  }
  const search = parameters.toString();
  const path = view.page === 'nothing' ? (view.path ?? '/nothing') : PATHS[view.page];
  return search === '' ? path : `${path}?${search}`;
}

/** Another page of the same time and, but from the page of one thing, the same host and fleet. */
export function toPage(view: View, page: ListPage): View {
  const { host, fleet } = view;
  const hasPlace = !isDetail(view);
  return {
    page,
    range: view.range,
    ...(hasPlace && host !== undefined ? { host } : {}),
    ...(hasPlace && fleet !== undefined ? { fleet } : {}),
  };
}

/** Whether one thing is shown: what names it is no filter that other pages should take over. */
export function isDetail(view: View): boolean {
  return view.page === 'domain' || view.page === 'issue' || view.page === 'host' || view.page === 'fleet';
}

const LIST_OF: Readonly<Record<DetailPage, ListPage>> = {
  issue: 'issues',
  domain: 'domains',
  host: 'hosts',
  fleet: 'fleets',
};

/** The list that has the thing of the page in it; other pages themselves. Where nothing is: what its path begins with. */
export function listOf({ page, path = '' }: View): ListPage {
  if (page === 'nothing') {
    const beginning = `/${path.split('/')[1] ?? ''}`;
    const near = pageOfPath(beginning) ?? pageOfPath(`${beginning}s`) ?? 'overview';
    return listOf({ page: near, range: DEFAULT_RANGE });
  }
  return page in LIST_OF ? LIST_OF[page as DetailPage] : (page as ListPage);
}

/** Whether the page shows things whenever they happened, or has nothing to do with time. */
export function isTimeless(view: View): boolean {
  return ['domain', 'issue', 'settings', 'hosts', 'nothing'].includes(view.page);
}

/** The denials of the same time and place that a query finds. */
export function denialsView(view: View, query?: string): View {
  const of = isDetail(view) ? { host: view.host, fleet: view.fleet } : {};
  const place = Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));
  return { ...toPage(view, 'denials'), ...place, ...(query === undefined ? {} : { query }) };
}

/** The page of one host. */
export function hostView(range: TimeRange, host: string): View {
  return { page: 'host', range, host };
}

/** The page of one fleet. */
export function fleetView(range: TimeRange, fleet: string): View {
  return { page: 'fleet', range, fleet };
}

/** The page of one issue. */
export function issueView(range: TimeRange, issue: string): View {
  return { page: 'issue', range, issue };
}

/** The page of one domain. */
export function domainView(range: TimeRange, host: string, boot: string, domain: string): View {
  return { page: 'domain', range, host, boot, domain };
}

/** The view without one of its filters. */
export function without(view: View, key: Filter): View {
  const { [key]: _left, ...rest } = view;
  return rest;
}

const NOT_NARROWING: readonly Filter[] = ['denial', 'tab', 'order'];

/** Whether anything but the time narrows what a list shows. */
export function isNarrowed(view: View): boolean {
  return FILTERS.some(([, filter]) => !NOT_NARROWING.includes(filter) && view[filter] !== undefined);
}

/** Whether the two ask the server for the same numbers (the open drawer does not matter). */
export function asksTheSame(a: View, b: View): boolean {
  return toAddress(without(a, 'denial')) === toAddress(without(b, 'denial'));
}

function parseRange(parameters: URLSearchParams): TimeRange {
  const fromMs = Date.parse(parameters.get('from') ?? '');
  const toMs = Date.parse(parameters.get('to') ?? '');
  if (fromMs < toMs) {
    return { kind: 'fixed', fromMs, toMs };
  }
  const preset = parameters.get('range') ?? '';
  return spanMsOf(preset) === undefined ? DEFAULT_RANGE : { kind: 'relative', preset };
}
