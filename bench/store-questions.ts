// What the store's benchmark asks: the questions of the dashboard and of its users, by name. All of the 30 days of
// generate-denials.ts, so that the answers are the same in each run.
import type { SeriesKey, TopKey } from '../src/store/answers.ts';
import type { Database } from '../src/store/database/open.ts';
import { READERS } from '../src/store/reader-table.ts';
import { isRefused } from '../src/store/refused.ts';
import { END_MS, nameOf, START_MS } from './generate-denials.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAGE = 100;
/** Those that most people ask of a time series and of a top list. */
const SERIES: readonly SeriesKey[] = ['class', 'blocker', 'program', 'host', 'fleet', 'issue'];
const TOPS: readonly TopKey[] = ['program', 'host', 'issue', 'blocker'];

const span = { fromMs: START_MS, toMs: END_MS };
const program = `/usr/lib/apps/${nameOf(3)}/bin/${nameOf(3)}`;
const rareProgram = `/usr/lib/apps/${nameOf(399)}/bin/${nameOf(399)}`;

export type Question = (db: Database) => unknown;

function lastDays(days: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: END_MS - days * DAY_MS, toMs: END_MS };
}

function denials(query: string, scope: object = {}): Question {
  return (db) => READERS.listDenials(db, { scope: { ...scope, query }, limit: PAGE });
}

/** The tenth page: its time is that of the ten together. */
function tenPages(ask: (db: Database, cursor: { readonly cursor?: string }) => unknown): Question {
  return (db) => {
    let cursor: string | undefined;
    for (let page = 0; page < 10; page++) {
      const answer = ask(db, cursor === undefined ? {} : { cursor }) as { next_cursor?: string | null };
      if (isRefused(answer)) return answer;
      cursor = answer.next_cursor ?? undefined;
      if (cursor === undefined) throw new Error('there are no ten pages');
    }
    return cursor;
  };
}

export const QUESTIONS: Readonly<Record<string, Question>> = {
  'overview, 24 hours': (db) => READERS.summary(db, { scope: lastDays(1) }),
  'overview, 7 days': (db) => READERS.summary(db, { scope: lastDays(7) }),
  'overview, 30 days': (db) => READERS.summary(db, { scope: span }),
  'trends of the overview, 24 hours': (db) => READERS.trends(db, { scope: lastDays(1) }),
  'trends of the overview, 30 days': (db) => READERS.trends(db, { scope: span }),
  ...Object.fromEntries(
    SERIES.map((groupBy): [string, Question] => [
      `time series by ${groupBy}, 30 days`,
      (db) => READERS.timeSeries(db, { scope: span, intervalMs: 6 * HOUR_MS, groupBy }),
    ]),
  ),
  ...Object.fromEntries(
    TOPS.map((by): [string, Question] => [`top ${by}s, 30 days`, (db) => READERS.topValues(db, { scope: span, by })]),
  ),
  'heatmap, 30 days': (db) => READERS.heatmap(db, { scope: span }),
  'issues, first page': (db) => READERS.listIssues(db, { scope: {}, limit: PAGE }),
  'issues, first page with trends': (db) => READERS.listIssues(db, { scope: {}, withTrend: true, limit: PAGE }),
  'issues by denials': (db) => READERS.listIssues(db, { scope: {}, sort: 'denials', limit: PAGE }),
  'issues, ten pages': tenPages((db, cursor) => READERS.listIssues(db, { scope: {}, limit: PAGE, ...cursor })),
  'issues of a host': (db) => READERS.listIssues(db, { scope: { host: 'web-20' }, limit: PAGE }),
  'denials, first page': (db) => READERS.listDenials(db, { scope: {}, limit: PAGE }),
  'denials, ten pages': tenPages((db, cursor) => READERS.listDenials(db, { scope: {}, limit: PAGE, ...cursor })),
  'denials of a host': (db) => READERS.listDenials(db, { scope: { host: 'web-20' }, limit: PAGE }),
  'denials of a rare host': (db) => READERS.listDenials(db, { scope: { host: 'web-1990' }, limit: PAGE }),
  'host and program': denials(`program:"${program}"`, { host: 'web-20' }),
  'frequent program': denials(`program:"${program}"`),
  'rare program': denials(`program:"${rareProgram}"`),
  'one path': denials(`path:"/srv/${nameOf(41)}/${nameOf(40)}/${nameOf(40 * 7 + 41)}.conf"`),
  'path prefix': denials(`path:"/srv/${nameOf(40)}/*"`),
  'rare path prefix': denials(`path:"/srv/${nameOf(399)}/*"`),
  'part of a path': denials(`path:*${nameOf(40 * 7 + 41)}*`),
  'part of a rare path': denials(`path:*${nameOf(70 * 7 + 390)}*`),
  'part of no path': denials('path:*nowhere*'),
  'free text': denials(nameOf(40 * 7 + 41)),
  'free text found nowhere': denials('nowhere'),
  'user and minute': denials('uid:1003', { fromMs: END_MS - 600_000, toMs: END_MS - 540_000 }),
  'fleet metrics, 30 days': (db) => READERS.fleetMetrics(db, { fleet: 'default', scope: span }),
  'users, 30 days': (db) => READERS.listUsers(db, { scope: span, limit: PAGE }),
  'users, 24 hours': (db) => READERS.listUsers(db, { scope: lastDays(1), limit: PAGE }),
  'programs, 30 days': (db) => READERS.listPrograms(db, { scope: span, sort: 'denials', limit: PAGE }),
  'programs, 24 hours': (db) => READERS.listPrograms(db, { scope: lastDays(1), sort: 'denials', limit: PAGE }),
  'hosts, first page': (db) => READERS.listHosts(db, { scope: {}, limit: PAGE }),
  'hosts by denials': (db) => READERS.listHosts(db, { scope: {}, sort: 'denials', limit: PAGE }),
  'domains, first page': (db) => READERS.listDomains(db, { scope: {}, limit: PAGE }),
  'domains that are live': (db) => READERS.listDomains(db, { scope: {}, filter: { status: 'live' }, limit: PAGE }),
};
