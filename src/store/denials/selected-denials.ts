// Which denials somebody means by a domain, a program, an issue or a query, and a bounded number of them: what
// suggestions are made for.
import type { Denial } from '../../landlock/document.ts';
import type { Scope } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { type Answer, isRefused } from '../refused.ts';
import { getDenial, listDenials } from './denials.ts';

/** Denials that are looked at for one suggestion, the latest. */
export const SELECTED_MAX = 5_000;
const PAGE_ROWS = 500;

/** What can be asked for; all that is given must hold. */
export interface Selection {
  /** An event id. */
  readonly denial?: string | undefined;
  readonly issue?: string | undefined;
  /** Hexadecimal. */
  readonly domain?: string | undefined;
  /** The path of an executable; `*` stands for any text. */
  readonly program?: string | undefined;
  readonly query?: string | undefined;
}

export interface SelectedDenials {
  readonly denials: readonly Denial[];
  /** There are more, which were not looked at. */
  readonly is_cut: boolean;
}

/** As the query language takes it, whatever characters it holds. */
function term(field: string, text: string, special: RegExp): string {
  return `${field}:"${text.replace(special, '\\$&')}"`;
}

/** The query that finds what is selected, but for a single denial; undefined where nothing is asked for. */
export function queryOf({ issue, domain, program, query }: Selection): string | undefined {
  const named = [
    ...(issue === undefined ? [] : [term('issue', issue, /["\\*]/g)]),
    ...(domain === undefined ? [] : [term('domain', domain, /["\\*]/g)]),
    ...(program === undefined ? [] : [term('program', program, /["\\]/g)]),
  ];
  if (query === undefined || query.trim() === '') return named.length === 0 ? undefined : named.join(' and ');
  // A query alone stays as it is, so that a mistake is told at its own place.
  return named.length === 0 ? query : [...named, `(${query})`].join(' and ');
}

export interface SelectedRequest {
  readonly selection: Selection;
  /** Hosts and times; its query is the selection's. */
  readonly scope: Scope;
}

/** The latest denials that are selected. */
export function selectDenials(db: Database, { selection, scope }: SelectedRequest): Answer<SelectedDenials> {
  if (selection.denial !== undefined) {
    const doc = getDenial(db, selection.denial)?.doc;
    return { denials: doc?.kind === 'denial' ? [doc] : [], is_cut: false };
  }
  const query = queryOf(selection);
  const denials: Denial[] = [];
  let cursor: string | undefined;
  do {
    const page = listDenials(db, {
      scope: { ...scope, ...(query === undefined ? {} : { query }) },
      limit: PAGE_ROWS,
      cursor,
    });
    if (isRefused(page)) return page;
    denials.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && denials.length < SELECTED_MAX);
  return { denials, is_cut: cursor !== undefined };
}
