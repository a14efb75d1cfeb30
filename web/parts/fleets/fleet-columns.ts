// What a line of a table of fleets says.
import type { FleetAnswer } from '../../../src/api/schemas/host.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { fleetView, toAddress, type View } from '../../state/page-address.ts';
import { formatShortCount } from '../../text/format-number.ts';
import type { Column } from '../blocks/plain-table.ts';
import { ago } from '../blocks/when.ts';
import { sparkline } from '../charts/sparkline.ts';

export function fleetColumns(
  view: View,
  trends: ReadonlyMap<string, readonly number[]>,
  nowMs: number,
): readonly Column<FleetAnswer>[] {
  return [
    {
      title: 'Fleet',
      cell: ({ name }) =>
        el('a', { class: 'row-link clip', href: toAddress(fleetView(view.range, name)) }, recordText(name)),
    },
    { title: 'Hosts', cell: ({ hosts }) => formatShortCount(hosts), isNumber: true },
    {
      title: 'In this time',
      note: 'Denials over the time that is shown',
      cell: ({ name }) => trendCell(trends.get(name) ?? []),
      isNumber: true,
    },
    { title: 'Ever', cell: ({ denials }) => formatShortCount(denials), isNumber: true, isExtra: true },
    { title: 'Not logged', cell: ({ unlogged }) => formatShortCount(unlogged), isNumber: true, isExtra: true },
    { title: 'Latest', cell: (fleet) => ago(fleet.last_denial_at, nowMs, 'none'), isNumber: true },
  ];
}

/** The shape of the bars, and their sum. */
export function trendCell(points: readonly number[]): HTMLElement {
  const sum = points.reduce((all, one) => all + one, 0);
  return el(
    'span',
    { class: 'trend-cell' },
    sum > 0 && sparkline(points),
    el('span', { class: 'trend-sum' }, formatShortCount(sum)),
  );
}
