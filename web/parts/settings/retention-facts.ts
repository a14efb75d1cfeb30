// What the database holds, how far back, and what has left it.
import type { Status } from '../../../src/api/schemas/status.ts';
import { el } from '../../dom/el.ts';
import { countOf, formatBytes, formatCount, formatShare } from '../../text/format-number.ts';
import { formatAgo, type TimeFormats } from '../../text/format-time.ts';
import { type Fact, factsList } from '../blocks/facts-list.ts';
import { withCode } from '../blocks/notices.ts';

const REMOVED_WORDS: Readonly<Record<string, string>> = {
  too_old: 'Refused as too old',
};

const DAYS_NAMES = [
  ['raw_days', 'Text of records'],
  ['denials_days', 'Single denials'],
  ['sandbox_calls_days', 'Calls of Landlock'],
  ['losses_days', 'Losses, malformed'],
  ['rollups_days', 'Counts by the hour'],
  ['issues_days', 'Issues dealt with'],
  ['domains_days', 'Domains that are over'],
  ['admin_acts_days', 'Audit log'],
] as const;

/** As configured. */
function limitFacts(retention: NonNullable<Status['retention']>, bytes: number): readonly Fact[] {
  const { max_bytes: bytesMax } = retention;
  return [
    [
      'Room it may take',
      bytesMax === 0 ? 'no bound' : `${formatBytes(bytesMax)}, ${formatShare(bytes, bytesMax) || '0%'} of it taken`,
    ],
    ...DAYS_NAMES.map(([key, name]): Fact => [name, keptWords(retention[key])]),
  ];
}

function keptWords(days: number): string {
  return days === 0 ? 'for good' : countOf(days, 'day');
}

export function retentionFacts(
  { database, version, started_at: startedAt, retention }: Status,
  formats: TimeFormats,
  nowMs: number,
): HTMLElement {
  const removed = database.removed.map(
    ({ kind, count, last_at: at }): Fact => [
      REMOVED_WORDS[kind] ?? `Gone: ${kind.replaceAll('_', ' ')}`,
      `${formatCount(count)}, last ${formatAgo(Date.parse(at), nowMs)}`,
    ],
  );
  const list = factsList([
    ['Server', `version ${version}, up since ${formats.short(Date.parse(startedAt), nowMs)}`],
    ['Database', database.path],
    ['Size', formatBytes(database.bytes)],
    ['Room left', database.disk_free_bytes === undefined ? undefined : formatBytes(database.disk_free_bytes)],
    ['Denials', formatCount(database.denials)],
    [
      'Oldest',
      database.oldest_denial_at === undefined ? 'none stored' : formats.full(Date.parse(database.oldest_denial_at)),
    ],
    ...removed,
  ]);
  return el(
    'div',
    { class: 'card-body stack-small' },
    list,
    retention && el('h3', {}, 'Kept how long'),
    retention && factsList(limitFacts(retention, database.bytes)),
    el(
      'p',
      { class: 'quiet' },
      ...withCode(
        'The keys `store.…` of the configuration say so (`trespass config show`); `trespass db prune` removes at once.',
      ),
    ),
  );
}
