// What the database holds, how far back, and what has left it.
import type { Status } from '../../src/api/schemas/status.ts';
import { el } from '../dom/el.ts';
import { formatBytes, formatCount } from '../text/format-number.ts';
import { formatAgo, type TimeFormats } from '../text/format-time.ts';
import { type Fact, factsList } from './facts-list.ts';
import { withCode } from './notices.ts';

const REMOVED_WORDS: Readonly<Record<string, string>> = {
  too_old: 'Refused as too old',
};

export function retentionFacts(
  { database, version, started_at: startedAt }: Status,
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
    el(
      'p',
      { class: 'quiet' },
      ...withCode(
        'How long what is kept stands in the configuration: `trespass config show` tells it, `trespass db prune` removes at once.',
      ),
    ),
  );
}
