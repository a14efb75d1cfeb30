// The tables and numbers of the page of a fleet.
import type { FleetMetrics } from '../../../src/api/schemas/fleet-metrics.ts';
import { el } from '../../dom/el.ts';
import { recordPath, recordText } from '../../dom/record-text.ts';
import { type ComparedPart, comparedNumbers, rateText } from '../../state/fleet-comparison.ts';
import { lostRecords } from '../../state/lost-records.ts';
import { denialsView, toAddress, type View } from '../../state/page-address.ts';
import { termOf } from '../../state/query-terms.ts';
import { countOf, formatChange, formatCount, formatShare, formatShortCount } from '../../text/format-number.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { nothingBox } from '../blocks/answer-card.ts';
import { plainTable } from '../blocks/plain-table.ts';
import { numberTile } from '../charts/number-tile.ts';

const PARTS_SHOWN = 12;

export function fleetTiles(metrics: FleetMetrics, span: string): HTMLElement {
  const rate = metrics.per_100_host_days;
  const lost = lostRecords(metrics.lost);
  const share = metrics.unlogged_share;
  return el(
    'ul',
    { class: 'tiles', 'aria-label': 'Numbers' },
    numberTile('rate', 'Denials for 100 host-days', rate === undefined ? '–' : rateText(rate), rateNote(metrics, span)),
    numberTile(
      'denials',
      'Denials',
      formatShortCount(metrics.denials),
      formatChange(metrics.denials, metrics.before.denials, span),
    ),
    numberTile(
      'hosts',
      'Hosts affected',
      formatShortCount(metrics.hosts_affected),
      `of ${countOf(metrics.hosts_reporting, 'host')} heard of, ${formatCount(metrics.hosts_total)} in all`,
    ),
    numberTile(
      'unlogged',
      'Not logged',
      share === undefined ? '–' : formatShare(share, 1),
      share === undefined ? 'no domain has ended' : 'of denials in domains that ended',
    ),
    numberTile(
      'lost',
      'Records lost',
      formatShortCount(lost),
      lost === 0 ? 'none known' : 'numbers here are too small',
      lost > 0,
    ),
  );
}

function rateNote({ per_100_host_days: rate, host_days: days, before }: FleetMetrics, span: string): string {
  if (rate === undefined) return days === 0 ? 'no host was heard of' : 'hosts were heard of for less than a day';
  if (before.per_100_host_days !== undefined) return formatChange(rate, before.per_100_host_days, span);
  return `not known for the ${span} before`;
}

type Names = readonly [here: string, there: string];

export function numbersTable(here: FleetMetrics, there: FleetMetrics, [hereName, thereName]: Names): HTMLElement {
  return plainTable(
    `${hereName} compared with ${thereName}`,
    [
      { title: 'Number', cell: (row) => el('span', { title: row.note }, row.name) },
      { title: hereName, cell: (row) => row.here, isNumber: true },
      { title: thereName, cell: (row) => row.there, isNumber: true },
      { title: 'Change', cell: (row) => row.change, isNumber: true },
    ],
    comparedNumbers(here, there),
  );
}

export function comparedTable(
  rows: readonly ComparedPart[],
  field: 'program' | 'blocker',
  view: View,
  [hereName, thereName]: Names,
): HTMLElement {
  if (rows.length === 0) {
    return nothingBox('None in either.');
  }
  return plainTable(
    `By ${field}`,
    [
      {
        title: field === 'program' ? 'Program' : 'Blocker',
        cell: ({ value }) =>
          el(
            'a',
            {
              class: 'clip compared-name',
              href: toAddress(denialsView(view, termOf(field, value))),
              title: escapeOdd(shorten(value, 400)),
            },
            recordPath(value),
          ),
      },
      { title: hereName, cell: (row) => formatShortCount(row.here), isNumber: true },
      { title: thereName, cell: (row) => formatShortCount(row.there), isNumber: true },
      { title: 'Change', note: 'For the running time of each', cell: (row) => row.change, isNumber: true },
    ],
    rows.slice(0, PARTS_SHOWN),
  );
}

export function groupTable(title: string, rows: FleetMetrics['by_kernel']): HTMLElement {
  if (rows.length === 0) {
    return nothingBox('No host was heard of in this time.');
  }
  return plainTable(
    `By ${title}`,
    [
      { title, cell: ({ value }) => el('span', { class: 'clip compared-name' }, recordText(value)) },
      {
        title: 'Hosts',
        note: 'Affected, of those heard of',
        cell: (row) => `${formatCount(row.hosts_affected)} of ${formatCount(row.hosts_reporting)}`,
        isNumber: true,
      },
      { title: 'Denials', cell: (row) => formatShortCount(row.denials), isNumber: true },
      {
        title: 'For 100 days',
        note: 'Denials for 100 host-days',
        cell: ({ per_100_host_days: rate }) => (rate === undefined ? '–' : rateText(rate)),
        isNumber: true,
      },
    ],
    rows,
  );
}
