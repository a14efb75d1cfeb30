// The overview: how much was refused, when, to whom, and how far these numbers may be believed. Puts the parts in
// their places and draws them, at most once a frame, from what OverviewData knows.
import type { Denial } from '../../src/api/schemas/document.ts';
import { el, fill } from '../dom/el.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { createNotices } from '../parts/blocks/notices.ts';
import { emptyBox, failedBox, loadingBox } from '../parts/blocks/states.ts';
import { createChartCard } from '../parts/charts/chart-card.ts';
import { createTiles } from '../parts/charts/tiles.ts';
import { createTopCard } from '../parts/charts/top-card.ts';
import { createNewestDenials } from '../parts/denials/newest-denials.ts';
import { createFleetsTable, createHostsTable, type PlacesTable } from '../parts/fleets/places-table.ts';
import { createHealthStrip } from '../parts/frame/health-strip.ts';
import { createRisingCard } from '../parts/issues/rising-card.ts';
import { emptyReason } from '../state/empty-reason.ts';
import { healthFacts } from '../state/health-facts.ts';
import { hostsToShow } from '../state/host-state.ts';
import { denialsView, toAddress, type View } from '../state/page-address.ts';
import { risingIssues } from '../state/rising-issues.ts';
import { barTotals } from '../state/series-model.ts';
import { noticesOf } from '../state/status-notices.ts';
import { spanWords } from '../state/time-range.ts';
import { DataPage } from './data-page.ts';
import { OverviewData } from './overview-data.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';

/** Ages ("5 min ago") and the moving end of the chart. */
const TICK_MS = 5_000;

export class OverviewPage extends DataPage<OverviewData> {
  readonly #parts;
  /** The chart and its neighbour: nothing to see while there is no denial at all. */
  readonly #chartRow: HTMLElement;

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new OverviewData(view, changes), TICK_MS);
    const { formats, navigate } = options;
    this.#parts = {
      notices: createNotices(),
      filters: createFilterPills(),
      health: createHealthStrip(),
      tiles: createTiles(formats),
      chart: createChartCard(formats, navigate),
      top: createTopCard(() => this.data.openTop(this.#parts.top.tab())),
      newest: createNewestDenials(formats, 'Newest denials', () => this.#drawDenials(true)),
      rising: createRisingCard(),
      hosts: createHostsTable(),
      fleets: createFleetsTable(),
    };
    this.#chartRow = el('div', { class: 'columns' }, this.#parts.chart.element, this.#parts.top.element);
    fill(this.element, ...layOut(this.#parts, this.#chartRow));
  }

  protected override tick(): void {
    this.data.tick(Date.now());
    super.tick();
  }

  override stop(): void {
    super.stop();
    this.#parts.chart.destroy();
  }

  /** A denial from the stream. */
  override addDenial(denial: Denial): void {
    if (this.data.add(denial, Date.now())) {
      this.drawSoon();
    }
  }

  /** Something happened that changes the sums of domains. */
  override addDomain(): void {
    this.data.recountSoon();
  }

  protected draw(): void {
    const nowMs = Date.now();
    const { view, status, summary, series, hosts, fleets } = this.data;
    const parts = this.#parts;
    parts.filters.update(view, hosts.value ?? []);
    if (status.value !== undefined) {
      parts.health.update(healthFacts(status.value, nowMs));
    }
    parts.notices.update(noticesOf(status, [summary, series, hosts, fleets, this.data.rising]));
    if (summary.value !== undefined) {
      const { extraDenials, latestMs } = this.data;
      const bars = series.value === undefined ? [] : barTotals(series.value);
      parts.tiles.update({
        view,
        summary: summary.value,
        extraDenials,
        latestMs,
        bars,
        span: spanWords(view.range),
        trends: this.data.tileTrends.value,
        online: status.value?.collectors.filter((one) => one.state === 'online').length,
        nowMs,
      });
    }
    parts.top.update({ view, summary: summary.value, top: this.data.namedTop });
    if (series.value !== undefined) {
      parts.chart.update({ view, model: series.value, lost: this.data.lost.value ?? [] });
    }
    const trends = this.data.trends.value?.points ?? new Map<string, readonly number[]>();
    const context = { view, nowMs, collectors: status.value?.collectors ?? [], trends };
    const some = hosts.value && { value: hostsToShow(hosts.value, context.collectors) };
    this.#drawPlaces(parts.hosts, some ?? hosts, 'The hosts', context);
    this.#drawPlaces(parts.fleets, fleets, 'The fleets', context);
    this.#drawRising(nowMs);
    this.#drawDenials(false);
  }

  #drawRising(nowMs: number): void {
    const { rising, view } = this.data;
    const card = this.#parts.rising;
    if (rising.value !== undefined) {
      card.update(risingIssues({ ...rising.value, range: view.range, nowMs }), view, nowMs);
    } else if (rising.failure !== undefined) {
      card.showInstead(failedBox('The issues', rising.failure, () => this.refresh()));
    } else {
      card.showInstead(loadingBox('the issues'));
    }
  }

  #drawPlaces<T>(
    table: PlacesTable<T>,
    section: Section<readonly T[]>,
    what: string,
    context: Parameters<PlacesTable<T>['update']>[1],
  ): void {
    if (section.value !== undefined) {
      table.update(section.value, context);
    } else if (section.failure !== undefined) {
      table.showInstead(failedBox(what, section.failure, () => this.refresh()));
    } else {
      table.showInstead(loadingBox(what));
    }
  }

  #drawDenials(isAsked: boolean): void {
    const nowMs = Date.now();
    const { arrivals, denials, view, status, hosts, elsewhereCount } = this.data;
    const { newest } = this.#parts;
    if (denials.value === undefined && arrivals.waitingCount === 0) {
      newest.showInstead(
        denials.failure === undefined
          ? loadingBox('the denials')
          : failedBox('The denials', denials.failure, () => this.refresh()),
      );
      return;
    }
    const mayShow = isAsked || !(newest.isHeld() || this.data.isFlooded());
    const fresh = new Set((mayShow ? arrivals.release() : []).map((denial) => denial.event.id));
    if (arrivals.shown.length === 0 && arrivals.waitingCount === 0) {
      if (status.value === undefined && status.failure === undefined) {
        newest.showInstead(loadingBox('the denials'));
        return;
      }
      const facts = {
        view,
        nowMs,
        ...(status.value === undefined ? {} : { status: status.value }),
        ...(hosts.value === undefined ? {} : { hosts: hosts.value }),
      };
      const reason = emptyReason(facts);
      this.#chartRow.hidden = reason.kind !== 'filtered' && (this.data.lost.value ?? []).length === 0;
      newest.showInstead(emptyBox(reason, view, nowMs));
      return;
    }
    this.#chartRow.hidden = false;
    newest.update({
      allHref: toAddress(denialsView(view)),
      view,
      denials: arrivals.shown,
      fresh,
      waitingCount: arrivals.waitingCount,
      elsewhereCount,
      nowMs,
    });
  }
}

interface Part {
  readonly element: HTMLElement;
}

function layOut(
  parts: Readonly<Record<'notices' | 'filters' | 'health' | 'tiles' | 'rising' | 'newest' | 'hosts' | 'fleets', Part>>,
  chartRow: HTMLElement,
): readonly HTMLElement[] {
  return [
    el('h1', { class: 'off-screen' }, 'Overview'),
    parts.notices.element,
    parts.filters.element,
    parts.health.element,
    parts.tiles.element,
    chartRow,
    parts.rising.element,
    el(
      'div',
      { class: 'columns columns-top' },
      parts.newest.element,
      el('div', { class: 'stack stack-aside' }, parts.hosts.element, parts.fleets.element),
    ),
  ];
}
