// The chart with its heading, its legend (each class with its count, a link that filters by it) and the same
// numbers as a table.

import type { LostCount } from '../../../src/api/schemas/host.ts';
import type { BlockerClass } from '../../../src/api/schemas/stats.ts';
import { el, fill } from '../../dom/el.ts';
import { BLOCKER_CLASSES, classTitle } from '../../state/blocker-class.ts';
import { lostRecords } from '../../state/lost-records.ts';
import { toAddress, type View, without } from '../../state/page-address.ts';
import {
  type BarLoss,
  barStartMs,
  barTotals,
  lossOfBars,
  type SeriesModel,
  silentHostsOfBars,
  totalOf,
} from '../../state/series-model.ts';
import { formatCount } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { formatSpan } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { bareTable, type Column } from '../blocks/plain-table.ts';
import { createLateChart } from './late-chart.ts';

export interface ChartFacts {
  readonly view: View;
  readonly model: SeriesModel;
  /** All that is missing in the range, also where the time within it is not known. */
  readonly lost: readonly LostCount[];
}

export interface ChartCard {
  readonly element: HTMLElement;
  update(facts: ChartFacts): void;
  destroy(): void;
}

/** Of the silent hosts, in a tooltip. */
const NAMES_MAX = 10;

/** A click on a class filters by it, a drag over the bars shows that time alone. */
export function createChartCard(formats: TimeFormats, navigate: (view: View) => void): ChartCard {
  const chart = createLateChart(formats, {
    onSpan: (fromMs, toMs) => facts && navigate(zoomed(facts.view, fromMs, toMs)),
    onClass: (name) => facts && navigate(withClass(facts.view, name)),
  });
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
      // Pages are drawn often; a chart is drawn when it shows something else.
      if (facts?.model === next.model && facts.view === next.view && facts.lost === next.lost) {
        return;
      }
      facts = next;
      width.textContent = `by blocker class, one bar for ${formatSpan(next.model.intervalMs)}`;
      fill(legend, ...legendItems(next));
      chart.update(next.model);
      showTable();
    },
    destroy: chart.destroy,
  };
}

function zoomed(view: View, fromMs: number, toMs: number): View {
  return { ...without(view, 'denial'), range: { kind: 'fixed', fromMs, toMs } };
}

/** Only that class; all again where it is chosen already. */
function withClass(view: View, name: BlockerClass): View {
  const rest = without(view, 'denial');
  return view.blockerClass === name ? without(rest, 'blockerClass') : { ...rest, blockerClass: name };
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
  const silent = new Map(model.silences.map(({ host, name }) => [host, name]));
  if (silent.size > 0) {
    const names = [...silent.values()].slice(0, NAMES_MAX).map((name) => escapeOdd(shorten(name, 60)));
    items.push(
      el(
        'li',
        { class: 'legend-item', title: `For longer than a heartbeat takes: ${names.join(', ')}` },
        el('span', { class: 'swatch swatch-silence' }),
        'Hosts not heard of',
        el('span', { class: 'legend-count' }, formatCount(silent.size)),
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
      href: toAddress(withClass(view, name)),
      'aria-current': isChosen && 'true',
      title: isChosen ? 'Show all classes' : `Show only ${classTitle(name)}`,
    },
    el('span', { class: 'swatch', 'data-class': name }),
    classTitle(name),
    el('span', { class: 'legend-count' }, formatCount(count)),
  );
}

/** Shows the time of one bar alone: what a drag does, for the keyboard. */
function barLink(view: View, model: SeriesModel, bar: number, formats: TimeFormats): HTMLElement {
  const fromMs = barStartMs(model, bar);
  const href = toAddress(zoomed(view, fromMs, barStartMs(model, bar + 1)));
  return el('a', { href, title: 'Show this time alone' }, formats.axis(fromMs, model.intervalMs));
}

function lossText(loss: BarLoss | undefined): string {
  if (loss?.isMissing !== true) {
    return '0';
  }
  return loss.noticed.length === 0 ? 'some' : formatCount(lostRecords(loss.noticed));
}

function dataTable({ view, model }: ChartFacts, formats: TimeFormats): HTMLElement {
  const classes = BLOCKER_CLASSES.filter((name) => totalOf(model, name) > 0);
  const lossOf = lossOfBars(model);
  const hasLoss = lossOf.some((loss) => loss.isMissing);
  const silent = silentHostsOfBars(model);
  const hasSilence = silent.some((names) => names.length > 0);
  const totals = barTotals(model);
  const bars = totals.flatMap((total, bar) =>
    total === 0 && lossOf[bar]?.isMissing !== true && (silent[bar] ?? []).length === 0 ? [] : [bar],
  );
  const number = (title: string, of: (bar: number) => string): Column<number> => ({ title, cell: of, isNumber: true });
  const columns: readonly Column<number>[] = [
    { title: 'From', cell: (bar) => barLink(view, model, bar, formats) },
    ...classes.map((name) => number(classTitle(name), (bar) => formatCount(model.points.get(name)?.[bar] ?? 0))),
    number('All', (bar) => formatCount(totals[bar] ?? 0)),
    ...(hasLoss ? [number('Records lost', (bar) => lossText(lossOf[bar]))] : []),
    ...(hasSilence ? [number('Hosts not heard of', (bar) => formatCount(silent[bar]?.length ?? 0))] : []),
  ];
  return bareTable('Denials over time by blocker class; spans without any are left out', columns, bars);
}
