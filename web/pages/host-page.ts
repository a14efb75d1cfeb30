// One host: how it is, what was denied on it, and its boots.
import type { BootAnswer } from '../../src/api/schemas/boot.ts';
import type { HostDetail } from '../../src/api/schemas/host-detail.ts';
import type { Summary, TimeSeries, Top } from '../../src/api/schemas/stats.ts';
import type { UserAnswer } from '../../src/api/schemas/user.ts';
import { el, fill } from '../dom/el.ts';
import { holdsFocus } from '../dom/holds-focus.ts';
import { recordText } from '../dom/record-text.ts';
import type { Page as ListPage } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/blocks/answer-card.ts';
import { type Column, plainTable } from '../parts/blocks/plain-table.ts';
import { loadingBox, notShownBox } from '../parts/blocks/states.ts';
import { ago } from '../parts/blocks/when.ts';
import { createChartCard } from '../parts/charts/chart-card.ts';
import { topList } from '../parts/denials/value-counts-table.ts';
import { hostFacts, hostTiles, hostTitle } from '../parts/fleets/host-head.ts';
import { lostRecords } from '../state/lost-records.ts';
import { toAddress, type View } from '../state/page-address.ts';
import { scopeParameters, userParameters } from '../state/request-parameters.ts';
import { fromAnswer, type SeriesModel } from '../state/series-model.ts';
import { intervalOf } from '../state/time-range.ts';
import { withUserNames } from '../state/user-names.ts';
import { formatCount, formatShortCount } from '../text/format-number.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

const TOP_ROWS = 8;

export class HostPage extends SimplePage {
  readonly #host: Section<HostDetail> = {};
  readonly #summary: Section<Summary> = {};
  readonly #series: Section<{ readonly model: SeriesModel; readonly lost: TimeSeries['lost'] }> = {};
  readonly #programs: Section<Top> = {};
  readonly #users: Section<Top> = {};
  readonly #names: Section<readonly UserAnswer[]> = {};
  readonly #boots: Section<ListPage<BootAnswer>> = {};
  readonly #head = el('div', { class: 'domain-head' });
  readonly #chart;
  readonly #cards;
  readonly #columns: HTMLElement;
  #drawnHead = '';

  constructor(view: View, options: PageOptions) {
    super(view, options);
    const onRetry = () => this.ask();
    this.#chart = createChartCard(options.formats, options.navigate);
    this.#cards = {
      facts: createAnswerCard<HostDetail>({ title: 'What it is', what: 'The host', onRetry }),
      programs: createAnswerCard<Top>({ title: 'Programs', what: 'The programs', onRetry }),
      users: createAnswerCard<Top>({ title: 'Users', what: 'The users', onRetry }),
      boots: createAnswerCard<ListPage<BootAnswer>>({ title: 'Boots', what: 'The boots', onRetry }),
    };
    const { facts, programs, users, boots } = this.#cards;
    this.#columns = el(
      'div',
      { class: 'columns columns-top' },
      el('div', { class: 'stack' }, facts.element, boots.element),
      el('div', { class: 'stack' }, programs.element, users.element),
    );
    fill(this.element, this.#head, this.#chart.element, this.#columns);
  }

  override stop(): void {
    super.stop();
    this.#chart.destroy();
  }

  protected forget(): void {
    for (const section of [
      this.#host,
      this.#summary,
      this.#series,
      this.#programs,
      this.#users,
      this.#names,
      this.#boots,
    ]) {
      delete section.value;
      delete section.failure;
    }
  }

  protected ask(): void {
    const { view } = this;
    const path = `/hosts/${encodeURIComponent(view.host ?? '')}`;
    const scope = scopeParameters(view);
    const series = [...scope, ['interval', intervalOf(view.range)], ['group_by', 'class']] as const;
    const top = (by: string) => [...scope, ['by', by], ['limit', String(TOP_ROWS)]] as const;
    void this.load<HostDetail>(path, [], this.#host, (host) => host);
    void this.load<Summary>('/stats/summary', scope, this.#summary, (summary) => summary);
    void this.load<TimeSeries, { model: SeriesModel; lost: TimeSeries['lost'] }>(
      '/stats/timeseries',
      series,
      this.#series,
      (answer) => ({ model: fromAnswer(answer), lost: answer.lost }),
    );
    void this.load<Top>('/stats/top', top('program'), this.#programs, (one) => one);
    void this.load<Top>('/stats/top', top('user'), this.#users, (one) => one);
    void this.load<ListPage<UserAnswer>, readonly UserAnswer[]>(
      '/users',
      userParameters(view),
      this.#names,
      ({ data }) => data,
    );
    void this.load<ListPage<BootAnswer>>(`${path}/boots`, [], this.#boots, (boots) => boots);
  }

  protected draw(nowMs: number): void {
    const { view } = this;
    const seconds = Math.floor(nowMs / 10_000);
    this.#drawHead(nowMs, seconds);
    const series = this.#series.value;
    const isMissing = this.#host.failure?.kind === 'missing';
    this.#columns.hidden = isMissing;
    this.#chart.element.hidden = series === undefined || isMissing;
    if (series !== undefined) {
      this.#chart.update({ view, model: series.model, lost: series.lost });
    }
    const { facts, programs, users, boots } = this.#cards;
    facts.update(this.#host, [view, seconds], (host) => hostFacts(host, this.formats, nowMs));
    programs.update(this.#programs, view, (top) => topList(top, 'program', view));
    const names = this.#names.value;
    users.update(this.#users, [view, names], (top) => topList(withUserNames(top, names), 'user', view));
    boots.update(this.#boots, [view, seconds], ({ data }) =>
      data.length === 0 ? nothingBox('No boot is known.') : plainTable('Boots', bootColumns(view, nowMs), data),
    );
  }

  #drawHead(nowMs: number, seconds: number): void {
    const { view } = this;
    const host = this.#host.value;
    const key = JSON.stringify([this.#host, this.#summary, view, seconds]);
    if (key === this.#drawnHead || (host !== undefined && holdsFocus(this.#head))) {
      return;
    }
    this.#drawnHead = key;
    if (host === undefined) {
      const { failure } = this.#host;
      const box =
        failure === undefined ? loadingBox('the host') : notShownBox('This host', failure, view, () => this.ask());
      fill(this.#head, el('h1', {}, 'Host'), el('div', { class: 'card' }, box));
      return;
    }
    fill(this.#head, ...hostTitle(host, view), hostTiles({ host, summary: this.#summary.value, view, nowMs }));
  }
}

function bootColumns(view: View, nowMs: number): readonly Column<BootAnswer>[] {
  const domains = (boot: BootAnswer) =>
    toAddress({
      page: 'domains',
      range: view.range,
      ...(view.host === undefined ? {} : { host: view.host }),
      boot: boot.id,
    });
  return [
    {
      title: 'Boot',
      cell: (boot) =>
        el(
          'span',
          {},
          el(
            'a',
            { class: 'mono', href: domains(boot), title: 'Domains of this boot' },
            recordText(boot.id.slice(0, 8)),
          ),
          boot.current && el('span', { class: 'quiet' }, ' current'),
        ),
    },
    { title: 'First seen', cell: (boot) => ago(boot.first_seen, nowMs), isNumber: true },
    { title: 'Last seen', cell: (boot) => ago(boot.last_seen, nowMs), isNumber: true },
    {
      title: 'Domains',
      cell: ({ domains: { total, live } }) => `${formatCount(total)}${live > 0 ? `, ${formatCount(live)} live` : ''}`,
      isNumber: true,
      isExtra: true,
    },
    { title: 'Denials', cell: (boot) => formatShortCount(boot.denials), isNumber: true },
    { title: 'Not logged', cell: (boot) => formatShortCount(boot.unlogged), isNumber: true, isExtra: true },
    {
      title: 'Lost',
      cell: (boot) =>
        el('span', { class: lostRecords(boot.lost) > 0 && 'is-warning' }, formatShortCount(lostRecords(boot.lost))),
      isNumber: true,
    },
  ];
}
