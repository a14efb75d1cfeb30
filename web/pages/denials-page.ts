// All denials of a time, to be searched: bars over time, a filter bar, the top values of each field, and a table that
// grows at both ends.
import type { Denial } from '../../src/api/schemas/document.ts';
import { el, fill, setText } from '../dom/el.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { createListInstead } from '../parts/blocks/list-instead.ts';
import { createNotices } from '../parts/blocks/notices.ts';
import { createChartCard } from '../parts/charts/chart-card.ts';
import { createDenialsTable } from '../parts/denials/denials-table.ts';
import { createExportMenu } from '../parts/denials/export-menu.ts';
import { createFieldList } from '../parts/denials/field-list.ts';
import { createQueryBar } from '../parts/denials/query-bar.ts';
import { createViewsMenu } from '../parts/denials/views-menu.ts';
import { ROWS_MAX } from '../state/denial-rows.ts';
import { lostRecords } from '../state/lost-records.ts';
import type { View } from '../state/page-address.ts';
import { noticesOf } from '../state/status-notices.ts';
import { presetWords } from '../state/time-range.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import { DataPage } from './data-page.ts';
import { DenialsData } from './denials-data.ts';
import type { PageOptions } from './page.ts';

const TICK_MS = 5_000;
const NOTHING: ReadonlySet<string> = new Set();

export class DenialsPage extends DataPage<DenialsData> {
  readonly #parts;
  readonly #count = el('p', { class: 'quiet' });
  readonly #listCount = el('span', { class: 'quiet' });
  readonly #instead = createListInstead('denial', () => this.data.refresh());
  readonly #foot = createListFoot(() => this.data.loadMore());

  constructor(view: View, options: PageOptions) {
    // The data asks which fields are open, and those ask for data: either may come first.
    const fields = createFieldList(() => this.data.countOpened());
    super(options, (changes) => new DenialsData(view, changes, fields.openFields), TICK_MS);
    const { formats, navigate } = options;
    this.#parts = {
      views: createViewsMenu(),
      exports: createExportMenu(),
      query: createQueryBar(navigate),
      pills: createFilterPills(),
      notices: createNotices(),
      chart: createChartCard(formats, navigate),
      fields,
      table: createDenialsTable({
        formats,
        onRelease: () => this.draw(true),
        onEnd: () => this.data.loadMore(),
      }),
    };
    this.#layOut();
  }

  protected override tick(): void {
    this.data.tick(Date.now());
    super.tick();
  }

  override stop(): void {
    super.stop();
    this.#parts.chart.destroy();
    this.#parts.table.stop();
  }

  override addDenial(denial: Denial): void {
    if (this.data.add(denial, Date.now())) {
      this.drawSoon();
    }
  }

  #layOut(): void {
    const { views, exports, query, pills, notices, chart, fields, table } = this.#parts;
    chart.element.classList.add('chart-low');
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Denials'),
        this.#count,
        el('div', { class: 'page-tools' }, views.element, exports.element),
      ),
      el('div', { class: 'query-row' }, pills.element, query.element),
      notices.element,
      chart.element,
      el(
        'div',
        { class: 'with-fields' },
        fields.element,
        el(
          'section',
          { class: 'card denials-card', 'aria-label': 'List of denials' },
          el('div', { class: 'card-head' }, el('h2', {}, 'Newest first'), this.#listCount),
          table.element,
          this.#instead.element,
          this.#foot.element,
        ),
      ),
    );
  }

  protected draw(isAsked = false): void {
    const nowMs = Date.now();
    const { view, summary, series, status, hosts, list, namedTops: tops, extraDenials, lost } = this.data;
    const parts = this.#parts;
    parts.views.update(view);
    parts.exports.update(view);
    parts.query.update(view);
    parts.pills.update(view, hosts.value ?? []);
    const hasRows = list.rows.length > 0 || list.waitingCount > 0;
    // What the table itself says is not said twice.
    parts.notices.update(hasRows ? noticesOf(status, [summary, series, this.data.page]) : []);
    const denials = summary.value && summary.value.denials + extraDenials;
    setText(this.#count, denials === undefined ? '' : countWords(denials, view, summary.value?.lost ?? []));
    parts.fields.update({ view, tops, denials });
    parts.chart.element.hidden = series.value === undefined || denials === 0;
    if (series.value !== undefined && denials !== 0) {
      parts.chart.update({ view, model: series.value, lost: lost?.lost ?? [] });
    }
    this.#drawRows(isAsked, nowMs);
  }

  #drawRows(isAsked: boolean, nowMs: number): void {
    const { view, list, hasMore, isLoading } = this.data;
    const { table } = this.#parts;
    const hasRows = list.rows.length > 0 || list.waitingCount > 0;
    table.element.hidden = !hasRows;
    const note = list.isCut
      ? `The newest ${countOf(ROWS_MAX, 'denial')}. Filters or another time show the others.`
      : '';
    this.#foot.update({ hasMore: hasRows && hasMore, isLoading, note });
    if (!hasRows) {
      this.#drawInstead(nowMs);
      return;
    }
    this.#instead.hide();
    const mayShow = isAsked || list.rows.length === 0 || !table.isHeld();
    const fresh = mayShow && list.waitingCount > 0 ? this.data.release() : NOTHING;
    const { rows, waitingCount } = list;
    setText(this.#listCount, `${formatCount(rows.length)}${hasMore || list.isCut ? ' loaded' : ''}`);
    table.update({ view, rows, fresh, waitingCount, nowMs });
  }

  #drawInstead(nowMs: number): void {
    const { page, status, hosts, view } = this.data;
    setText(this.#listCount, '');
    this.#instead.show({
      view,
      nowMs,
      ...(status.value && { status: status.value }),
      ...(hosts.value && { hosts: hosts.value }),
      failure: page.failure,
      isWaiting: page.value === undefined || (status.value === undefined && status.failure === undefined),
    });
  }
}

function countWords(denials: number, { range }: View, lost: Parameters<typeof lostRecords>[0]): string {
  const time = range.kind === 'relative' ? `in the last ${presetWords(range.preset)}` : 'in this time';
  const missing = lostRecords(lost);
  return `${countOf(denials, 'denial')} ${time}${missing > 0 ? `; ${countOf(missing, 'record')} lost` : ''}`;
}
