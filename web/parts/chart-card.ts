// The chart with its heading, its legend (each class with its count, a link that filters by it) and the same
// numbers as a table.

import type { LostCount } from '../../src/api/schemas/host.ts';
import type { BlockerClass } from '../../src/api/schemas/stats.ts';
import { el, fill } from '../dom/el.ts';
import { BLOCKER_CLASSES, classTitle } from '../state/blocker-class.ts';
import { lostRecords } from '../state/lost-records.ts';
import { toAddress, type View, without } from '../state/page-address.ts';
import { barStartMs, barTotals, type LossSpan, lossOfBars, type SeriesModel, totalOf } from '../state/series-model.ts';
import { formatCount } from '../text/format-number.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { formatSpan } from '../text/format-time.ts';
import { createDenialsChart } from './denials-chart.ts';

export interface ChartFacts {
  readonly view: View;
  readonly model: SeriesModel;
  /** Spans of time in which records are missing, where that is known. */
  readonly losses: readonly LossSpan[];
  /** All that is missing in the range, also where the time within it is not known. */
  readonly lost: readonly LostCount[];
}

export interface ChartCard {
  readonly element: HTMLElement;
  update(facts: ChartFacts): void;
  destroy(): void;
}

export function createChartCard(formats: TimeFormats, onBarClick: (fromMs: number, toMs: number) => void): ChartCard {
  const chart = createDenialsChart(formats, onBarClick);
  const legend = el('ul', { class: 'legend', 'aria-label': 'Blocker classes' });
  const width = el('span', { class: 'quiet' });
  const tableBox = el('div', {
    class: 'table-box',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Table of denials over time',
  });
  const details = el('details', { class: 'data-table' }, el('summary', {}, 'Show as a table'), tableBox);
  let facts: ChartFacts | undefined;
  const showTable = (): void => {
    if (details.open && facts !== undefined) {
      fill(tableBox, dataTable(facts, formats));
    }
  };
  details.addEventListener('toggle', showTable);
  return {
    element: el(
      'section',
      { class: 'card chart-card', 'aria-label': 'Denials over time' },
      el('div', { class: 'card-head' }, el('h2', {}, 'Denials over time'), width),
      el('div', { class: 'card-body' }, legend, chart.element),
      details,
    ),
    update(next) {
      facts = next;
      width.textContent = `by blocker class, one bar for ${formatSpan(next.model.intervalMs)}`;
      fill(legend, ...legendItems(next));
      chart.update(next.model, next.losses);
      showTable();
    },
    destroy: chart.destroy,
  };
}

function legendItems({ view, model, lost }: ChartFacts): readonly HTMLElement[] {
  const items = BLOCKER_CLASSES.filter((name) => totalOf(model, name) > 0 || view.blockerClass === name).map((name) =>
    el('li', {}, classLink(view, name, totalOf(model, name))),
  );
  const missing = lostRecords(lost);
  if (missing > 0) {
    const causes = lost.map((one) => `${one.cause}: ${formatCount(one.count)}`).join(', ');
    items.push(
      el(
        'li',
        { class: 'legend-item', title: causes },
        el('span', { class: 'swatch swatch-loss' }),
        'Records lost',
        el('span', { class: 'legend-count' }, formatCount(missing)),
      ),
    );
  }
  return items;
}

function classLink(view: View, name: BlockerClass, count: number): HTMLElement {
  const isChosen = view.blockerClass === name;
  return el(
    'a',
    {
      class: 'legend-item',
      href: toAddress(isChosen ? without(view, 'blockerClass') : { ...view, blockerClass: name }),
      'aria-current': isChosen && 'true',
      title: isChosen ? 'Show all classes' : `Show only ${classTitle(name)}`,
    },
    el('span', { class: 'swatch', 'data-class': name }),
    classTitle(name),
    el('span', { class: 'legend-count' }, formatCount(count)),
  );
}

function dataTable({ model, losses }: ChartFacts, formats: TimeFormats): HTMLElement {
  const classes = BLOCKER_CLASSES.filter((name) => totalOf(model, name) > 0);
  const lossOf = lossOfBars(model, losses);
  const hasLoss = lossOf.some((loss) => loss > 0);
  const totals = barTotals(model);
  const rows = totals.flatMap((total, bar) =>
    total === 0 && (lossOf[bar] ?? 0) === 0
      ? []
      : [
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, formats.axis(barStartMs(model, bar), model.intervalMs)),
            ...classes.map((name) => el('td', { class: 'number' }, formatCount(model.points.get(name)?.[bar] ?? 0))),
            el('td', { class: 'number' }, formatCount(total)),
            hasLoss && el('td', { class: 'number' }, formatCount(lossOf[bar] ?? 0)),
          ),
        ],
  );
  return el(
    'table',
    { class: 'table' },
    el('caption', { class: 'off-screen' }, 'Denials over time by blocker class; spans without any are left out'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'From'),
        ...classes.map((name) => el('th', { scope: 'col', class: 'number' }, classTitle(name))),
        el('th', { scope: 'col', class: 'number' }, 'All'),
        hasLoss && el('th', { scope: 'col', class: 'number' }, 'Records lost'),
      ),
    ),
    el('tbody', {}, ...rows),
  );
}
